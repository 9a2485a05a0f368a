//! Rule 3: which judgement of a key comes after which, and so which is current.
//!
//! One comes before another when both have a time and its own is earlier; when the times are equal or one is missing,
//! when a record that introduces it is an ancestor of one that introduces the other; and by way of third ones, taken
//! back or not. Times are read as at most a day after the record that introduced them.

use std::ops::Range;

use rayon::prelude::*;

use super::ancestry::Ancestry;
use super::graph::Graph;
use super::{Judgement, Ledger, State, introducing};
use crate::base::Timestamp;
use crate::record::Kind;

/// The judgements of one key, as the order sees them.
#[derive(Default)]
pub(super) struct Key {
    times: Vec<Option<Timestamp>>,
    /// The records that introduce each, end to end.
    records: Vec<u32>,
    ends: Vec<usize>,
}

impl Key {
    /// Takes up the judgements `numbers` in the place of those before.
    pub(super) fn read(&mut self, ledger: &Ledger, numbers: Range<usize>) {
        self.times.clear();
        self.records.clear();
        self.ends.clear();
        for judgement in &ledger.judgements()[numbers] {
            self.times.push(ledger.ordering_time(judgement));
            let start = self.records.len();
            for carrier in introducing(&ledger.set.ancestry, ledger.carriers(judgement)) {
                if self.records[start..].last() != Some(&carrier.record) {
                    self.records.push(carrier.record);
                }
            }
            self.ends.push(self.records.len());
        }
    }

    /// Returns the time of a judgement, as the order reads it.
    pub(super) fn time(&self, index: usize) -> Option<Timestamp> {
        self.times[index]
    }

    fn introduced_by(&self, index: usize) -> &[u32] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.records[start..self.ends[index]]
    }

    /// Whether `a` comes before `b` on its own, not by way of others.
    pub(super) fn directly_before(&self, ancestry: &Ancestry, a: usize, b: usize) -> bool {
        match (self.times[a], self.times[b]) {
            (Some(a), Some(b)) if a != b => a < b,
            _ => self.introduced_by(a).iter().any(|earlier| {
                self.introduced_by(b)
                    .iter()
                    .any(|later| ancestry.descends(*later as usize, *earlier as usize))
            }),
        }
    }

    /// Returns the order of the key's judgements.
    pub(super) fn order(&self, ancestry: &Ancestry) -> Order {
        if self.times.len() > 64 {
            return Order::Many(Graph::new(self, ancestry));
        }
        let mut after = vec![0u64; self.times.len()];
        for (a, after) in after.iter_mut().enumerate() {
            for b in (0..self.times.len()).filter(|b| *b != a) {
                *after |= u64::from(self.directly_before(ancestry, a, b)) << b;
            }
        }
        for by_way_of in 0..after.len() {
            let further = after[by_way_of];
            for after in after.iter_mut().filter(|after| **after >> by_way_of & 1 == 1) {
                *after |= further;
            }
        }
        Order::Few(after)
    }

    /// Parts the judgements into classes that the order cannot tell apart: one time, introduced by the same records.
    /// Returns the class of each, and one judgement of each class, untimed ones first, then by time.
    pub(super) fn classes(&self) -> (Vec<u32>, Vec<u32>) {
        let looks = |index: &u32| (self.times[*index as usize], self.introduced_by(*index as usize));
        let mut order: Vec<u32> = (0..self.times.len() as u32).collect();
        order.sort_by(|a, b| looks(a).cmp(&looks(b)));
        let (mut class_of, mut classes) = (vec![0; order.len()], Vec::new());
        for class in order.chunk_by(|a, b| looks(a) == looks(b)) {
            class.iter().for_each(|index| class_of[*index as usize] = classes.len() as u32);
            classes.push(class[0]);
        }
        (class_of, classes)
    }
}

/// Which judgements of a key come after which.
pub(super) enum Order {
    /// At most 64 judgements: for each, the set of those after it.
    Few(Vec<u64>),
    /// More.
    Many(Graph),
}

impl Order {
    /// Returns which judgements are live with nothing live strictly after: every live one that comes
    /// after also comes before.
    pub(super) fn last(&self, live: &[bool]) -> Vec<bool> {
        match self {
            Self::Few(after) => {
                let mask = (0..live.len()).fold(0u64, |mask, index| mask | u64::from(live[index]) << index);
                let follows = |index: usize, other: usize| {
                    (mask & after[index]) >> other & 1 == 1 && after[other] >> index & 1 == 0
                };
                (0..live.len()).map(|i| live[i] && !(0..live.len()).any(|other| follows(i, other))).collect()
            }
            Self::Many(graph) => graph.last(live),
        }
    }

    /// Whether judgement `b` comes after `a`.
    pub(super) fn after(&self, a: usize) -> Box<dyn Fn(usize) -> bool + '_> {
        match self {
            Self::Few(after) => Box::new(move |b| after[a] >> b & 1 == 1),
            Self::Many(graph) => {
                let reached = graph.reached(a);
                Box::new(move |b| reached[graph.class_of[b] as usize])
            }
        }
    }
}

/// Whether two judgements, neighbours in the table, have one key.
pub(super) fn one_key(a: &Judgement, b: &Judgement) -> bool {
    (a.task, a.item, a.kind) == (b.task, b.item, b.kind)
        && (a.labeler == b.labeler || a.kind == Kind::Adjudications)
}

/// Returns the judgements of the key that `judgement` is of.
pub(super) fn key_of(ledger: &Ledger, judgement: usize) -> Range<usize> {
    let all = ledger.judgements();
    let of = |other: &Judgement| one_key(other, &all[judgement]);
    let before = all[..judgement].iter().rev().take_while(|other| of(other)).count();
    let after = all[judgement..].iter().take_while(|other| of(other)).count();
    judgement - before..judgement + after
}

/// Returns the order of the judgements `numbers`, which are a key.
pub(super) fn of_key(ledger: &Ledger, numbers: Range<usize>) -> Order {
    let mut key = Key::default();
    key.read(ledger, numbers);
    key.order(&ledger.set.ancestry)
}

/// How many judgements a thread settles at a time.
const CHUNK: usize = 8192;

/// Gives every judgement its state.
pub(super) fn settle(ledger: &mut Ledger) {
    let all = ledger.judgements();
    let mut chunks = Vec::with_capacity(all.len() / CHUNK + 1);
    let mut start = 0;
    while start < all.len() {
        let end = (start + CHUNK).min(all.len());
        // A key is settled as a whole.
        let more = all[end - 1..].windows(2).take_while(|pair| one_key(&pair[0], &pair[1])).count();
        chunks.push(start..end + more);
        start = end + more;
    }
    let states: Vec<Vec<State>> = chunks.into_par_iter().map(|chunk| settle_chunk(ledger, chunk)).collect();
    for (judgement, state) in ledger.table.judgements.iter_mut().zip(states.iter().flatten()) {
        judgement.state = *state;
    }
}

/// Returns the states of the judgements `numbers`, which are whole keys.
fn settle_chunk(ledger: &Ledger, numbers: Range<usize>) -> Vec<State> {
    let (mut states, mut scratch, mut live) = (Vec::with_capacity(numbers.len()), Key::default(), Vec::new());
    let mut start = numbers.start;
    for key in ledger.judgements()[numbers].chunk_by(one_key) {
        live.clear();
        live.extend((start..start + key.len()).map(|number| ledger.is_live(number)));
        if is_chain(ledger, key) {
            let last = live.iter().rposition(|live| *live);
            states.extend(live.iter().enumerate().map(|(index, live)| match live {
                true if Some(index) == last => State::Current,
                true => State::Superseded,
                false => State::Reverted,
            }));
        } else {
            scratch.read(ledger, start..start + key.len());
            settle_key(ledger, &scratch, key, &live, &mut states);
        }
        start += key.len();
    }
    states
}

/// Whether the judgements of a key, as the table has them, come one after the other by time alone: nearly all do.
fn is_chain(ledger: &Ledger, key: &[Judgement]) -> bool {
    let in_order = |pair: &[Judgement]| match (ledger.ordering_time(&pair[0]), ledger.ordering_time(&pair[1]))
    {
        (Some(earlier), Some(later)) => earlier < later,
        _ => false,
    };
    key.windows(2).all(in_order)
}

/// Appends the states of the judgements of one key.
fn settle_key(ledger: &Ledger, order: &Key, key: &[Judgement], live: &[bool], states: &mut Vec<State>) {
    let last = order.order(&ledger.set.ancestry).last(live);
    let mut said = key.iter().zip(&last).filter(|(_, last)| **last).map(|(judgement, _)| judgement.statement);
    let first = said.next();
    let top = if said.all(|statement| Some(statement) == first) { State::Current } else { State::Conflict };
    states.extend(live.iter().zip(&last).map(|(live, last)| match (live, last) {
        (false, _) => State::Reverted,
        (true, true) => top,
        (true, false) => State::Superseded,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Parents by position, and for each judgement its time and one or two records that introduce it.
    type Spec = (Vec<Vec<usize>>, Vec<(Option<i64>, usize, usize)>);

    fn spec() -> impl Strategy<Value = Spec> {
        let parents = prop::collection::vec(prop::collection::vec(0..8usize, 0..3), 1..8);
        let judgement = (prop::option::weighted(0.6, 0..4i64), 0..8usize, 0..8usize);
        (parents, prop::collection::vec(judgement, 1..12))
    }

    fn read((parents, judgements): &Spec) -> (Key, Ancestry) {
        let mut ancestry = Ancestry::default();
        for (own, parents) in parents.iter().enumerate() {
            let parents = parents.iter().filter(|_| own > 0).map(|parent| (parent % own.max(1)) as u32);
            ancestry.push(&parents.collect::<Vec<_>>());
        }
        let mut key = Key::default();
        for (time, first, second) in judgements {
            key.times.push(time.and_then(Timestamp::from_micros));
            let mut records = [first % parents.len(), second % parents.len()];
            records.sort_unstable();
            let related = records[0] == records[1] || ancestry.descends(records[1], records[0]);
            key.records.extend(records[..if related { 1 } else { 2 }].iter().map(|record| *record as u32));
            key.ends.push(key.records.len());
        }
        (key, ancestry)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn many_are_ordered_as_few_are(spec in spec(), live in prop::collection::vec(any::<bool>(), 12)) {
            let (key, ancestry) = read(&spec);
            let live = &live[..key.times.len()];
            let (few, many) = (key.order(&ancestry), Order::Many(Graph::new(&key, &ancestry)));
            prop_assert_eq!(few.last(live), many.last(live));
            for a in 0..live.len() {
                let (few, many) = (few.after(a), many.after(a));
                for b in (0..live.len()).filter(|b| *b != a) {
                    prop_assert_eq!(few(b), many(b), "{} {}", a, b);
                }
            }
        }
    }
}
