//! The words of a text as rules name them.
//!
//! Letter case counts, for `i` and `english` are mistakes and `I` and `English` are none; but the first word of a
//! sentence is in lower case, unless all of it is capital (`I`, `USA`), so that it is one word with itself elsewhere.

use super::predicate::Predicate;
use crate::base::text::nfc;
use crate::edit::{WordKind, words};

/// Calls `each` with every word and mark of `text`, in NFC, in order. Returns what holds at its ends: its first word, as it
/// stands there; that it starts small; that its last token is no mark.
pub(super) fn each_token(text: &str, mut each: impl FnMut(&str)) -> Vec<Predicate> {
    let (mut starts, mut ends_bare) = (true, false);
    let (mut lower, mut held) = (String::new(), Vec::new());
    for word in words(text) {
        if word.kind == WordKind::Space {
            continue;
        }
        let token = nfc(&text[word.range]);
        ends_bare = word.kind != WordKind::Punctuation;
        if held.is_empty() && word.kind == WordKind::Word {
            held.push(Predicate::Starts { value: token.clone().into_owned() });
        }
        if starts && word.kind == WordKind::Word && token.chars().any(char::is_lowercase) {
            lower.clear();
            lower.extend(token.chars().flat_map(char::to_lowercase));
            each(&lower);
        } else {
            each(&token);
        }
        starts = ends_sentence(&token) || (starts && word.kind == WordKind::Punctuation);
    }
    if let Some(Predicate::Starts { value }) = held.first()
        && value.starts_with(char::is_lowercase)
    {
        held.push(Predicate::StartsSmall);
    }
    if ends_bare {
        held.push(Predicate::EndsBare);
    }
    held
}

fn ends_sentence(token: &str) -> bool {
    token.chars().all(|c| matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        let mut tokens = Vec::new();
        each_token(text, |token| tokens.push(token.to_owned()));
        tokens
    }

    #[test]
    fn a_sentence_begins_in_lower_case_and_case_counts_elsewhere() {
        assert_eq!(
            tokens("Alot of English . \"The USA\"! I know i am"),
            ["alot", "of", "English", ".", "\"", "the", "USA", "\"", "!", "I", "know", "i", "am"]
        );
        assert_eq!(tokens("冰箱里"), ["冰", "箱", "里"]);
        assert_eq!(tokens("cafe\u{301}"), ["café"]);
        assert!(tokens(" \n").is_empty());
        let starts = |value: &str| Predicate::Starts { value: value.to_owned() };
        let at_the_ends = |text| each_token(text, |_| {});
        assert_eq!(at_the_ends("¿Qué tal"), [starts("Qué"), Predicate::EndsBare]);
        assert_eq!(at_the_ends("so it is ."), [starts("so"), Predicate::StartsSmall]);
        assert!(at_the_ends(" ?").is_empty());
    }
}
