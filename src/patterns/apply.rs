//! Rules on what nobody reviewed yet: which fire, and what they would change.

use std::collections::BTreeSet;

use serde::Serialize;

use super::predicate::Predicate;
use super::report::RuleReport;
use super::tokens::each_token;
use crate::edit::{Word, WordKind, words};

/// A text or a guess that nobody reviewed yet, and what is known of it.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// Its text, if it has one.
    pub text: Option<String>,
    /// The machine's guess, of tasks of labels.
    pub guess: Option<String>,
    /// Who wrote the text, or made the guess.
    pub source: Option<String>,
    /// How sure the machine was, 0 to 1.
    pub confidence: Option<f32>,
    /// The guideline version in force.
    pub guideline: Option<String>,
    /// The item's metadata, a JSON object.
    pub metadata: Option<String>,
}

/// A rule that fires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fired {
    /// The rule.
    pub id: String,
    /// What it wants.
    pub action: String,
    /// The text or label with that done; null where the rule does not say where to do it.
    pub result: Option<String>,
}

impl Input {
    /// Returns all that holds.
    fn predicates(&self) -> BTreeSet<Predicate> {
        let mut held = BTreeSet::new();
        if let Some(text) = &self.text {
            let (mut last, mut length) = (String::new(), 0);
            let ends = each_token(text, |word| {
                if length > 0 {
                    held.insert(Predicate::Words { value: format!("{last} {word}") });
                }
                held.insert(Predicate::Word { value: word.to_owned() });
                word.clone_into(&mut last);
                length += 1;
            });
            held.extend(ends);
            held.insert(Predicate::Length { value: Predicate::length_bin(length).to_owned() });
        }
        let value = |value: &Option<String>, of: fn(String) -> Predicate| value.clone().map(of);
        held.extend(value(&self.guess, |value| Predicate::Guess { value }));
        held.extend(value(&self.source, |value| Predicate::Source { value }));
        held.extend(value(&self.guideline, |value| Predicate::Guideline { value }));
        let bin = self.confidence.map(Predicate::confidence_bin);
        held.extend(bin.map(|bin| Predicate::Confidence { value: bin.to_owned() }));
        held.extend(self.metadata.iter().flat_map(|metadata| Predicate::fields("", metadata)));
        held
    }
}

/// Returns those of `rules` that fire on `input`, in their order.
pub fn fire(rules: &[RuleReport], input: &Input) -> Vec<Fired> {
    let held = input.predicates();
    let fires = |rule: &&RuleReport| rule.when.iter().all(|predicate| held.contains(predicate));
    let told = |rule: &RuleReport| Fired {
        id: rule.id.clone(),
        action: rule.action.clone(),
        result: result(rule, input),
    };
    rules.iter().filter(fires).map(told).collect()
}

/// Returns what the rule makes of the input, where it says so.
fn result(rule: &RuleReport, input: &Input) -> Option<String> {
    let change = &rule.change;
    match change.kind {
        "label" => change.becomes.clone(),
        "capitalise" => capitalised(input.text.as_deref()?),
        // Beside marks the white space itself is the point: it is replaced as it stands.
        "whitespace" if !change.instead_of.as_deref()?.contains(char::is_alphanumeric) => {
            let (text, from) = (input.text.as_deref()?, change.instead_of.as_deref()?);
            text.contains(from).then(|| text.replace(from, change.becomes.as_deref().unwrap_or_default()))
        }
        "replace" | "delete" | "case" | "number" | "whitespace" => {
            let becomes = change.becomes.as_deref().unwrap_or_default();
            replaced(input.text.as_deref()?, change.instead_of.as_deref()?, becomes, change.kind == "case")
        }
        _ => None,
    }
}

/// Returns `text` with its first letter a capital.
fn capitalised(text: &str) -> Option<String> {
    let (at, first) = text.char_indices().find(|(_, c)| c.is_alphabetic())?;
    let capital: String = first.to_uppercase().collect();
    Some(format!("{}{capital}{}", &text[..at], &text[at + first.len_utf8()..]))
}

/// Returns `text` with its words `from` replaced by `to` wherever they stand; none where they do not stand in it. A first
/// letter that was a capital stays one; of words that are left out, so is the white space before them.
fn replaced(text: &str, from: &str, to: &str, case_counts: bool) -> Option<String> {
    let said = |text: &str| -> Vec<Word> {
        words(text).into_iter().filter(|word| word.kind != WordKind::Space).collect()
    };
    let (words, wanted) = (said(text), said(from));
    let same = |word: &Word, wanted: &Word| {
        let (word, wanted) = (&text[word.range.clone()], &from[wanted.range.clone()]);
        word == wanted || (!case_counts && word.to_lowercase() == wanted.to_lowercase())
    };
    let (mut out, mut next, mut at) = (String::new(), 0, 0);
    while !wanted.is_empty() && at + wanted.len() <= words.len() {
        let here = &words[at..at + wanted.len()];
        if !here.iter().zip(&wanted).all(|(word, wanted)| same(word, wanted)) {
            at += 1;
            continue;
        }
        let kept = &text[next..here[0].range.start];
        out.push_str(if to.is_empty() { kept.trim_end() } else { kept });
        let capital = text[here[0].range.clone()].starts_with(char::is_uppercase) && !case_counts;
        let mut letters = to.chars();
        match letters.next().filter(|_| capital) {
            Some(first) => out.extend(first.to_uppercase().chain(letters)),
            None => out.push_str(to),
        }
        next = here[here.len() - 1].range.end;
        at += wanted.len();
    }
    let rest = if out.is_empty() && to.is_empty() { text[next..].trim_start() } else { &text[next..] };
    (next > 0).then(|| out + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_replaced_where_they_stand() {
        let of = |text, from, to| replaced(text, from, to, false);
        assert_eq!(
            of("Alot of us like it alot.", "alot", "a lot").as_deref(),
            Some("A lot of us like it a lot.")
        );
        assert_eq!(of("We discuss about it", "about", "").as_deref(), Some("We discuss it"));
        assert_eq!(of("About it we know.", "about", "").as_deref(), Some("it we know."));
        assert_eq!(of("We can not go", "can not", "cannot").as_deref(), Some("We cannot go"));
        assert_eq!(of("nothing of it", "alot", "a lot"), None);
        assert_eq!(replaced("i know I am", "i", "I", true).as_deref(), Some("I know I am"));
        assert_eq!(of("", "a", "b"), None);
        assert_eq!(capitalised("\"élan").as_deref(), Some("\"Élan"));
        assert_eq!(capitalised("…"), None);
    }

    #[test]
    fn all_that_is_known_of_an_input_holds() {
        let input = Input {
            text: Some("So i go".into()),
            guess: Some("positive".into()),
            confidence: Some(0.61),
            metadata: Some(r#"{"channel":"email"}"#.into()),
            ..Input::default()
        };
        let held = input.predicates();
        for predicate in [
            Predicate::Word { value: "so".into() },
            Predicate::Words { value: "so i".into() },
            Predicate::Starts { value: "So".into() },
            Predicate::EndsBare,
            Predicate::Length { value: "0-4".into() },
            Predicate::Guess { value: "positive".into() },
            Predicate::Confidence { value: "0.6-0.7".into() },
            Predicate::Field { name: "channel".into(), value: "email".into() },
        ] {
            assert!(held.contains(&predicate), "{predicate:?}");
        }
        assert_eq!(held.len(), 3 + 2 + 2 + 1 + 1 + 1 + 1);
    }
}
