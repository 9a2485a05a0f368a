//! Where changed tokens lie in bytes, the white space around them among it.
//!
//! In: the tokens of both texts and the parts that changed. Out: [`Draft`]s in order whose byte ranges, and equal bytes
//! between them, make up both texts. White space in front of a kept or replaced token is compared by itself; that next
//! to an insertion or deletion goes with it. Invariant: what lies between two drafts is equal in both texts.

use std::ops::Range;

use super::align::Part;
use super::tokens::Tokens;
use super::words::WordKind;

/// An edit whose kind is not told yet.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// Bytes of the original.
    pub before: Range<usize>,
    /// Bytes of the corrected text.
    pub after: Range<usize>,
    /// The tokens that changed; both ranges are empty when only white space did.
    pub part: Part,
}

/// Returns the drafts of `parts`.
pub(super) fn layout(before: &Tokens, after: &Tokens, parts: &[Part]) -> Vec<Draft> {
    let mut layout =
        Layout { before, after, drafts: Vec::with_capacity(parts.len()), place: (0, 0), settled: false };
    let one_sided = |part: &Part| part.before.is_empty() || part.after.is_empty();
    let together = |a: &Part, b: &Part| {
        one_sided(a) && one_sided(b) && a.before.end == b.before.start && a.after.end == b.after.start
    };
    let mut groups = parts.chunk_by(together).peekable();
    while let Some(group) = groups.next() {
        layout.keep_until(group[0].before.start);
        match group {
            [part] if !one_sided(part) => {
                let next = groups.peek().map(|group| (group[0].before.start, group[0].after.start));
                layout.replace(part, next == Some((part.before.end, part.after.end)));
            }
            group if group[0].before.is_empty() => layout.insert(group),
            group => layout.delete(group),
        }
    }
    layout.keep_until(before.words.len());
    layout.white_space();
    layout.drafts
}

/// Drafts in the making.
struct Layout<'a> {
    /// The tokens of the original.
    before: &'a Tokens<'a>,
    /// The tokens of the corrected text.
    after: &'a Tokens<'a>,
    /// The drafts so far.
    drafts: Vec<Draft>,
    /// The next token of either text.
    place: (usize, usize),
    /// Whether the white space in front of the next token is in the drafts already.
    settled: bool,
}

impl Layout<'_> {
    /// Passes by equal tokens, up to token `end` of the original.
    fn keep_until(&mut self, end: usize) {
        while self.place.0 < end {
            self.white_space();
            self.place.0 += 1;
            self.place.1 += 1;
        }
    }

    /// Compares the white space in front of the next token.
    fn white_space(&mut self) {
        if std::mem::take(&mut self.settled) {
            return;
        }
        let (i, j) = self.place;
        let (before, after) = (self.before.gap(i), self.after.gap(j));
        if self.before.text[before.clone()] != self.after.text[after.clone()] {
            self.drafts.push(Draft { before, after, part: Part { before: i..i, after: j..j } });
        }
    }

    /// Puts down tokens that replace others; white space next to marks that are replaced, or that replace, goes with
    /// them, on the right only where no other change follows.
    fn replace(&mut self, part: &Part, changed_next: bool) {
        let (mut before, mut after) = (self.before.bytes(&part.before), self.after.bytes(&part.after));
        let marks = WordKind::Punctuation;
        let marked = self.before.all(&part.before, marks) || self.after.all(&part.after, marks);
        let (i, j) = (self.before.gap(part.before.start), self.after.gap(part.after.start));
        if !marked {
            self.white_space();
        } else if !std::mem::take(&mut self.settled)
            && self.before.text[i.clone()] != self.after.text[j.clone()]
        {
            (before.start, after.start) = (i.start, j.start);
        }
        let (i, j) = (self.before.gap(part.before.end), self.after.gap(part.after.end));
        if marked && !changed_next && self.before.text[i.clone()] != self.after.text[j.clone()] {
            (before.end, after.end) = (i.end, j.end);
            self.settled = true;
        }
        self.drafts.push(Draft { before, after, part: part.clone() });
        self.place = (part.before.end, part.after.end);
    }

    /// Puts down tokens that were inserted.
    fn insert(&mut self, group: &[Part]) {
        let tokens: Vec<_> = group.iter().map(|part| part.after.clone()).collect();
        let gap = self.before.gap(self.place.0);
        for (part, (other, own)) in group.iter().zip(lay(self.before.text, gap, self.after, &tokens)) {
            self.drafts.push(Draft { before: other, after: own, part: part.clone() });
            self.place.1 = part.after.end;
        }
        self.settled = true;
    }

    /// Puts down tokens that were deleted.
    fn delete(&mut self, group: &[Part]) {
        let tokens: Vec<_> = group.iter().map(|part| part.before.clone()).collect();
        let gap = self.after.gap(self.place.1);
        for (part, (other, own)) in group.iter().zip(lay(self.after.text, gap, self.before, &tokens)) {
            self.drafts.push(Draft { before: own, after: other, part: part.clone() });
            self.place.0 = part.before.end;
        }
        self.settled = true;
    }
}

/// Returns, for neighbouring `tokens` that one text has and the other lacks, the bytes of either: of the `other`, where
/// white space `gap` stands for them, and of their own. The white space that both have stays out.
fn lay(
    other: &str,
    gap: Range<usize>,
    own: &Tokens,
    tokens: &[Range<usize>],
) -> Vec<(Range<usize>, Range<usize>)> {
    let (first, end) = (tokens[0].start, tokens[tokens.len() - 1].end);
    let (leading, trailing) = (own.gap(first), own.gap(end));
    let kept = &other[gap.clone()];
    let (replaced, bytes, follows) = if own.text[leading.clone()] == *kept {
        (gap.end..gap.end, leading.end..trailing.end, true)
    } else if own.text[trailing.clone()] == *kept {
        (gap.start..gap.start, leading.start..trailing.start, false)
    } else {
        (gap, leading.start..trailing.end, true)
    };
    let mut from = bytes.start;
    let mut laid = Vec::with_capacity(tokens.len());
    for (i, part) in tokens.iter().enumerate() {
        let to = if i + 1 == tokens.len() {
            bytes.end
        } else if follows {
            own.gap(part.end).end
        } else {
            own.gap(part.end).start
        };
        laid.push((if i == 0 { replaced.clone() } else { replaced.end..replaced.end }, from..to));
        from = to;
    }
    laid
}
