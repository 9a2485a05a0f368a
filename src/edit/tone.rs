//! The tone of English texts by a small lexicon, and how a correction moved it.
//!
//! In: a text. Out: how many of its words and phrases are marked as formal, casual, polite, hedged or blunt. Invariant:
//! each word counts in at most one phrase, the longest that starts furthest left.

use std::sync::LazyLock;

use super::words::{Letters, WordKind, push_normal, words};

/// One phrase a line: its mark, then its words in lower case.
const LEXICON: &str = include_str!("tone.txt");

/// The phrases in order of their words.
static PHRASES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let mut phrases: Vec<_> = LEXICON.lines().filter_map(|line| line.split_once(' ')).collect();
    phrases.iter_mut().for_each(|(mark, phrase)| std::mem::swap(mark, phrase));
    phrases.sort_unstable();
    phrases
});

/// Of every two bytes that a word may begin with, whether some phrase does: few words get further.
static BEGINNINGS: LazyLock<Vec<bool>> = LazyLock::new(|| {
    let mut beginnings = vec![false; 1 << 16];
    PHRASES.iter().for_each(|(phrase, _)| beginnings[beginning(phrase)] = true);
    beginnings
});

fn beginning(word: &str) -> usize {
    let byte = |at: usize| usize::from(word.as_bytes().get(at).copied().unwrap_or(b' '));
    byte(0) << 8 | byte(1)
}

/// The most words of a phrase.
const LONGEST: usize = 5;

/// How many words and phrases of a text are marked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tone {
    /// Marked as formal: `furthermore`, `in order to`.
    pub formal: u32,
    /// Marked as casual: `hey`, `gonna`, and contractions such as `don't`.
    pub casual: u32,
    /// Marked as polite: `please`, `would you mind`.
    pub polite: u32,
    /// Marked as hedged: `perhaps`, `I think`.
    pub hedged: u32,
    /// Marked as blunt: `nonsense`, `you have to`.
    pub blunt: u32,
}

/// How the tone of a text moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ToneShift {
    /// Formal less casual marks became more.
    MoreFormal,
    /// Formal less casual marks became fewer.
    MoreCasual,
    /// Polite marks became more.
    MorePolite,
    /// Polite marks became fewer.
    LessPolite,
    /// Hedged marks became more.
    MoreHedged,
    /// Hedged marks became fewer.
    LessHedged,
    /// Blunt marks became more.
    MoreBlunt,
    /// Blunt marks became fewer.
    LessBlunt,
}

impl ToneShift {
    /// Returns it in words: `more formal`, ….
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MoreFormal => "more formal",
            Self::MoreCasual => "more casual",
            Self::MorePolite => "more polite",
            Self::LessPolite => "less polite",
            Self::MoreHedged => "more hedged",
            Self::LessHedged => "less hedged",
            Self::MoreBlunt => "more blunt",
            Self::LessBlunt => "less blunt",
        }
    }
}

/// Counts the marked words and phrases of `text`; letter case and the form of the apostrophe do not matter.
pub fn tone(text: &str) -> Tone {
    let words = lower_words(text);
    let mut tone = Tone::default();
    let mut rest = &words[..];
    while let [first, ..] = rest {
        let (mark, length) = marked(rest).unwrap_or((if is_contraction(first) { "casual" } else { "" }, 1));
        tone.count(mark);
        rest = &rest[length..];
    }
    tone
}

/// Returns how the tone moved from `original` to `corrected`: empty when it did not.
pub fn tone_shift(original: &str, corrected: &str) -> Vec<ToneShift> {
    let (from, to) = (tone(original), tone(corrected));
    let formality = |tone: Tone| i64::from(tone.formal) - i64::from(tone.casual);
    let shifts = [
        (formality(from), formality(to), ToneShift::MoreFormal, ToneShift::MoreCasual),
        (from.polite.into(), to.polite.into(), ToneShift::MorePolite, ToneShift::LessPolite),
        (from.hedged.into(), to.hedged.into(), ToneShift::MoreHedged, ToneShift::LessHedged),
        (from.blunt.into(), to.blunt.into(), ToneShift::MoreBlunt, ToneShift::LessBlunt),
    ];
    let moved = shifts.into_iter().filter(|(from, to, ..)| from != to);
    moved.map(|(from, to, more, less)| if from < to { more } else { less }).collect()
}

impl Tone {
    /// Counts a mark by its name in the lexicon.
    fn count(&mut self, mark: &str) {
        match mark {
            "formal" => self.formal += 1,
            "casual" => self.casual += 1,
            "polite" => self.polite += 1,
            "hedged" => self.hedged += 1,
            "blunt" => self.blunt += 1,
            _ => {}
        }
    }
}

/// Returns the words of a text in lower case, with straight apostrophes; a mark stands as an empty word, so that no
/// phrase reaches across it.
fn lower_words(text: &str) -> Vec<String> {
    let mut lower = Vec::new();
    for word in words(text) {
        let mut token = String::new();
        match word.kind {
            WordKind::Space => continue,
            WordKind::Punctuation => {}
            WordKind::Word | WordKind::Number => push_normal(&text[word.range], Letters::Lower, &mut token),
        }
        lower.push(if token.contains('’') { token.replace('’', "'") } else { token });
    }
    lower
}

/// Returns the mark and the words of the longest phrase that `words` begin with.
fn marked(words: &[String]) -> Option<(&'static str, usize)> {
    if !BEGINNINGS[beginning(&words[0])] {
        return None;
    }
    let first = PHRASES.partition_point(|(phrase, _)| *phrase < words[0].as_str());
    if !PHRASES.get(first).is_some_and(|(phrase, _)| phrase.starts_with(&words[0])) {
        return None;
    }
    (1..=LONGEST.min(words.len())).rev().find_map(|length| {
        let phrase = words[..length].join(" ");
        let found = PHRASES.binary_search_by(|(known, _)| (*known).cmp(&phrase)).ok()?;
        Some((PHRASES[found].1, length))
    })
}

/// Returns whether a word in lower case is a contraction; the possessive is not one.
fn is_contraction(word: &str) -> bool {
    if !word.contains('\'') {
        return false;
    }
    ["n't", "'ll", "'re", "'ve", "'m", "'d"].iter().any(|ending| word.ends_with(ending))
        || ["it's", "that's", "there's", "he's", "she's", "let's", "what's"].contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_counted_by_the_longest_phrase() {
        let counts = |text| {
            let tone = tone(text);
            [tone.formal, tone.casual, tone.polite, tone.hedged, tone.blunt]
        };
        assert_eq!(counts("Hey, I don’t care. Whatever!"), [0, 2, 0, 0, 1]);
        assert_eq!(counts("WOULD you mind waiting? Thank you."), [0, 0, 2, 0, 0]);
        assert_eq!(counts("I think, perhaps, in order to win"), [1, 0, 0, 2, 0]);
        assert_eq!(counts("sort, of the dog's bone 冰箱"), [0; 5]);
        assert_eq!(counts(""), [0; 5]);
    }

    #[test]
    fn shifts_name_what_moved() {
        let shifts = |a, b| tone_shift(a, b).into_iter().map(ToneShift::as_str).collect::<Vec<_>>();
        assert_eq!(
            shifts("Hi, send it right now.", "Please send it."),
            ["more formal", "more polite", "less blunt"]
        );
        assert_eq!(shifts("Maybe it works.", "It's working."), ["more casual", "less hedged"]);
        assert!(shifts("It works.", "It worked.").is_empty());
    }

    #[test]
    fn the_lexicon_is_whole() {
        assert!(PHRASES.is_sorted() && !PHRASES.windows(2).any(|pair| pair[0].0 == pair[1].0));
        for (phrase, mark) in PHRASES.iter() {
            assert!(phrase.split(' ').count() <= LONGEST, "{phrase}");
            let mut tone = Tone::default();
            tone.count(mark);
            assert_ne!(tone, Tone::default(), "{mark}");
        }
    }
}
