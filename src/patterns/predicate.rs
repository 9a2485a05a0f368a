//! What may hold for a reviewed text or label before anybody corrects it: the left side of a rule.

use serde::Serialize;
use serde_json::Value;

/// Values of metadata that are longer say nothing that others say too.
const LONGEST_VALUE: usize = 64;

/// One thing that holds for a review, known before the correction is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "predicate", rename_all = "snake_case")]
pub enum Predicate {
    /// The machine's guess was this label.
    Guess {
        /// The label.
        value: String,
    },
    /// The text has this word (or mark).
    Word {
        /// The word as the rules write it: see `docs/patterns.md`.
        value: String,
    },
    /// The text has these two words, one after the other, parted by a blank here.
    Words {
        /// The words.
        value: String,
    },
    /// The text starts with this word, letter case and all.
    Starts {
        /// The word.
        value: String,
    },
    /// The text's first letter is a small one.
    StartsSmall,
    /// The text ends without a mark.
    EndsBare,
    /// A field of the item's metadata, or of the correction's context (`context.channel`), has this value.
    Field {
        /// The field.
        name: String,
        /// The value.
        value: String,
    },
    /// This model or person wrote the text, or made the guess.
    Source {
        /// Who.
        value: String,
    },
    /// It was judged under this guideline version.
    Guideline {
        /// `name@version`.
        value: String,
    },
    /// How many words the text has.
    Length {
        /// The bin: `10-19`, `80+`.
        value: String,
    },
    /// How sure the machine was of its guess.
    Confidence {
        /// The bin: `0.6-0.7`.
        value: String,
    },
    /// This labeler reviews.
    Labeler {
        /// Who.
        value: String,
    },
}

impl Predicate {
    /// Returns how readily it is named where several predicates say the same: lower is better. What stands in the text
    /// comes first, who happened to review last.
    pub fn rank(&self) -> u32 {
        match self {
            Self::Guess { .. } | Self::Word { .. } => 0,
            Self::Words { .. } => 1,
            Self::Starts { .. } | Self::StartsSmall | Self::EndsBare | Self::Field { .. } => 2,
            Self::Source { .. } | Self::Guideline { .. } => 3,
            Self::Length { .. } | Self::Confidence { .. } => 4,
            Self::Labeler { .. } => 5,
        }
    }

    /// Returns it as people read it: `the text has` and its value are one phrase, the value apart so that it can be marked
    /// as text that came from data. Some have no value.
    pub fn phrase(&self) -> (String, Option<&str>) {
        let (phrase, value) = match self {
            Self::Field { name, value } => return (format!("{name} is"), Some(value)),
            Self::StartsSmall => ("the text starts with a small letter", None),
            Self::EndsBare => ("the text ends without a mark", None),
            Self::Guess { value } => ("the guess is", Some(value.as_str())),
            Self::Word { value } | Self::Words { value } => ("the text has", Some(value.as_str())),
            Self::Starts { value } => ("the text starts with", Some(value.as_str())),
            Self::Source { value } => ("it comes from", Some(value.as_str())),
            Self::Guideline { value } => ("the guideline is", Some(value.as_str())),
            Self::Length { value } => ("the number of words is", Some(value.as_str())),
            Self::Confidence { value } => ("the machine's confidence is", Some(value.as_str())),
            Self::Labeler { value } => ("the reviewer is", Some(value.as_str())),
        };
        (phrase.to_owned(), value)
    }

    /// Returns the fields of a JSON object whose values are short texts, numbers or truth values, their names after `prefix`.
    pub fn fields(prefix: &str, json: &str) -> Vec<Self> {
        let Ok(Value::Object(object)) = serde_json::from_str(json) else { return Vec::new() };
        let field = |(name, value): (String, Value)| {
            let value = match value {
                Value::String(text) => text,
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                _ => return None,
            };
            let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
            (value.len() <= LONGEST_VALUE).then_some(Self::Field { name, value })
        };
        object.into_iter().filter_map(field).collect()
    }

    /// Returns the bin of a number of words.
    pub(super) fn length_bin(words: usize) -> &'static str {
        match words {
            0..=4 => "0-4",
            5..=9 => "5-9",
            10..=19 => "10-19",
            20..=39 => "20-39",
            40..=79 => "40-79",
            _ => "80+",
        }
    }

    /// Returns the bin of a confidence from 0 to 1.
    pub(super) fn confidence_bin(confidence: f32) -> &'static str {
        const BINS: [&str; 10] = [
            "0.0-0.1", "0.1-0.2", "0.2-0.3", "0.3-0.4", "0.4-0.5", "0.5-0.6", "0.6-0.7", "0.7-0.8",
            "0.8-0.9", "0.9-1.0",
        ];
        BINS[((confidence * 10.0) as usize).min(9)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_take_their_lower_end_and_the_last_one_both() {
        assert_eq!([0, 4, 5, 79, 80].map(Predicate::length_bin), ["0-4", "0-4", "5-9", "40-79", "80+"]);
        let bins = [0.0, 0.1, 0.55, 0.9, 1.0].map(Predicate::confidence_bin);
        assert_eq!(bins, ["0.0-0.1", "0.1-0.2", "0.5-0.6", "0.9-1.0", "0.9-1.0"]);
    }
}
