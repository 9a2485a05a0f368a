//! One numbering for two ledgers, so that judgements of both compare as plain integers.

use std::cmp::Ordering;

use crate::base::Timestamp;
use crate::ledger::{Judgement, Ledger};
use crate::record::Kind;

/// What makes a judgement itself: kind, task, item, labeler, time, statement, in numbers that both ledgers share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    pub task: u32,
    pub item: u32,
    pub kind: Kind,
    /// Whose key it is; 0 for adjudications, which all share one.
    pub keyholder: u32,
    pub labeler: u32,
    pub created_at: Option<Timestamp>,
    pub statement: Option<u32>,
}

impl Identity {
    /// Whether both are of one key.
    pub fn same_key(&self, other: &Self) -> bool {
        (self.task, self.item, self.kind, self.keyholder)
            == (other.task, other.item, other.kind, other.keyholder)
    }
}

/// The numbers of one ledger's names among the names of both.
#[derive(Default)]
struct Side {
    tasks: Vec<u32>,
    items: Vec<u32>,
    labelers: Vec<u32>,
    statements: Vec<u32>,
}

/// Both ledgers' names in one numbering, in UTF-8 order.
pub(super) struct Ranks {
    base: Side,
    head: Side,
}

impl Ranks {
    /// Numbers the names of `base` and `head`.
    pub fn new(base: &Ledger, head: &Ledger) -> Self {
        let (mut one, mut two) = (Side::default(), Side::default());
        let names = |ledger: &Ledger| (0..ledger.tasks()).map(|task| task as u16).collect::<Vec<_>>();
        let (a, b) = (names(base), names(head));
        (one.tasks, two.tasks) =
            merge(a.len(), b.len(), |i, j| base.task_name(a[i]).cmp(head.task_name(b[j])));
        (one.items, two.items) =
            merge(base.items(), head.items(), |i, j| base.item_name(i as u32).cmp(head.item_name(j as u32)));
        (one.labelers, two.labelers) = merge(base.labelers(), head.labelers(), |i, j| {
            base.labeler_name(i as u32).cmp(head.labeler_name(j as u32))
        });
        (one.statements, two.statements) = merge(base.statements(), head.statements(), |i, j| {
            base.statement_text(i as u32).cmp(head.statement_text(j as u32))
        });
        Self { base: one, head: two }
    }

    /// Returns the identity of a judgement of `base`, or of `head` when `of_head`.
    pub fn identity(&self, judgement: &Judgement, of_head: bool) -> Identity {
        let side = if of_head { &self.head } else { &self.base };
        let labeler = side.labelers[judgement.labeler as usize];
        Identity {
            task: side.tasks[usize::from(judgement.task)],
            item: side.items[judgement.item as usize],
            kind: judgement.kind,
            keyholder: if judgement.kind == Kind::Adjudications { 0 } else { labeler },
            labeler,
            created_at: judgement.created_at,
            statement: judgement.statement.map(|statement| side.statements[statement as usize]),
        }
    }
}

/// Numbers two sorted lists of names in their merged order; equal names get one number.
fn merge(a: usize, b: usize, compare: impl Fn(usize, usize) -> Ordering) -> (Vec<u32>, Vec<u32>) {
    let (mut left, mut right) = (Vec::with_capacity(a), Vec::with_capacity(b));
    let mut next = 0;
    while left.len() < a || right.len() < b {
        let order = match (left.len() < a, right.len() < b) {
            (true, true) => compare(left.len(), right.len()),
            (true, false) => Ordering::Less,
            (false, _) => Ordering::Greater,
        };
        if order.is_le() {
            left.push(next);
        }
        if order.is_ge() {
            right.push(next);
        }
        next += 1;
    }
    (left, right)
}
