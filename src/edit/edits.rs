//! The edits between two texts, and what kind each is.
//!
//! In: an original and a corrected text. Out: [`Edit`]s in order of the original. Invariant: applied to the
//! original they give the corrected text; ranges of the original ascend and do not overlap, and so do those of the
//! corrected text but for moves; there are none between equal texts.

use std::collections::BTreeMap;
use std::ops::Range;

use super::align::{Part, joined, split};
use super::distance::{common_prefix, common_suffix};
use super::layout::{Draft, layout};
use super::script::{Script, script};
use super::tokens::Tokens;
use super::words::{Letters, WordKind};

/// What an edit does, the most specific that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EditKind {
    /// Only white space differs; words joined or split are of this kind.
    Whitespace,
    /// A word is the same but for letter case.
    Case,
    /// Only punctuation marks are inserted, deleted or replaced.
    Punctuation,
    /// A number became another number.
    Number,
    /// Words deleted here are inserted elsewhere.
    Move,
    /// Words are inserted.
    Insert,
    /// Words are deleted.
    Delete,
    /// Words are replaced by others.
    Replace,
    /// So much changed that single edits are not told apart.
    Rewrite,
}

impl EditKind {
    /// Returns its name in lower case: `whitespace`, `case`, ….
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whitespace => "whitespace",
            Self::Case => "case",
            Self::Punctuation => "punctuation",
            Self::Number => "number",
            Self::Move => "move",
            Self::Insert => "insert",
            Self::Delete => "delete",
            Self::Replace => "replace",
            Self::Rewrite => "rewrite",
        }
    }
}

/// One edit: the bytes `before` of the original became the bytes `after` of the corrected text.
///
/// A move takes the words at `before` away and puts them in at `after`; every other edit does both at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What it does.
    pub kind: EditKind,
    /// Bytes of the original; empty where something is only inserted.
    pub before: Range<usize>,
    /// Bytes of the corrected text; empty where something is only deleted.
    pub after: Range<usize>,
}

/// Returns the edits that make `corrected` of `original`, in order of the original; none when they are equal.
///
/// Between what the texts begin and end with alike at most 4,096 tokens may differ, insertions and deletions counted;
/// when more do, that middle is one [`EditKind::Rewrite`].
pub fn edits(original: &str, corrected: &str) -> Vec<Edit> {
    if original == corrected {
        return Vec::new();
    }
    let (start, end) = shared(original.as_bytes(), corrected.as_bytes());
    let before = Tokens::of(original, start..original.len() - end);
    let after = Tokens::of(corrected, start..corrected.len() - end);
    let (a, b) = interned(&before, &after);
    let mut parts = Vec::new();
    let rewrite = match script(&a, &b) {
        Script::Runs(runs) => {
            joined(runs).iter().for_each(|run| split(&before, &after, run, &mut parts));
            None
        }
        Script::Rewrite(run) => {
            parts.push(run);
            parts.first()
        }
    };
    let drafts = layout(&before, &after, &parts);
    let kinds = drafts.iter().map(|draft| match rewrite {
        Some(part) if draft.part == *part => EditKind::Rewrite,
        _ => kind(&before, &after, &draft.part),
    });
    let edits = drafts.iter().zip(kinds).map(|(draft, kind)| edit(draft, kind)).collect();
    with_moves(&before, &after, &drafts, edits)
}

/// Returns a draft as an edit.
fn edit(draft: &Draft, kind: EditKind) -> Edit {
    Edit { kind, before: draft.before.clone(), after: draft.after.clone() }
}

/// Returns how many bytes two texts begin and end with alike, up to places where tokens end whatever stands beyond.
fn shared(a: &[u8], b: &[u8]) -> (usize, usize) {
    // Between an ASCII letter and a blank there is a boundary on any left and right: no rule of UAX 29 joins them.
    let parts = |at: usize| at > 0 && a[at - 1].is_ascii_alphabetic() && a.get(at) == Some(&b' ');
    let mut start = common_prefix(a, b).saturating_sub(1);
    while start > 0 && !parts(start) {
        start -= 1;
    }
    let mut end = common_suffix(&a[start..], &b[start..]).saturating_sub(1);
    while end > 0 && !parts(a.len() - end) {
        end -= 1;
    }
    (start, end)
}

/// Numbers the tokens of both texts: equal ones have equal numbers.
fn interned(before: &Tokens, after: &Tokens) -> (Vec<u32>, Vec<u32>) {
    #[expect(clippy::disallowed_types, reason = "only looked up; numbers are given in the order tokens come")]
    let mut numbers = std::collections::HashMap::<&str, u32>::with_capacity(before.words.len());
    let mut number = |token| {
        let next = numbers.len() as u32;
        *numbers.entry(token).or_insert(next)
    };
    let a = (0..before.words.len()).map(|i| number(before.token(i))).collect();
    let b = (0..after.words.len()).map(|i| number(after.token(i))).collect();
    (a, b)
}

/// Returns what kind of edit a part is.
fn kind(before: &Tokens, after: &Tokens, part: &Part) -> EditKind {
    let marks = WordKind::Punctuation;
    match (part.before.is_empty(), part.after.is_empty()) {
        (true, true) => EditKind::Whitespace,
        _ if before.all(&part.before, marks) && after.all(&part.after, marks) => EditKind::Punctuation,
        (true, false) => EditKind::Insert,
        (false, true) => EditKind::Delete,
        (false, false) => kind_of_replacement(before, after, part),
    }
}

/// Returns what kind of edit a part with words on both sides is.
fn kind_of_replacement(before: &Tokens, after: &Tokens, part: &Part) -> EditKind {
    let same = |without, letters| {
        before.joined(&part.before, without, letters) == after.joined(&part.after, without, letters)
    };
    if before.all(&part.before, WordKind::Number) && after.all(&part.after, WordKind::Number) {
        return EditKind::Number;
    }
    match part.before.len() == 1 && part.after.len() == 1 {
        true if same(WordKind::Space, Letters::Kept) => EditKind::Replace,
        true if same(WordKind::Space, Letters::Lower) => EditKind::Case,
        true => EditKind::Replace,
        false if same(WordKind::Space, Letters::Kept) => EditKind::Whitespace,
        false if same(WordKind::Punctuation, Letters::Kept) => EditKind::Punctuation,
        false => EditKind::Replace,
    }
}

/// Joins each deletion with the nearest insertion of the same words that is left into a move.
fn with_moves(before: &Tokens, after: &Tokens, drafts: &[Draft], mut edits: Vec<Edit>) -> Vec<Edit> {
    let deletes = |edit: &Edit| edit.kind == EditKind::Delete && edit.after.is_empty();
    let inserts = |edit: &Edit| edit.kind == EditKind::Insert && edit.before.is_empty();
    if !edits.iter().any(deletes) || !edits.iter().any(inserts) {
        return edits;
    }
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, draft) in drafts.iter().enumerate().filter(|(i, _)| inserts(&edits[*i])) {
        places.entry(after.worded(&draft.part.after)).or_default().push(i);
    }
    let mut gone = vec![false; edits.len()];
    for i in 0..edits.len() {
        let part = &drafts[i].part;
        let words = before.worded(&part.before);
        let Some(places) = places.get_mut(&words).filter(|_| deletes(&edits[i])) else { continue };
        let steps = |place: &usize| drafts[*place].part.before.start.abs_diff(part.before.start);
        let nearest = places.iter().enumerate().min_by_key(|(_, place)| steps(place));
        if let Some((nearest, _)) = nearest.filter(|(_, place)| is_move(&words, part, steps(place))) {
            let place = places.remove(nearest);
            edits[i].kind = EditKind::Move;
            edits[i].after = edits[place].after.clone();
            gone[place] = true;
        }
    }
    let mut gone = gone.into_iter();
    edits.retain(|_| gone.next() != Some(true));
    edits
}

/// Returns whether words say enough to be known again so many steps away: two of them, or one of two letters or more.
fn is_move(words: &str, part: &Part, steps: usize) -> bool {
    // A short word (`the`) often goes here and comes there by chance: the longer it is, the further it is followed.
    let letters = words.chars().count();
    part.before.len() > 1 || letters > 1 && steps <= 2 * letters
}
