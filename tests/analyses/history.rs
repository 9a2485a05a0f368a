//! Histories of records: a small builder, and random ones for laws.

use std::collections::BTreeMap;

use hitl::base::{Digest, Timestamp};
use hitl::ledger::{Ledger, Loaded};
use hitl::record::{
    Cascade, Filter, GuidelineRef, GuidelineUse, Kind, LabelerKind, LabelerUse, Labelers, Manifest, Origin,
    RecordId, Revert, Rows, Shard, Source, col,
};
use proptest::prelude::*;

/// One label: item, labeler, label (`-` abstains), minute (`None` for no time).
pub type Said<'a> = (&'a str, &'a str, &'a str, Option<i64>);

/// Records in the making.
#[derive(Clone, Default)]
pub struct History {
    pub records: Vec<Loaded>,
}

/// Returns the moment `minute` minutes after 2026-01-01.
pub fn at(minute: i64) -> Timestamp {
    "2026-01-01".parse::<Timestamp>().unwrap().plus_micros(minute * 60_000_000)
}

fn manifest(kind: Kind, task: Option<&str>, parents: &[RecordId], minute: i64) -> Manifest {
    let mut parents = parents.to_vec();
    parents.sort_unstable();
    parents.dedup();
    Manifest {
        kind,
        task: task.map(str::to_owned),
        actor: "Ana Lopez <ana@example.org>".into(),
        recorded_at: at(minute),
        tool: "hitl 0.1.0".into(),
        parents,
        source: None,
        schema_sha256: None,
        labelers: Labelers::Listed(BTreeMap::new()),
        guidelines: BTreeMap::new(),
        origins: BTreeMap::new(),
        shard: None,
        rows_root: None,
        revert: None,
        message: String::new(),
    }
}

/// Returns the kind that a labeler's name stands for.
fn labeler_kind(labeler: &str) -> LabelerKind {
    match labeler {
        "model-1" => LabelerKind::Model,
        "gold" => LabelerKind::Gold,
        _ => LabelerKind::Human,
    }
}

impl History {
    /// Adds rows of `kind` for task `tone`, on top of `parents`, recorded at `minute`.
    pub fn rows(&mut self, kind: Kind, parents: &[RecordId], minute: i64, rows: Rows) -> RecordId {
        let task = (kind != Kind::Items).then_some("tone");
        let mut manifest = manifest(kind, task, parents, minute);
        let mut labelers: BTreeMap<String, LabelerUse> = BTreeMap::new();
        for row in 0..if kind.is_judgement() { rows.len() } else { 0 } {
            let labeler = rows.text(row, col::LABELER).unwrap();
            let entry = labelers
                .entry(labeler.to_owned())
                .or_insert(LabelerUse { kind: labeler_kind(labeler), rows: 0 });
            entry.rows += 1;
            if let Some(guideline) = rows.text(row, col::GUIDELINE) {
                let sha256 = Digest::of(guideline.as_bytes());
                let entry = manifest.guidelines.entry(guideline.to_owned());
                entry.or_insert(GuidelineUse { sha256, rows: 0 }).rows += 1;
            }
        }
        manifest.labelers = Labelers::Listed(labelers);
        let digest = Digest::of(b"shard");
        manifest.shard = Some(Shard { sha256: digest, bytes: 1, rows: rows.len() as u64 });
        manifest.source = Some(Source {
            file: "week1.csv".into(),
            sha256: Digest::of(b"source"),
            bytes: 7,
            detected: "csv, long form".into(),
            mapping: BTreeMap::new(),
            flags: vec![],
        });
        self.push(manifest, hitl::record::sort(&rows))
    }

    /// Adds labels.
    pub fn labels(&mut self, parents: &[RecordId], minute: i64, said: &[Said<'_>]) -> RecordId {
        self.rows(Kind::Labels, parents, minute, label_rows(Kind::Labels, said))
    }

    /// Adds a revert of what `filter` chooses.
    pub fn revert(
        &mut self,
        parents: &[RecordId],
        minute: i64,
        filter: Filter,
        concurrent: bool,
    ) -> RecordId {
        self.cascading(parents, minute, filter, concurrent, Cascade::None)
    }

    /// Adds a revert that may take what was built on it.
    pub fn cascading(
        &mut self,
        parents: &[RecordId],
        minute: i64,
        filter: Filter,
        concurrent: bool,
        cascade: Cascade,
    ) -> RecordId {
        let mut manifest = manifest(Kind::Reverts, None, parents, minute);
        let (mut filter, mut rows) = (filter, Rows::empty(Kind::Reverts));
        // A concurrent one keeps its item list in its shard, so that both places are met.
        for item in filter.items.take_if(|_| concurrent).unwrap_or_default() {
            let row = rows.push_nulls();
            rows.set_text(row, col::ITEM, &item);
        }
        manifest.revert = Some(Revert { filter, cascade, concurrent });
        manifest.message = "careless".into();
        self.push(manifest, rows)
    }

    fn push(&mut self, manifest: Manifest, rows: Rows) -> RecordId {
        // Numbered, so that the same contents twice are two records.
        let id = RecordId::of(format!("{} {manifest:?} {rows:?}", self.records.len()).as_bytes());
        self.records.push(Loaded { id, manifest, rows });
        id
    }

    /// Returns the heads as they are now.
    pub fn heads(&self) -> Vec<RecordId> {
        let named = |id: &RecordId| self.records.iter().any(|record| record.manifest.parents.contains(id));
        self.records.iter().map(|record| record.id).filter(|id| !named(id)).collect()
    }

    /// Folds all records.
    pub fn ledger(&self) -> Ledger {
        Ledger::fold(self.records.clone())
    }
}

/// Returns rows of labels or adjudications.
pub fn label_rows(kind: Kind, said: &[Said<'_>]) -> Rows {
    let mut rows = Rows::empty(kind);
    for (item, labeler, label, minute) in said {
        // Whoever judges at an odd minute sees a guess of the model first.
        let saw = minute.is_some_and(|minute| minute % 2 == 1) && *labeler != "model-1";
        let origin = match (saw, *label == "no") {
            (false, _) => Origin::Fresh,
            (true, true) => Origin::Confirmed,
            (true, false) => Origin::Changed,
        };
        let row = rows.push_judgement(item, labeler, origin);
        if saw {
            rows.set_text(row, col::SHOWN, "no");
            rows.set_text(row, col::SHOWN_BY, "model-1");
        }
        if *label != "-" {
            rows.set_text(row, col::LABEL, label);
        }
        rows.set_time(row, col::CREATED_AT, minute.map(at));
        if minute.is_some_and(|minute| minute % 2 == 0) {
            rows.set_text(row, col::GUIDELINE, "tone@2");
        }
    }
    rows
}

/// Returns a filter by labeler.
pub fn by(labeler: &str) -> Filter {
    Filter { labelers: vec![labeler.into()], ..Filter::default() }
}

/// Returns a filter by record.
pub fn of(record: RecordId) -> Filter {
    Filter { records: vec![record], ..Filter::default() }
}

const ITEMS: [&str; 4] = ["i1", "i2", "i3", "ü4"];
const PEOPLE: [&str; 4] = ["ana", "bob", "eve", "model-1"];
const LABELS: [&str; 4] = ["no", "yes", "maybe", "-"];

/// One random step.
#[derive(Clone, Debug)]
pub enum Step {
    /// Rows (item, labeler, label, minute), of labels or adjudications.
    Rows(Vec<(usize, usize, usize, Option<i64>)>, bool),
    /// A revert by one of several filters, and whether it is concurrent.
    Revert(usize, usize, bool),
    /// A revert of the n-th revert.
    Unrevert(usize),
}

/// Random steps, each with which earlier records are its parents.
pub fn steps() -> impl Strategy<Value = Vec<(Step, u8, u8)>> {
    let time =
        prop_oneof![3 => Just(None), 9 => (0..6_i64).prop_map(Some), 1 => (9001..9003_i64).prop_map(Some)];
    let said = (0..4_usize, 0..4_usize, 0..4_usize, time);
    let step = prop_oneof![
        5 => (prop::collection::vec(said, 1..6), prop::bool::weighted(0.15)).prop_map(|(rows, all)| Step::Rows(rows, all)),
        2 => (0..6_usize, 0..4_usize, any::<bool>()).prop_map(|(how, what, wide)| Step::Revert(how, what, wide)),
        1 => (0..4_usize).prop_map(Step::Unrevert),
    ];
    prop::collection::vec((step, any::<u8>(), any::<u8>()), 1..10)
}

/// Plays random steps.
pub fn play(steps: &[(Step, u8, u8)]) -> History {
    let mut history = History::default();
    history.play_on(steps);
    history
}

impl History {
    /// Plays random steps on top of what is there.
    pub fn play_on(&mut self, steps: &[(Step, u8, u8)]) {
        for (step, first, second) in steps {
            let len = self.records.len();
            let pick = |pick: &u8| self.records[len - 1 - usize::from(*pick) % len.min(3)].id;
            let parents = if len == 0 { vec![] } else { [first, second].map(pick).to_vec() };
            self.step(step, &parents, 100 + len as i64);
        }
    }

    fn step(&mut self, step: &Step, parents: &[RecordId], minute: i64) {
        match step {
            Step::Rows(rows, adjudicate) => {
                let kind = if *adjudicate { Kind::Adjudications } else { Kind::Labels };
                let mut said: Vec<Said<'_>> =
                    rows.iter().map(|(i, p, l, time)| (ITEMS[*i], PEOPLE[*p], LABELS[*l], *time)).collect();
                // One labeler says one thing of one item at one time: ingest refuses anything else.
                said.sort_by_key(|(item, labeler, _, time)| (*item, *labeler, *time));
                said.dedup_by_key(|(item, labeler, _, time)| (*item, *labeler, *time));
                self.rows(kind, parents, minute, label_rows(kind, &said));
            }
            Step::Revert(how, what, concurrent) => {
                let filter = match how {
                    0 | 1 => by(PEOPLE[*what]),
                    2 => Filter { items: Some([ITEMS[*what].to_owned()].into()), ..Filter::default() },
                    3 => Filter { since: Some(at(*what as i64)), until: Some(at(4)), ..Filter::default() },
                    4 => Filter { guidelines: vec![GuidelineRef("tone".into())], ..by(PEOPLE[*what]) },
                    _ => match self.records.iter().rev().nth(*what) {
                        Some(record) if record.manifest.kind.is_judgement() => of(record.id),
                        _ => by(PEOPLE[*what]),
                    },
                };
                let cascade = [Cascade::All, Cascade::None, Cascade::Confirmed][(how + what) % 3];
                self.cascading(parents, minute, filter, *concurrent, cascade);
            }
            Step::Unrevert(which) => {
                let mut reverts = self.records.iter().filter(|record| record.manifest.kind == Kind::Reverts);
                if let Some(target) = reverts.nth(*which).map(|record| record.id) {
                    let parents: Vec<RecordId> = parents.iter().copied().chain([target]).collect();
                    self.revert(&parents, minute, of(target), false);
                }
            }
        }
    }
}
