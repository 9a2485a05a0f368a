//! One filter set for wherever rows are chosen: `log`, `labels`, `diff`, `revert`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::id::RecordId;
use super::kind::{Kind, Origin};
use super::{Rows, col};
use crate::base::Timestamp;

/// A guideline as a filter names it: all versions, or one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GuidelineRef(pub String);

impl GuidelineRef {
    /// Whether the row value `key` (`name@version`) is the one named, or a version of it.
    pub fn covers(&self, key: &str) -> bool {
        key == self.0 || (!self.0.contains('@') && key.split('@').next() == Some(&self.0))
    }
}

/// Which judgements are meant. Several values of one field are alternatives; several fields must all hold; an empty
/// field says nothing. The default chooses everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only rows these records carry.
    pub records: Vec<RecordId>,
    /// Only these labelers.
    pub labelers: Vec<String>,
    /// Only rows made under these guidelines.
    pub guidelines: Vec<GuidelineRef>,
    /// Only these kinds.
    pub kinds: Vec<Kind>,
    /// Only these tasks.
    pub tasks: Vec<String>,
    /// Only these origins.
    pub origins: Vec<Origin>,
    /// Only these items.
    pub items: Option<BTreeSet<String>>,
    /// Only judgements made at or after this moment: `created_at`, or the record's `recorded_at` where it is null.
    pub since: Option<Timestamp>,
    /// Only judgements made before this moment.
    pub until: Option<Timestamp>,
}

impl Filter {
    /// Whether everything is chosen.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether rows of a record may be chosen, as far as what it is tells.
    pub fn covers_record(&self, id: &RecordId, kind: Kind, task: &str) -> bool {
        (self.records.is_empty() || self.records.contains(id))
            && (self.kinds.is_empty() || self.kinds.contains(&kind))
            && (self.tasks.is_empty() || self.tasks.iter().any(|name| name == task))
    }

    /// Whether a row of a record made at `recorded_at` is chosen, as far as its time, origin and guideline tell.
    pub fn covers_row(&self, rows: &Rows, row: usize, recorded_at: Timestamp) -> bool {
        let text = |column| rows.text(row, column);
        self.covers_time(rows.time(row, col::CREATED_AT), recorded_at)
            && (self.origins.is_empty()
                || text(col::ORIGIN)
                    .is_some_and(|word| self.origins.iter().any(|origin| origin.as_str() == word)))
            && (self.guidelines.is_empty()
                || text(col::GUIDELINE)
                    .is_some_and(|key| self.guidelines.iter().any(|guideline| guideline.covers(key))))
    }

    /// Whether a judgement made at `created_at`, or recorded at `recorded_at` if that is unknown, lies in the window
    /// [since, until).
    pub fn covers_time(&self, created_at: Option<Timestamp>, recorded_at: Timestamp) -> bool {
        let time = created_at.unwrap_or(recorded_at);
        self.since.is_none_or(|since| since <= time) && self.until.is_none_or(|until| time < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guideline_without_version_covers_all_of_them() {
        assert!(GuidelineRef("tone".into()).covers("tone@2"));
        assert!(GuidelineRef("tone@2".into()).covers("tone@2"));
        assert!(!GuidelineRef("tone@2".into()).covers("tone@20"));
        assert!(!GuidelineRef("ton".into()).covers("tone@2"));
    }

    #[test]
    fn a_window_holds_its_start_and_not_its_end() {
        let at = |micros| Timestamp::from_micros(micros).unwrap();
        let window = Filter { since: Some(at(5)), until: Some(at(9)), ..Filter::default() };
        assert!(window.covers_time(Some(at(5)), at(100)));
        assert!(!window.covers_time(Some(at(9)), at(6)));
        assert!(window.covers_time(None, at(6)));
    }
}
