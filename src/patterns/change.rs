//! What people do to a text or a label: the right side of a rule.

use serde::Serialize;

use crate::edit::{
    EditKind, ToneShift, Word, WordKind, Wording, edits, length_ratio, tone_shift, wording, words,
};

/// From this share of the original's length down a text was over-verbose.
const OVER_VERBOSE: f64 = 0.7;
/// From this share up it was under-detailed.
const UNDER_DETAILED: f64 = 1.5;
/// An insertion of so many words adds something, wherever it stands.
const ADDS: usize = 3;

/// One thing done to what was reviewed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// An edit of these words.
    Edit(Wording),
    /// The text's first letter, a small one, became a capital.
    Capitalise,
    /// Another label.
    Label {
        /// The guess.
        from: String,
        /// What a person said.
        to: String,
    },
    /// Whatever the words, the text became much shorter: it was over-verbose.
    Shorten,
    /// Whatever the words, the text became much longer: it was under-detailed.
    Lengthen,
    /// Words were added there.
    Add(Place),
    /// The tone moved.
    Tone(ToneShift),
    /// It was rejected, with nothing in its place.
    Reject,
}

/// Where in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Before its first word.
    Start,
    /// Between two words.
    Within,
    /// After its last word.
    End,
}

impl Place {
    fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Within => "within",
            Self::End => "end",
        }
    }
}

/// A change as reports have it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Told {
    /// `capitalise`, `replace`, `insert`, `delete`, `case`, `punctuation`, `number`, `whitespace`, `move`, `rewrite`, `label`, `length`,
    /// `addition`, `tone` or `verdict`.
    pub kind: &'static str,
    /// What stood there; null where nothing did, or any words.
    pub instead_of: Option<String>,
    /// What is wanted: the words or label to write, or what to do where it is none.
    pub becomes: Option<String>,
}

impl Change {
    /// Returns what it does, in an imperative, and the text it writes or takes out, if any.
    pub fn phrase(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Edit(wording) => match wording.kind {
                EditKind::Insert => ("insert", Some(&wording.becomes)),
                EditKind::Delete => ("leave out", Some(&wording.instead_of)),
                EditKind::Move => ("move", Some(&wording.becomes)),
                EditKind::Rewrite => ("write it anew", None),
                EditKind::Punctuation if wording.instead_of.is_empty() => ("insert", Some(&wording.becomes)),
                EditKind::Punctuation if wording.becomes.is_empty() => {
                    ("leave out", Some(&wording.instead_of))
                }
                EditKind::Whitespace if wording.becomes.trim().is_empty() => ("mend the white space", None),
                EditKind::Whitespace if !wording.becomes.contains(char::is_alphanumeric) => {
                    ("mend the white space: write", Some(&wording.becomes))
                }
                _ => ("write", Some(&wording.becomes)),
            },
            Self::Capitalise => ("start with a capital", None),
            Self::Label { to, .. } => ("answer", Some(to)),
            Self::Shorten => ("shorten it: at most 0.7 of its length", None),
            Self::Lengthen => ("say more: at least 1.5 times its length", None),
            Self::Add(Place::Start) => ("add some words before it", None),
            Self::Add(Place::Within) => ("add some words in it", None),
            Self::Add(Place::End) => ("add some words after it", None),
            Self::Tone(shift) => (tone_phrase(*shift), None),
            Self::Reject => ("reject it", None),
        }
    }

    /// Returns it as reports have it.
    pub fn told(&self) -> Told {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (kind, instead_of, becomes) = match self {
            Self::Edit(wording) => (wording.kind.as_str(), text(&wording.instead_of), text(&wording.becomes)),
            Self::Capitalise => ("capitalise", None, None),
            Self::Label { from, to } => ("label", text(from), text(to)),
            Self::Shorten => ("length", None, text("shorter")),
            Self::Lengthen => ("length", None, text("longer")),
            Self::Add(place) => ("addition", None, text(place.as_str())),
            Self::Tone(shift) => ("tone", None, text(shift.as_str())),
            Self::Reject => ("verdict", None, text("rejected")),
        };
        Told { kind, instead_of, becomes }
    }
}

fn tone_phrase(shift: ToneShift) -> &'static str {
    match shift {
        ToneShift::MoreFormal => "make it more formal",
        ToneShift::MoreCasual => "make it more casual",
        ToneShift::MorePolite => "make it more polite",
        ToneShift::LessPolite => "make it less polite",
        ToneShift::MoreHedged => "hedge it more",
        ToneShift::LessHedged => "hedge it less",
        ToneShift::MoreBlunt => "make it more blunt",
        ToneShift::LessBlunt => "make it less blunt",
    }
}

/// Returns all that was done to `original`; nothing where the texts are equal.
pub(super) fn changes(original: &str, corrected: &str) -> Vec<Change> {
    if original == corrected {
        return Vec::new();
    }
    let mut changes = Vec::new();
    for edit in edits(original, corrected) {
        let added = words(&corrected[edit.after.clone()]);
        let said = |word: &&Word| matches!(word.kind, WordKind::Word | WordKind::Number);
        if edit.kind == EditKind::Insert && added.iter().filter(said).count() >= ADDS {
            let first = original[..edit.before.start].trim().is_empty();
            let last = original[edit.before.end..].trim().is_empty();
            changes.push(Change::Add(match (first, last) {
                (true, _) => Place::Start,
                (_, true) => Place::End,
                _ => Place::Within,
            }));
        }
        let (before, after) = (&original[edit.before.clone()], &corrected[edit.after.clone()]);
        let first = !original[..edit.before.start].contains(char::is_alphanumeric);
        let capital = before.starts_with(char::is_lowercase) && after.starts_with(char::is_uppercase);
        changes.push(match edit.kind {
            EditKind::Case if first && capital => Change::Capitalise,
            _ => Change::Edit(wording(&edit, original, corrected)),
        });
    }
    match length_ratio(original, corrected) {
        Some(ratio) if ratio < OVER_VERBOSE => changes.push(Change::Shorten),
        Some(ratio) if ratio > UNDER_DETAILED => changes.push(Change::Lengthen),
        _ => {}
    }
    changes.extend(tone_shift(original, corrected).into_iter().map(Change::Tone));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_by_its_edits_its_length_and_what_was_added() {
        assert!(changes("the same", "the same").is_empty());
        let told = |original, corrected| {
            changes(original, corrected).iter().map(Change::told).map(|told| told.kind).collect::<Vec<_>>()
        };
        assert_eq!(told("He go home", "He went home"), ["replace"]);
        assert_eq!(told("so i go", "So I go"), ["capitalise", "case"]);
        assert_eq!(told("It works", "It works on my machine too"), ["addition", "insert", "length"]);
        let shorter = told("It is what it is and nothing else at all", "It is");
        assert!(shorter.contains(&"length") && shorter.contains(&"delete"), "{shorter:?}");
    }
}
