//! The rules of `docs/semantics.md` once more, slow and obvious: sets of names, no numbers, no order of evaluation.
//!
//! Shares nothing with the ledger but the vocabulary of records.

use std::collections::{BTreeMap, BTreeSet};

use hitl::base::Timestamp;
use hitl::ledger::{Loaded, State};
use hitl::record::{Cascade, Kind, Origin, RecordId, canonical_row, col};

/// What makes two rows one judgement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    pub kind: Kind,
    pub task: String,
    pub item: String,
    pub labeler: String,
    pub statement: Option<String>,
    pub created_at: Option<i64>,
}

impl Identity {
    fn key(&self) -> (Kind, &str, &str, &str) {
        let labeler = if self.kind == Kind::Adjudications { "" } else { &self.labeler };
        (self.kind, &self.task, &self.item, labeler)
    }
}

/// What has become of a judgement.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    pub state: State,
    pub reverted_by: BTreeSet<RecordId>,
    /// Each carrier, and whether it is covered.
    pub carriers: BTreeMap<(RecordId, usize), bool>,
    /// The judgements of its key that come after it.
    pub after: BTreeSet<Identity>,
    /// The canonical row that gives its attributes.
    pub attributes: Vec<u8>,
    /// The judgements it was built on.
    pub built_on: BTreeSet<Identity>,
}

type Carriers = BTreeMap<Identity, BTreeSet<(RecordId, usize)>>;

pub struct Model<'a> {
    records: BTreeMap<RecordId, &'a Loaded>,
    ancestors: BTreeMap<RecordId, BTreeSet<RecordId>>,
    carriers: Carriers,
}

impl<'a> Model<'a> {
    pub fn new(records: &'a [Loaded]) -> Self {
        let records: BTreeMap<RecordId, &Loaded> = records.iter().map(|record| (record.id, record)).collect();
        let mut ancestors: BTreeMap<RecordId, BTreeSet<RecordId>> =
            records.keys().map(|id| (*id, BTreeSet::new())).collect();
        loop {
            let before = ancestors.clone();
            for (id, record) in &records {
                for parent in record.manifest.parents.iter().filter(|parent| records.contains_key(parent)) {
                    let theirs = ancestors[parent].clone();
                    let mine = ancestors.get_mut(id).unwrap();
                    mine.insert(*parent);
                    mine.extend(theirs);
                }
            }
            if ancestors == before {
                break;
            }
        }
        let mut carriers = Carriers::new();
        for (id, record) in records.iter().filter(|(_, record)| record.manifest.kind.is_judgement()) {
            for row in 0..record.rows.len() {
                let text = |column| record.rows.text(row, column).unwrap().to_owned();
                let identity = Identity {
                    kind: record.manifest.kind,
                    task: record.manifest.task.clone().unwrap(),
                    item: text(col::ITEM),
                    labeler: text(col::LABELER),
                    statement: record.rows.statement(row).map(Into::into),
                    created_at: record.rows.time(row, col::CREATED_AT).map(Timestamp::micros),
                };
                carriers.entry(identity).or_default().insert((*id, row));
            }
        }
        Self { records, ancestors, carriers }
    }

    fn descends(&self, later: RecordId, earlier: RecordId) -> bool {
        self.ancestors[&later].contains(&earlier)
    }

    /// A revert lives unless a live revert names it.
    pub fn is_live_revert(&self, id: RecordId) -> bool {
        let is_revert = |id| self.records[&id].manifest.revert.is_some();
        let names =
            |record: &Loaded| record.manifest.revert.as_ref().is_some_and(|r| r.filter.records.contains(&id));
        is_revert(id) && !self.records.values().any(|other| names(other) && self.is_live_revert(other.id))
    }

    fn names_a_revert(&self, id: RecordId) -> bool {
        let named = &self.records[&id].manifest.revert.as_ref().unwrap().filter.records;
        named.iter().any(|id| self.records.get(id).is_some_and(|named| named.manifest.revert.is_some()))
    }

    fn introducing(&self, identity: &Identity) -> Vec<(RecordId, usize)> {
        let all = &self.carriers[identity];
        let first = |carrier: &&(RecordId, usize)| !all.iter().any(|other| self.descends(carrier.0, other.0));
        all.iter().filter(first).copied().collect()
    }

    /// Whether the revert looks for judgements in `record`.
    fn looks_in(&self, revert: RecordId, record: RecordId) -> bool {
        match self.records[&revert].manifest.revert.as_ref().unwrap().concurrent {
            true => !self.descends(record, revert),
            false => self.descends(revert, record),
        }
    }

    fn matches(&self, revert: RecordId, (id, row): (RecordId, usize), who: &Identity) -> bool {
        let filter = &self.records[&revert].manifest.revert.as_ref().unwrap().filter;
        let own = &self.records[&revert].rows;
        let record = self.records[&id];
        let items = filter.items.clone().or_else(|| {
            (!own.is_empty())
                .then(|| (0..own.len()).map(|row| own.text(row, col::ITEM).unwrap().to_owned()).collect())
        });
        let guideline = record.rows.text(row, col::GUIDELINE);
        let origin: Origin = record.rows.text(row, col::ORIGIN).unwrap().parse().unwrap();
        let time = who.created_at.unwrap_or(record.manifest.recorded_at.micros());
        (filter.records.is_empty() || filter.records.contains(&id))
            && (filter.labelers.is_empty() || filter.labelers.contains(&who.labeler))
            && (filter.guidelines.is_empty()
                || guideline
                    .is_some_and(|key| filter.guidelines.iter().any(|guideline| guideline.covers(key))))
            && (filter.kinds.is_empty() || filter.kinds.contains(&who.kind))
            && (filter.tasks.is_empty() || filter.tasks.contains(&who.task))
            && (filter.origins.is_empty() || filter.origins.contains(&origin))
            && items.is_none_or(|items| items.contains(&who.item))
            && filter.since.is_none_or(|since| since.micros() <= time)
            && filter.until.is_none_or(|until| time < until.micros())
    }

    /// Whether introducing carriers say that `b` was built on `a`; with the origins they give.
    fn built_on(&self, b: &Identity, a: &Identity) -> BTreeSet<Origin> {
        let mut origins = BTreeSet::new();
        let fits = a != b && a.task == b.task && a.item == b.item && a.kind != Kind::Adjudications;
        let late = |rb: &(RecordId, usize)| self.introducing(a).iter().any(|ra| self.descends(ra.0, rb.0));
        let by = self.introducing(b);
        if !fits || a.statement.is_none() || by.iter().any(late) {
            return origins;
        }
        for (id, row) in by {
            let rows = &self.records[&id].rows;
            if rows.text(row, col::SHOWN) == a.statement.as_deref()
                && rows.text(row, col::SHOWN_BY) == Some(&a.labeler)
            {
                origins.insert(rows.text(row, col::ORIGIN).unwrap().parse().unwrap());
            }
        }
        origins
    }

    /// What each live revert takes back, cascades included.
    fn taken(&self) -> BTreeMap<RecordId, BTreeSet<Identity>> {
        let reverts: Vec<RecordId> =
            self.records.keys().copied().filter(|id| self.is_live_revert(*id)).collect();
        let mut taken: BTreeMap<RecordId, BTreeSet<Identity>> = BTreeMap::new();
        for revert in reverts.into_iter().filter(|id| !self.names_a_revert(*id)) {
            let seen = |(who, carriers): &(&Identity, &BTreeSet<(RecordId, usize)>)| {
                carriers
                    .iter()
                    .any(|carrier| self.looks_in(revert, carrier.0) && self.matches(revert, *carrier, who))
            };
            taken.insert(revert, self.carriers.iter().filter(seen).map(|(who, _)| who.clone()).collect());
        }
        loop {
            let before = taken.clone();
            for (revert, already) in &mut taken {
                let cascade = self.records[revert].manifest.revert.as_ref().unwrap().cascade;
                let joins = |b: &&Identity| self.joins(*revert, cascade, b, already, &before);
                let more: Vec<Identity> = self.carriers.keys().filter(joins).cloned().collect();
                already.extend(more);
            }
            if taken == before {
                return taken;
            }
        }
    }

    fn joins(
        &self,
        revert: RecordId,
        cascade: Cascade,
        b: &Identity,
        already: &BTreeSet<Identity>,
        taken: &BTreeMap<RecordId, BTreeSet<Identity>>,
    ) -> bool {
        let on: Vec<(&Identity, BTreeSet<Origin>)> = self
            .carriers
            .keys()
            .map(|a| (a, self.built_on(b, a)))
            .filter(|(_, origins)| !origins.is_empty())
            .collect();
        b.kind != Kind::Adjudications
            && on.iter().any(|(a, origins)| {
                already.contains(*a) && origins.iter().any(|origin| cascade.takes(*origin))
            })
            && on.iter().all(|(a, _)| !self.is_live(a, taken))
            && self.carriers[b].iter().any(|carrier| self.looks_in(revert, carrier.0))
    }

    fn is_covered(
        &self,
        who: &Identity,
        record: RecordId,
        taken: &BTreeMap<RecordId, BTreeSet<Identity>>,
    ) -> bool {
        taken.iter().any(|(revert, all)| all.contains(who) && !self.descends(record, *revert))
    }

    fn is_live(&self, who: &Identity, taken: &BTreeMap<RecordId, BTreeSet<Identity>>) -> bool {
        self.carriers[who].iter().any(|carrier| !self.is_covered(who, carrier.0, taken))
    }

    fn time(&self, who: &Identity) -> Option<i64> {
        let recorded = |carrier: &(RecordId, usize)| self.records[&carrier.0].manifest.recorded_at.micros();
        let limit = self.introducing(who).iter().map(recorded).min().unwrap() + 86_400_000_000;
        who.created_at.map(|time| time.min(limit))
    }

    /// All pairs of one key of which the first comes before the second.
    fn order(&self) -> BTreeSet<(Identity, Identity)> {
        let mut pairs = BTreeSet::new();
        for a in self.carriers.keys() {
            for b in self.carriers.keys().filter(|b| a != *b && a.key() == b.key()) {
                let before = match (self.time(a), self.time(b)) {
                    (Some(a), Some(b)) if a != b => a < b,
                    _ => {
                        let by = self.introducing(b);
                        self.introducing(a).iter().any(|ra| by.iter().any(|rb| self.descends(rb.0, ra.0)))
                    }
                };
                if before {
                    pairs.insert((a.clone(), b.clone()));
                }
            }
        }
        loop {
            let mut more = pairs.clone();
            for (a, b) in &pairs {
                more.extend(pairs.iter().filter(|(c, _)| b == c).map(|(_, d)| (a.clone(), d.clone())));
            }
            if more == pairs {
                return pairs;
            }
            pairs = more;
        }
    }

    fn attributes(&self, who: &Identity, taken: &BTreeMap<RecordId, BTreeSet<Identity>>) -> Vec<u8> {
        let live: Vec<_> =
            self.carriers[who].iter().filter(|carrier| !self.is_covered(who, carrier.0, taken)).collect();
        let all = if live.is_empty() { self.carriers[who].iter().collect() } else { live };
        let last = all.iter().filter(|carrier| !all.iter().any(|other| self.descends(other.0, carrier.0)));
        let bytes = last.map(|carrier| {
            let mut bytes = Vec::new();
            canonical_row(&self.records[&carrier.0].rows, carrier.1, &mut bytes);
            bytes
        });
        bytes.min().unwrap()
    }

    pub fn facts(&self) -> BTreeMap<Identity, Fact> {
        let (taken, order) = (self.taken(), self.order());
        let live: BTreeSet<&Identity> =
            self.carriers.keys().filter(|who| self.is_live(who, &taken)).collect();
        let before = |a: &Identity, b: &Identity| order.contains(&(a.clone(), b.clone()));
        let stands = |x: &Identity| live.contains(x) && live.iter().all(|y| !before(x, y) || before(y, x));
        let fact = |who: &Identity| {
            let contradicted = || {
                live.iter().any(|other| {
                    stands(other) && other.key() == who.key() && other.statement != who.statement
                })
            };
            let state = match (live.contains(who), stands(who)) {
                (false, _) => State::Reverted,
                (true, false) => State::Superseded,
                (true, true) if contradicted() => State::Conflict,
                (true, true) => State::Current,
            };
            let covered = |(id, row): &(RecordId, usize)| ((*id, *row), self.is_covered(who, *id, &taken));
            Fact {
                state,
                reverted_by: taken
                    .iter()
                    .filter(|(_, all)| all.contains(who))
                    .map(|(revert, _)| *revert)
                    .collect(),
                carriers: self.carriers[who].iter().map(covered).collect(),
                after: order.iter().filter(|(a, _)| a == who).map(|(_, b)| b.clone()).collect(),
                attributes: self.attributes(who, &taken),
                built_on: self
                    .carriers
                    .keys()
                    .filter(|a| !self.built_on(who, a).is_empty())
                    .cloned()
                    .collect(),
            }
        };
        self.carriers.keys().map(|who| (who.clone(), fact(who))).collect()
    }
}
