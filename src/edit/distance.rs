//! How far two texts are apart: Levenshtein distance in Unicode scalar values.
//!
//! In: two texts. Out: the distance, or whether it stays within a bound. The bit-parallel recurrence is that of Myers
//! (1999) as Hyyrö (2003) gave it for Levenshtein distance, sixty-four rows a step; only the diagonals that a path of
//! the bound can reach are computed (Ukkonen 1985). Rows are done block by block, so that memory is linear.
//! Invariant: a banded result within its bound is exact.

/// The first bound that [`distance`] tries; it doubles until the distance fits.
const FIRST_BOUND: usize = 64;

/// Rows of one step: the bits of a machine word.
const ROWS: usize = u64::BITS as usize;

/// Returns the least number of code points to insert, delete or replace to make `b` of `a`.
///
/// A metric. Time grows with length × distance / 64, memory with length.
pub fn distance(a: &str, b: &str) -> usize {
    let pair = Symbols::of(a, b);
    let mut bound = FIRST_BOUND.max(pair.text.len() - pair.pattern.len());
    loop {
        if let Some(distance) = pair.within(bound) {
            return distance;
        }
        bound *= 2;
    }
}

/// Returns 1 − distance / the longer length in code points: 1 for equal texts, two empty ones too, 0 when nothing is
/// shared.
pub fn similarity(a: &str, b: &str) -> f64 {
    share(distance(a, b), longer(a, b))
}

/// Returns whether `similarity(a, b) > limit`, without finding more of the distance than that needs.
pub fn more_similar_than(a: &str, b: &str, limit: f64) -> bool {
    let length = longer(a, b);
    let Some(bound) = bound(length, limit) else { return false };
    bound >= length || Symbols::of(a, b).within(bound).is_some()
}

/// Returns the code points of `corrected` over those of `original`; `None` when the original is empty.
pub fn length_ratio(original: &str, corrected: &str) -> Option<f64> {
    let length = original.chars().count();
    (length > 0).then(|| corrected.chars().count() as f64 / length as f64)
}

/// Returns the greater of the two lengths in code points.
fn longer(a: &str, b: &str) -> usize {
    a.chars().count().max(b.chars().count())
}

/// Returns the similarity of texts, the longer of `length`, that are `distance` apart.
fn share(distance: usize, length: usize) -> f64 {
    if length == 0 { 1.0 } else { 1.0 - distance as f64 / length as f64 }
}

/// Returns the greatest distance whose similarity is over `limit`; `None` when no distance is that near.
fn bound(length: usize, limit: f64) -> Option<usize> {
    // The product may be one off by rounding; `share` decides, as it does for `similarity`.
    let near = ((1.0 - limit) * length as f64).ceil().clamp(0.0, length as f64) as usize;
    (0..=near.saturating_add(1).min(length)).rev().take(4).find(|&distance| share(distance, length) > limit)
}

/// Two texts without what they begin and end with alike, as dense numbers: equal characters have equal numbers.
struct Symbols {
    /// The shorter one.
    pattern: Vec<u32>,
    /// The longer one.
    text: Vec<u32>,
    /// How many numbers there are.
    count: usize,
}

impl Symbols {
    /// Numbers the characters of two texts.
    fn of(a: &str, b: &str) -> Self {
        let (a, b) = differing(a, b);
        let mut others: Vec<char> = a.chars().filter(|c| !c.is_ascii()).collect();
        others.sort_unstable();
        others.dedup();
        let number = |c: char| match c.is_ascii() {
            true => c as u32,
            // What `a` lacks gets one number that is none of its own: it equals nothing there.
            false => 128 + others.binary_search(&c).unwrap_or(others.len()) as u32,
        };
        let (a, b): (Vec<u32>, Vec<u32>) = (a.chars().map(number).collect(), b.chars().map(number).collect());
        let (pattern, text) = if a.len() <= b.len() { (a, b) } else { (b, a) };
        Self { pattern, text, count: 129 + others.len() }
    }

    /// Returns the distance when it is at most `bound`.
    fn within(&self, bound: usize) -> Option<usize> {
        let (rows, columns) = (self.pattern.len(), self.text.len());
        let spare = bound.checked_sub(columns - rows)?;
        // A path within the bound strays this far below and above the main diagonal.
        let (below, above) = (spare / 2, spare / 2 + columns - rows);
        let mut steps = vec![1i8; columns];
        let mut masks = vec![0u64; self.count];
        let (mut corner, mut from) = (0, 0);
        for (block, part) in self.pattern.chunks(ROWS).enumerate() {
            let row = block * ROWS;
            let first = row.saturating_sub(below);
            corner += sum(&steps[from..first]);
            from = first;
            let to = columns.min(row + part.len() + above);
            mark(&mut masks, part);
            let lowest = advance(&masks, &self.text[first..to], &mut steps[first..to], part.len());
            part.iter().for_each(|&symbol| masks[symbol as usize] = 0);
            corner += part.len() as i64;
            if corner + lowest > bound as i64 {
                return None;
            }
        }
        let distance = (corner + sum(&steps[from..])) as usize;
        (distance <= bound).then_some(distance)
    }
}

/// Sets, for each symbol of `part`, the bits of the rows where it stands.
fn mark(masks: &mut [u64], part: &[u32]) {
    for (row, &symbol) in part.iter().enumerate() {
        masks[symbol as usize] |= 1 << row;
    }
}

/// Adds up horizontal steps.
fn sum(steps: &[i8]) -> i64 {
    steps.iter().map(|&step| i64::from(step)).sum()
}

/// Carries one block of rows over the columns of `text`: `steps` holds the horizontal differences above the block and
/// receives those of its last row. Returns the least value of that row, its value left of the first column being 0.
fn advance(masks: &[u64], text: &[u32], steps: &mut [i8], rows: usize) -> i64 {
    let last = rows - 1;
    // The rows that are one more, or one less, than the row above.
    let (mut plus, mut minus) = (!0u64, 0u64);
    let (mut value, mut lowest) = (0, 0);
    for (&symbol, step) in text.iter().zip(steps) {
        let (up, down) = (u64::from(*step > 0), u64::from(*step < 0));
        let equal = masks[symbol as usize];
        let vertical = equal | minus;
        let equal = equal | down;
        let diagonal = ((equal & plus).wrapping_add(plus) ^ plus) | equal;
        let rise = minus | !(diagonal | plus);
        let fall = plus & diagonal;
        *step = ((rise >> last) & 1) as i8 - ((fall >> last) & 1) as i8;
        value += i64::from(*step);
        lowest = value.min(lowest);
        let (rise, fall) = (rise << 1 | up, fall << 1 | down);
        plus = fall | !(vertical | rise);
        minus = rise & vertical;
    }
    lowest
}

/// Cuts off what two texts begin and end with alike, at character boundaries.
fn differing<'a>(a: &'a str, b: &'a str) -> (&'a str, &'a str) {
    let start = a.floor_char_boundary(common_prefix(a.as_bytes(), b.as_bytes()));
    let (a, b) = (&a[start..], &b[start..]);
    let end = common_suffix(a.as_bytes(), b.as_bytes());
    let keep = a.ceil_char_boundary(a.len() - end);
    let end = a.len() - keep;
    (&a[..keep], &b[..b.len() - end])
}

/// Returns how many bytes two texts begin with alike.
pub(super) fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let whole = a.chunks_exact(16).zip(b.chunks_exact(16)).take_while(|(a, b)| a == b).count() * 16;
    whole + a[whole..].iter().zip(&b[whole..]).take_while(|(a, b)| a == b).count()
}

/// Returns how many bytes two texts end with alike.
pub(super) fn common_suffix(a: &[u8], b: &[u8]) -> usize {
    let whole = a.rchunks_exact(16).zip(b.rchunks_exact(16)).take_while(|(a, b)| a == b).count() * 16;
    let (a, b) = (&a[..a.len() - whole], &b[..b.len() - whole]);
    whole + a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The textbook recurrence.
    fn naive(a: &str, b: &str) -> usize {
        let b: Vec<char> = b.chars().collect();
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.chars().enumerate() {
            let mut diagonal = std::mem::replace(&mut row[0], i + 1);
            for (j, y) in b.iter().enumerate() {
                let best = (diagonal + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
                diagonal = std::mem::replace(&mut row[j + 1], best);
            }
        }
        row[b.len()]
    }

    #[test]
    fn known_distances() {
        for (a, b, expected) in [
            ("kitten", "sitting", 3),
            ("", "", 0),
            ("", "añb", 3),
            ("冰箱里", "冰箱", 1),
            ("e\u{301}", "é", 2),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
        assert_eq!(length_ratio("ab", "冰箱里"), Some(1.5));
        assert_eq!(length_ratio("", "a"), None);
        assert_eq!((similarity("", ""), similarity("", "a"), similarity("ab", "ac")), (1.0, 0.0, 0.5));
    }

    #[test]
    fn limits_at_the_edges() {
        assert!(!more_similar_than("", "", 1.0) && more_similar_than("", "", 0.99));
        assert!(!more_similar_than("a", "a", f64::NAN) && !more_similar_than("a", "a", f64::INFINITY));
        assert!(more_similar_than("a", "b", -0.1) && !more_similar_than("a", "b", 0.0));
        assert!(more_similar_than("a", "b", f64::NEG_INFINITY));
    }

    proptest! {
        #[test]
        fn it_equals_the_textbook(a in "[abé冰]{0,150}", b in "[abé冰]{0,140}", c in "\\PC{0,20}", d in "\\PC{0,20}") {
            prop_assert_eq!(distance(&a, &b), naive(&a, &b));
            prop_assert_eq!(distance(&c, &d), naive(&c, &d));
            let near = format!("{a}{c}{b}");
            let far = format!("{c}{a}{d}{b}");
            prop_assert_eq!(distance(&near, &far), naive(&near, &far));
        }

        #[test]
        fn a_bound_is_kept(a in "[abé冰]{0,150}", b in "[abé冰]{0,140}", slack in 0..200usize) {
            let (pair, expected) = (Symbols::of(&a, &b), naive(&a, &b));
            prop_assert_eq!(pair.within(expected + slack), Some(expected));
            prop_assert_eq!(expected.checked_sub(1 + slack).and_then(|bound| pair.within(bound)), None);
        }

        #[test]
        fn it_is_a_metric(a in "[ab冰]{0,12}", b in "[ab冰]{0,12}", c in "[ab冰]{0,12}") {
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
            prop_assert_eq!(distance(&a, &b) == 0, a == b);
            prop_assert!(distance(&a, &c) <= distance(&a, &b) + distance(&b, &c));
        }

        #[test]
        fn a_bounded_answer_agrees_with_similarity(a in "[ab冰]{0,90}", b in "[ab冰]{0,90}", limit in -0.2..1.2f64) {
            let similarity = similarity(&a, &b);
            prop_assert_eq!(more_similar_than(&a, &b, limit), similarity > limit);
            prop_assert!(!more_similar_than(&a, &b, similarity));
            prop_assert!(more_similar_than(&a, &b, similarity.next_down()));
        }
    }
}
