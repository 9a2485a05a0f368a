//! Counts of what two labelers marked and how much of it matches: F1 is a function of them.

use crate::agreement::Undefined;

/// What two labelers marked, added up over documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// What both marked.
    pub matched: u64,
    /// What the first marked.
    pub first: u64,
    /// What the second marked.
    pub second: u64,
}

impl Counts {
    /// Returns F1 = 2·matched/(first + second), the same whichever of the two comes first.
    ///
    /// # Errors
    /// Neither marked anything.
    pub fn f1(&self) -> Result<f64, Undefined> {
        let marked = self.first + self.second;
        if marked == 0 {
            Err(Undefined::NothingMarked)
        } else {
            Ok((2 * self.matched) as f64 / marked as f64)
        }
    }

    /// Returns the precision of the second against the first.
    ///
    /// # Errors
    /// The second marked nothing.
    pub fn precision(&self) -> Result<f64, Undefined> {
        if self.second == 0 {
            Err(Undefined::NothingMarked)
        } else {
            Ok(self.matched as f64 / self.second as f64)
        }
    }

    /// Returns the recall of the second against the first.
    ///
    /// # Errors
    /// The first marked nothing.
    pub fn recall(&self) -> Result<f64, Undefined> {
        if self.first == 0 {
            Err(Undefined::NothingMarked)
        } else {
            Ok(self.matched as f64 / self.first as f64)
        }
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.matched += other.matched;
        self.first += other.first;
        self.second += other.second;
    }
}

impl std::iter::Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |mut sum, counts| {
            sum += counts;
            sum
        })
    }
}

/// Counts of every class that was used, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassCounts(Vec<(u32, Counts)>);

impl ClassCounts {
    /// Adds `counts` to those of `class`.
    pub(super) fn add(&mut self, class: u32, counts: Counts) {
        match self.0.binary_search_by_key(&class, |(known, _)| *known) {
            Ok(index) => self.0[index].1 += counts,
            Err(index) => self.0.insert(index, (class, counts)),
        }
    }

    /// Iterates over (class, counts).
    pub fn iter(&self) -> impl Iterator<Item = (u32, Counts)> + '_ {
        self.0.iter().copied()
    }

    /// Returns the sum over classes.
    pub fn total(&self) -> Counts {
        self.iter().map(|(_, counts)| counts).sum()
    }
}

/// Calls `each` with every class of either list and the stretch that each list, sorted by class, has of it.
pub(super) fn by_class<'a, T>(
    first: &'a [T],
    second: &'a [T],
    class: impl Fn(&T) -> u32,
    mut each: impl FnMut(u32, &'a [T], &'a [T]),
) {
    let mut first = first.chunk_by(|a, b| class(a) == class(b)).peekable();
    let mut second = second.chunk_by(|a, b| class(a) == class(b)).peekable();
    loop {
        let next = [first.peek(), second.peek()].into_iter().flatten().map(|run| class(&run[0])).min();
        let Some(least) = next else { return };
        let a = first.next_if(|run| class(&run[0]) == least).unwrap_or_default();
        let b = second.next_if(|run| class(&run[0]) == least).unwrap_or_default();
        each(least, a, b);
    }
}
