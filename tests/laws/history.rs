//! Random histories: a few replicas that commit, import again, take back, take taking back back, merge and join.
//!
//! Items, labelers, labels and times are few, so that judgements meet.

use std::collections::BTreeSet;

use hitl::base::{Digest, Timestamp};
use hitl::ledger::Loaded;
use hitl::record::{
    Cascade, Filter, GuidelineRef, Kind, LabelerKind, LabelerUse, Labelers, Manifest, Origin, RecordId,
    Revert, Rows, Shard, col,
};
use proptest::prelude::*;

pub const LABELERS: [&str; 4] = ["ana", "raj", "zoe", "bot"];
const ITEMS: [&str; 3] = ["x", "y", "z"];
const LABELS: [&str; 3] = ["A", "B", "C"];
const GUIDELINES: [&str; 3] = ["g@1", "g@2", "h@1"];
const KINDS: [Kind; 4] = [Kind::Labels, Kind::Predictions, Kind::Corrections, Kind::Adjudications];
const TASKS: [&str; 2] = ["t", "u"];

/// One row of a batch, by positions in the lists above.
#[derive(Clone, Debug)]
pub struct RowSpec {
    pub item: usize,
    pub labeler: usize,
    label: usize,
    time: usize,
    origin: usize,
    guideline: usize,
    shown: Option<(usize, usize)>,
}

/// What a revert takes back, by positions in the lists above.
#[derive(Clone, Debug)]
pub struct RevertSpec {
    fields: u16,
    records: usize,
    labeler: usize,
    guideline: usize,
    kind: usize,
    task: usize,
    origin: usize,
    item: usize,
    window: (i64, i64),
    cascade: usize,
    concurrent: bool,
}

/// What one replica does next.
#[derive(Clone, Debug)]
pub enum Step {
    Batch {
        kind: usize,
        task: usize,
        rows: Vec<RowSpec>,
    },
    /// Somebody is shown a row that the replica knows, and answers.
    Answer {
        record: usize,
        row: usize,
        origin: usize,
        answer: RowSpec,
    },
    Again {
        record: usize,
    },
    Revert(RevertSpec),
    RevertRevert {
        revert: usize,
    },
    Merge {
        other: usize,
    },
    Join,
}

pub fn row() -> impl Strategy<Value = RowSpec> {
    let shown = prop_oneof![2 => Just(None), 3 => (0..3usize, 0..4usize).prop_map(Some)];
    // Few of everything; one item is judged most.
    let item = prop_oneof![4 => Just(0usize), 1 => 1..3usize];
    (item, 0..4usize, 0..4usize, 0..6usize, 0..6usize, 0..4usize, shown).prop_map(
        |(item, labeler, label, time, origin, guideline, shown)| RowSpec {
            item,
            labeler,
            label,
            time,
            origin,
            guideline,
            shown,
        },
    )
}

pub fn revert() -> impl Strategy<Value = RevertSpec> {
    // One field mostly; seldom none, or several.
    let fields = prop_oneof![1 => Just(0u16), 3 => Just(1u16), 3 => Just(2u16), 5 => (0..9u16).prop_map(|bit| 1 << bit), 2 => 0..512u16];
    let names = (0..8usize, 0..4usize, 0..4usize, 0..4usize, 0..2usize, 0..6usize, 0..3usize);
    (fields, names, (0..5i64, 0..5i64), 0..3usize, any::<bool>()).prop_map(
        |(fields, (records, labeler, guideline, kind, task, origin, item), window, cascade, concurrent)| {
            RevertSpec {
                fields,
                records,
                labeler,
                guideline,
                kind,
                task,
                origin,
                item,
                window,
                cascade,
                concurrent,
            }
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![5 => Just(0usize), 3 => Just(1usize), 1 => Just(2usize), 1 => Just(3usize)];
    let task = prop_oneof![5 => Just(0usize), 1 => Just(1usize)];
    let batch = (kind, task, prop::collection::vec(row(), 1..4));
    prop_oneof![
        6 => batch.prop_map(|(kind, task, rows)| Step::Batch { kind, task, rows }),
        5 => (0..8usize, 0..4usize, 0..6usize, row()).prop_map(|(record, row, origin, answer)| Step::Answer {
            record,
            row,
            origin,
            answer,
        }),
        1 => (0..8usize).prop_map(|record| Step::Again { record }),
        4 => revert().prop_map(Step::Revert),
        2 => (0..4usize).prop_map(|revert| Step::RevertRevert { revert }),
        2 => (0..3usize).prop_map(|other| Step::Merge { other }),
        1 => Just(Step::Join),
    ]
}

/// Returns the records that some steps of three replicas come to.
pub fn history() -> impl Strategy<Value = History> {
    prop::collection::vec((0..3usize, 0..4i64, step()), 1..16).prop_map(|steps| History::of(&steps))
}

/// Returns histories in which much is built on much, and taken back with what was built on it.
pub fn cascades() -> impl Strategy<Value = History> {
    let one = || row().prop_map(|row| RowSpec { item: 0, time: if row.time < 4 { 0 } else { 4 }, ..row });
    let answer = (0..8usize, 0..4usize, 1..3usize, one());
    let revert = (revert(), prop_oneof![Just(1u16), Just(2), Just(1 << 5)], 1..3usize);
    let step = prop_oneof![
        3 => prop::collection::vec(one(), 1..3).prop_map(|rows| Step::Batch { kind: 1, task: 0, rows }),
        8 => answer.prop_map(|(record, row, origin, answer)| Step::Answer { record, row, origin, answer }),
        4 => revert.prop_map(|(spec, fields, cascade)| Step::Revert(RevertSpec { fields, cascade, ..spec })),
        1 => (0..4usize).prop_map(|revert| Step::RevertRevert { revert }),
        1 => (0..2usize).prop_map(|other| Step::Merge { other }),
    ];
    let replica = prop_oneof![4 => Just(0usize), 1 => Just(1usize)];
    prop::collection::vec((replica, Just(0i64), step), 3..14).prop_map(|steps| History::of(&steps))
}

/// Records, and what each replica knows of them.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub records: Vec<Loaded>,
    known: [BTreeSet<usize>; 3],
}

impl History {
    fn of(steps: &[(usize, i64, Step)]) -> Self {
        let mut history = Self::default();
        for (replica, clock, step) in steps {
            history.step(*replica, *clock, step);
        }
        history
    }

    fn step(&mut self, replica: usize, clock: i64, step: &Step) {
        let parents = self.heads(Some(replica));
        let number = self.records.len();
        let record = match step {
            Step::Batch { kind, task, rows } => batch(number, parents, KINDS[*kind], TASKS[*task], rows),
            Step::Answer { record, row, origin, answer } => {
                let Some(other) = self.pick(replica, *record, |record| record.manifest.kind.is_judgement())
                else {
                    return;
                };
                self.answer(parents, other, row % other.rows.len(), Origin::ALL[*origin], answer)
            }
            Step::Again { record } => {
                let Some(other) = self.pick(replica, *record, |record| record.manifest.kind.is_judgement())
                else {
                    return;
                };
                again(number, parents, other)
            }
            Step::Revert(spec) => self.revert(parents, spec),
            Step::RevertRevert { revert } => {
                let Some(other) = self.pick(replica, *revert, |record| record.manifest.revert.is_some())
                else {
                    return;
                };
                back(number, parents, other.id)
            }
            Step::Merge { other } => {
                let theirs = self.known[*other].clone();
                self.known[replica].extend(theirs);
                return;
            }
            Step::Join => record(number, parents, Kind::Joins, None),
        };
        self.known[replica].insert(number);
        self.records.push(record);
        // Clocks run apart, by less than a day or by more.
        let recorded_at = &mut self.records[number].manifest.recorded_at;
        *recorded_at = Timestamp::from_micros([0, 3, 5, Timestamp::DAY_MICROS][clock as usize]).unwrap();
    }

    /// Returns the heads of what `replica` knows, or of all.
    pub fn heads(&self, replica: Option<usize>) -> Vec<RecordId> {
        let known: Vec<usize> = match replica {
            Some(replica) => self.known[replica].iter().copied().collect(),
            None => (0..self.records.len()).collect(),
        };
        let is_parent =
            |id: RecordId| known.iter().any(|other| self.records[*other].manifest.parents.contains(&id));
        let mut heads: Vec<RecordId> =
            known.iter().map(|number| self.records[*number].id).filter(|id| !is_parent(*id)).collect();
        heads.sort();
        heads
    }

    /// Returns the next record, in which the labeler of `answer` says what `row` of `other` says, having seen it.
    fn answer(
        &self,
        parents: Vec<RecordId>,
        other: &Loaded,
        row: usize,
        origin: Origin,
        answer: &RowSpec,
    ) -> Loaded {
        let mut rows = Rows::empty(Kind::Labels);
        let text = |column| other.rows.text(row, column).unwrap();
        let own = rows.push_judgement(text(col::ITEM), LABELERS[answer.labeler], origin);
        rows.set_time(
            own,
            col::CREATED_AT,
            Timestamp::from_micros(answer.time as i64).filter(|_| answer.time.is_multiple_of(2)),
        );
        rows.set_text(own, col::SHOWN_BY, text(col::LABELER));
        if let Some(statement) = other.rows.statement(row) {
            rows.set_text(own, col::SHOWN, &statement);
            rows.set_text(own, col::LABEL, LABELS.get(answer.label).copied().unwrap_or(&statement));
        }
        with_rows(self.records.len(), parents, Kind::Labels, other.manifest.task.as_deref().unwrap(), rows)
    }

    fn pick(&self, replica: usize, choice: usize, fits: impl Fn(&Loaded) -> bool) -> Option<&Loaded> {
        let known: Vec<&Loaded> = self.known[replica]
            .iter()
            .map(|number| &self.records[*number])
            .filter(|record| fits(record))
            .collect();
        (!known.is_empty()).then(|| known[choice % known.len()])
    }

    /// Returns the next record, a revert by `spec`.
    pub fn revert(&self, parents: Vec<RecordId>, spec: &RevertSpec) -> Loaded {
        let has = |bit: u16| spec.fields >> bit & 1 == 1;
        let batches: Vec<RecordId> = self
            .records
            .iter()
            .filter(|record| record.manifest.kind.is_judgement())
            .map(|record| record.id)
            .collect();
        let mut filter = Filter::default();
        if has(0) && !batches.is_empty() {
            filter.records = vec![batches[spec.records % batches.len()]];
        }
        if has(1) {
            filter.labelers = vec![LABELERS[spec.labeler].into()];
        }
        if has(2) {
            filter.guidelines = vec![GuidelineRef(["g", "g@1", "g@2", "h"][spec.guideline].into())];
        }
        if has(3) {
            filter.kinds = vec![KINDS[spec.kind]];
        }
        if has(4) {
            filter.tasks = vec![TASKS[spec.task].into()];
        }
        if has(5) {
            filter.origins = vec![Origin::ALL[spec.origin]];
        }
        if has(6) {
            filter.items = Some([ITEMS[spec.item].to_owned()].into());
        }
        if has(7) {
            filter.since = Timestamp::from_micros(spec.window.0);
            filter.until = Timestamp::from_micros(spec.window.0 + spec.window.1);
        }
        let mut record = record(self.records.len(), parents, Kind::Reverts, None);
        if has(8) {
            // The items lie in the revert's shard.
            let row = record.rows.push_nulls();
            record.rows.set_text(row, col::ITEM, ITEMS[spec.item]);
            record.manifest.shard = Some(Shard { sha256: Digest([0; 32]), bytes: 1, rows: 1 });
        }
        let cascade = [Cascade::None, Cascade::Confirmed, Cascade::All][spec.cascade];
        record.manifest.revert = Some(Revert { filter, cascade, concurrent: spec.concurrent });
        record
    }
}

fn record(number: usize, parents: Vec<RecordId>, kind: Kind, task: Option<&str>) -> Loaded {
    let manifest = Manifest {
        task: task.map(str::to_owned),
        parents,
        ..Manifest::new(kind, Timestamp::from_micros(0).unwrap())
    };
    Loaded { id: RecordId(Digest::of(&number.to_be_bytes())), manifest, rows: Rows::empty(kind) }
}

/// Returns record `number`: a batch of `rows`.
pub fn batch(number: usize, parents: Vec<RecordId>, kind: Kind, task: &str, rows: &[RowSpec]) -> Loaded {
    with_rows(number, parents, kind, task, table(kind, rows))
}

/// Returns record `number`: a batch of rows as they are.
pub fn with_rows(number: usize, parents: Vec<RecordId>, kind: Kind, task: &str, rows: Rows) -> Loaded {
    let mut record = record(number, parents, kind, Some(task));
    let labelers = (0..rows.len()).map(|row| {
        let labeler = rows.text(row, col::LABELER).unwrap();
        let kind = if labeler == "bot" { LabelerKind::Model } else { LabelerKind::Human };
        (labeler.to_owned(), LabelerUse { kind, rows: 1 })
    });
    record.manifest.labelers = Labelers::Listed(labelers.collect());
    record.rows = rows;
    record
}

/// Returns record `number`: the rows of `other` once more.
pub fn again(number: usize, parents: Vec<RecordId>, other: &Loaded) -> Loaded {
    with_rows(
        number,
        parents,
        other.manifest.kind,
        other.manifest.task.as_deref().unwrap(),
        other.rows.clone(),
    )
}

/// Returns record `number`, which takes back the revert `named`.
pub fn back(number: usize, parents: Vec<RecordId>, named: RecordId) -> Loaded {
    let mut record = record(number, parents, Kind::Reverts, None);
    let filter = Filter { records: vec![named], ..Filter::default() };
    record.manifest.revert = Some(Revert { filter, ..Revert::default() });
    record
}

/// Returns record `number`, which takes back what `filter` chooses.
pub fn take_back(number: usize, parents: Vec<RecordId>, filter: Filter) -> Loaded {
    let mut record = record(number, parents, Kind::Reverts, None);
    record.manifest.revert = Some(Revert { filter, ..Revert::default() });
    record
}

/// Returns record `number`, a join.
pub fn join(number: usize, parents: Vec<RecordId>) -> Loaded {
    record(number, parents, Kind::Joins, None)
}

/// Returns `rows` as a batch of `kind` has them.
pub fn table(kind: Kind, specs: &[RowSpec]) -> Rows {
    let mut rows = Rows::empty(kind);
    for spec in specs {
        let row = rows.push_judgement(ITEMS[spec.item], LABELERS[spec.labeler], Origin::ALL[spec.origin]);
        // Half of all are untimed; one time is so late that it is not believed.
        let time = [None, None, None, Some(1), Some(2), Some(2 * Timestamp::DAY_MICROS)][spec.time];
        rows.set_time(row, col::CREATED_AT, time.and_then(Timestamp::from_micros));
        if let Some(guideline) = GUIDELINES.get(spec.guideline) {
            rows.set_text(row, col::GUIDELINE, guideline);
        }
        if let Some((label, labeler)) = spec.shown {
            rows.set_text(row, col::SHOWN, LABELS[label]);
            rows.set_text(row, col::SHOWN_BY, LABELERS[labeler]);
        }
        match (kind, LABELS.get(spec.label)) {
            (Kind::Corrections, label) => {
                rows.set_text(row, col::ORIGINAL, "o");
                rows.set_text(row, col::VERDICT, "corrected");
                label.into_iter().for_each(|label| rows.set_text(row, col::CORRECTED, label));
            }
            (_, Some(label)) => rows.set_text(row, col::LABEL, label),
            (_, None) => {}
        }
    }
    rows
}
