//! A rule's 2 × 2 table.

use std::cmp::Ordering;

use super::fisher::log_upper_tail;
use crate::base::proportion;

/// Items with rows that match and items with rows that do not, each with its hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Of `matches`, items of whose matching rows at least half made the edit.
    pub hits: u32,
    /// Items with rows that match.
    pub matches: u32,
    /// Of `others`, items of whose other rows at least half made the edit.
    pub other_hits: u32,
    /// Items with rows that do not match.
    pub others: u32,
}

impl Table {
    pub fn precision(&self) -> f64 {
        f64::from(self.hits) / f64::from(self.matches)
    }

    /// Returns the share of hits in the whole table.
    pub fn base_rate(&self) -> f64 {
        (f64::from(self.hits) + f64::from(self.other_hits)) / self.total()
    }

    pub fn total(&self) -> f64 {
        f64::from(self.matches) + f64::from(self.others)
    }

    /// Returns whether hits are a larger share of what matches than of the rest.
    pub fn lifts(&self) -> bool {
        let cross = |a: u32, b: u32| u64::from(a) * u64::from(b);
        cross(self.hits, self.others).cmp(&cross(self.other_hits, self.matches)) == Ordering::Greater
    }

    /// Returns ln of Fisher's p, one-sided: of as many hits among what matches, or more, by chance.
    pub fn log_p(&self) -> f64 {
        let [hits, matches, other_hits, others] =
            [self.hits, self.matches, self.other_hits, self.others].map(u64::from);
        log_upper_tail(hits, matches, hits + other_hits, matches + others)
    }

    /// Returns Wilson's 95 % interval of the precision.
    pub fn interval(&self) -> [f64; 2] {
        interval(self.hits.into(), self.matches.into())
    }
}

/// Returns Wilson's 95 % interval of a share; of no items both ends are no numbers.
pub fn interval(hits: u64, matches: u64) -> [f64; 2] {
    let n = matches as f64;
    proportion::wilson(hits as f64 / n, (matches - hits) as f64 / n, n, proportion::Z_95)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_its_shares() {
        let table = Table { hits: 8, matches: 10, other_hits: 1, others: 6 };
        assert_eq!((table.precision(), table.base_rate(), table.lifts()), (0.8, 9.0 / 16.0, true));
        assert!((table.log_p().exp() - 0.024_475_524_475_524_476).abs() < 1e-12);
        assert!(!Table { hits: 1, matches: 2, other_hits: 3, others: 6 }.lifts());
    }
}
