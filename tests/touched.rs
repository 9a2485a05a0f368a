//! What differs between two commits, read as far as it goes, is what differs between the whole ledgers.

#[path = "faults/sealed.rs"]
mod sealed;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use hitl::base::{Digest, Timestamp};
use hitl::dataset::{At, Changed, Dataset, Draft, Error, Stamp, seal};
use hitl::diff::{DiffReport, Options, diff};
use hitl::ledger::Ledger;
use hitl::ops;
use hitl::record::{Cascade, Filter, GuidelineRef, Kind, LabelerKind, Origin, RecordId, Revert, Rows, col};
use hitl::store::Oid;
use proptest::prelude::*;
use sealed::Sealed;

const PEOPLE: [&str; 4] = ["ana", "bob", "eve", "model-1"];
const LABELS: [&str; 4] = ["no", "yes", "maybe", "-"];
const TASKS: [&str; 2] = ["tone", "topic"];

/// Item, labeler, label and minute of a row, by number.
type Said = (usize, usize, usize, Option<i64>);

fn at(minute: i64) -> Timestamp {
    "2026-01-01".parse::<Timestamp>().unwrap().plus_micros(minute * 60_000_000)
}

fn item(number: usize) -> String {
    format!("item-{number:02}")
}

/// Sealed records, and a repository whose commits hold any sets of them.
struct History {
    repo: Sealed,
    records: Vec<hitl::dataset::Sealed>,
}

impl History {
    fn new() -> Self {
        Self { repo: Sealed::new(), records: Vec::new() }
    }

    fn add(&mut self, draft: &Draft, parents: &[RecordId]) -> RecordId {
        let parents: BTreeSet<RecordId> = parents.iter().copied().collect();
        let stamp = Stamp {
            actor: "Ana Lopez <ana@example.org>".into(),
            recorded_at: at(100 + self.records.len() as i64),
            tool: "hitl 0.1.0".into(),
            parents: parents.into_iter().collect(),
        };
        let sealed = seal(draft, &stamp).unwrap().remove(0);
        let id = sealed.record.id;
        self.records.push(sealed);
        id
    }

    fn batch(&mut self, kind: Kind, task: &str, said: &[Said], parents: &[RecordId]) -> RecordId {
        let mut draft = Draft::new(kind, format!("batch {}", self.records.len()));
        draft.task = Some(task.to_owned());
        draft.rows = Some(rows(kind, said));
        draft.labeler_kinds = BTreeMap::from([("model-1".to_owned(), LabelerKind::Model)]);
        draft.guideline_texts = BTreeMap::from([("tone@2".to_owned(), Digest::of(b"be kind"))]);
        self.add(&draft, parents)
    }

    fn revert(&mut self, mut revert: Revert, listed: bool, parents: &[RecordId]) -> RecordId {
        let mut draft = Draft::new(Kind::Reverts, format!("careless {}", self.records.len()));
        if let Some(items) = revert.filter.items.take_if(|_| listed) {
            let mut rows = Rows::empty(Kind::Reverts);
            for item in items {
                let row = rows.push_nulls();
                rows.set_text(row, col::ITEM, &item);
            }
            draft.rows = Some(rows);
        }
        draft.revert = Some(revert);
        self.add(&draft, parents)
    }

    /// Commits these sets of records, one a branch `c<n>`, and returns the commits.
    fn commit(&self, sets: &[BTreeSet<usize>]) -> Vec<Oid> {
        let mut script = Vec::new();
        for (number, set) in sets.iter().enumerate() {
            write!(script, "commit refs/heads/c{number}\ncommitter A <a@b.c> 1770000000 +0000\ndata 0\n")
                .unwrap();
            let files = set.iter().flat_map(|record| &self.records[*record].files);
            for (path, bytes) in files {
                write!(script, "M 100644 inline {path}\ndata {}\n", bytes.len()).unwrap();
                script.extend_from_slice(bytes);
                script.push(b'\n');
            }
        }
        let mut import = Command::new("git")
            .env_clear()
            .envs(self.repo.vars.iter().map(|(name, value)| (name, value)))
            .current_dir(self.repo.dir())
            .args(["-c", "fastimport.unpackLimit=100000", "fast-import", "--quiet", "--force"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        import.stdin.take().unwrap().write_all(&script).unwrap();
        assert!(import.wait().unwrap().success());
        let names = (0..sets.len()).map(|number| format!("c{number}"));
        let commits = self.repo.git(
            &[vec!["rev-parse".to_owned()], names.collect()]
                .concat()
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
        );
        commits.lines().map(|line| Oid(line.to_owned())).collect()
    }

    fn dataset(&self) -> Dataset {
        Dataset::over(self.repo.store())
    }

    fn cache(&self) -> PathBuf {
        self.repo.store().cache_dir().join("items")
    }

    /// Takes the shard of a record out of the object store.
    fn lose_shard(&self, record: usize) {
        self.lose(record, ".parquet");
    }

    /// Takes the file of a record with this ending out of the object store.
    fn lose(&self, record: usize, ending: &str) {
        let store = self.repo.store();
        for (_, bytes) in self.records[record].files.iter().filter(|(path, _)| path.ends_with(ending)) {
            let Oid(id) = store.blob_id(bytes);
            std::fs::remove_file(self.repo.dir().join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
        }
    }
}

fn rows(kind: Kind, said: &[Said]) -> Rows {
    let mut said = said.to_vec();
    // One labeler says one thing of one item at one time: ingest refuses anything else.
    said.sort_unstable();
    said.dedup_by_key(|(item, labeler, _, time)| (*item, *labeler, *time));
    let mut rows = Rows::empty(kind);
    for (number, labeler, label, minute) in said {
        let saw = minute.is_some_and(|minute| minute % 2 == 1) && PEOPLE[labeler] != "model-1";
        let origin = match (saw, LABELS[label] == "no") {
            (false, _) => Origin::Fresh,
            (true, true) => Origin::Confirmed,
            (true, false) => Origin::Changed,
        };
        let row = rows.push_judgement(&item(number), PEOPLE[labeler], origin);
        if saw {
            rows.set_text(row, col::SHOWN, "no");
            rows.set_text(row, col::SHOWN_BY, "model-1");
        }
        if LABELS[label] != "-" {
            rows.set_text(row, col::LABEL, LABELS[label]);
        }
        rows.set_time(row, col::CREATED_AT, minute.map(at));
        if minute.is_some_and(|minute| minute % 3 == 0) {
            rows.set_text(row, col::GUIDELINE, "tone@2");
        }
    }
    rows
}

/// Both ways to the report, for `filter`.
fn whole(dataset: &Dataset, base: &Oid, head: &Oid, filter: &Filter) -> DiffReport {
    let ledger = |commit: &Oid| dataset.view_at(Some(commit.clone()), None).unwrap().ledger;
    report((&ledger(base), &ledger(head)), filter)
}

fn touched(dataset: &Dataset, base: &Oid, head: &Oid, filter: &Filter) -> DiffReport {
    let (base, head) = dataset.touched_ledgers(base, head).unwrap();
    report((&base, &head), filter)
}

fn report((base, head): (&Ledger, &Ledger), filter: &Filter) -> DiffReport {
    diff(("a", base), ("b", head), &Options { filter: filter.clone(), ..Options::default() })
}

fn by(labeler: &str) -> Filter {
    Filter { labelers: vec![labeler.into()], ..Filter::default() }
}

fn of(record: RecordId) -> Filter {
    Filter { records: vec![record], ..Filter::default() }
}

/// One random step.
#[derive(Clone, Debug)]
enum Step {
    /// Kind, task and rows.
    Batch(Kind, usize, Vec<Said>),
    /// A revert by one of several filters.
    Revert { how: usize, what: usize, concurrent: bool },
    /// A revert of the n-th revert.
    Unrevert(usize),
}

fn step() -> impl Strategy<Value = (Step, u8, u8)> {
    let time =
        prop_oneof![2 => Just(None), 9 => (0..6_i64).prop_map(Some), 1 => (9001..9003_i64).prop_map(Some)];
    let said = prop::collection::vec((0..12_usize, 0..4_usize, 0..4_usize, time), 1..4);
    let kind =
        prop_oneof![8 => Just(Kind::Labels), 1 => Just(Kind::Adjudications), 1 => Just(Kind::Predictions)];
    let step = prop_oneof![
        6 => (kind, 0..2_usize, said).prop_map(|(kind, task, rows)| Step::Batch(kind, task, rows)),
        3 => (0..8_usize, 0..4_usize, any::<bool>())
            .prop_map(|(how, what, concurrent)| Step::Revert { how, what, concurrent }),
        1 => (0..4_usize).prop_map(Step::Unrevert),
    ];
    (step, any::<u8>(), any::<u8>())
}

impl History {
    fn play(&mut self, step: &Step, first: u8, second: u8) {
        let len = self.records.len();
        let pick = |pick: u8| self.records[len - 1 - usize::from(pick) % len.min(3)].record.id;
        let parents = if len == 0 { vec![] } else { vec![pick(first), pick(second)] };
        match step {
            Step::Batch(kind, task, said) => {
                self.batch(*kind, TASKS[*task], said, &parents);
            }
            Step::Revert { how, what, concurrent } => {
                let filter = match how {
                    0 | 1 => by(PEOPLE[*what]),
                    2 | 3 => {
                        Filter { items: Some([item(*what), item(what + 4)].into()), ..Filter::default() }
                    }
                    4 => Filter { since: Some(at(*what as i64)), until: Some(at(4)), ..Filter::default() },
                    5 => Filter { guidelines: vec![GuidelineRef("tone".into())], ..by(PEOPLE[*what]) },
                    6 => Filter {
                        origins: vec![Origin::Confirmed],
                        tasks: vec![TASKS[what % 2].into()],
                        ..Filter::default()
                    },
                    _ => match self.records.iter().rev().nth(*what) {
                        Some(sealed) if sealed.record.manifest.kind.is_judgement() => of(sealed.record.id),
                        _ => by(PEOPLE[*what]),
                    },
                };
                let cascade = [Cascade::All, Cascade::None, Cascade::Confirmed][(how + what) % 3];
                self.revert(Revert { filter, cascade, concurrent: *concurrent }, *how == 3, &parents);
            }
            Step::Unrevert(which) => {
                let mut reverts = self.records.iter().filter(|one| one.record.manifest.kind == Kind::Reverts);
                if let Some(target) = reverts.nth(*which).map(|one| one.record.id) {
                    let revert = Revert { filter: of(target), ..Revert::default() };
                    self.revert(revert, false, &[&parents[..], &[target]].concat());
                }
            }
        }
    }

    /// Returns `set` with all ancestors.
    fn closed(&self, set: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut closed = set.clone();
        // Parents come first.
        for record in (0..self.records.len()).rev() {
            let parents = &self.records[record].record.manifest.parents;
            let is_parent = |other: &usize| parents.contains(&self.records[*other].record.id);
            if closed.contains(&record) {
                closed.extend((0..record).filter(is_parent));
            }
        }
        closed
    }

    /// Damages what is kept, each file in its own way.
    fn damage(&self, ways: &[u8]) {
        let kept = self.repo.dir().join(".git/hitl/cache");
        let folders = std::fs::read_dir(kept).into_iter().flatten().map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> = folders
            .flat_map(|folder| std::fs::read_dir(folder).unwrap())
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        let first = files.first().map(|file| std::fs::read(file).unwrap()).unwrap_or_default();
        for (file, way) in files.iter().zip(ways.iter().cycle()) {
            let mut bytes = std::fs::read(file).unwrap();
            if bytes.is_empty() {
                continue;
            }
            match way % 6 {
                0 => std::fs::remove_file(file).unwrap(),
                1 => std::fs::write(file, &bytes[..usize::from(*way) % bytes.len()]).unwrap(),
                2 => {
                    let place = usize::from(*way) * 7 % bytes.len();
                    bytes[place] ^= 4;
                    std::fs::write(file, bytes).unwrap();
                }
                3 => std::fs::write(file, &first).unwrap(),
                _ => {}
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_touched_is_enough(
        steps in prop::collection::vec(step(), 4..16),
        sets in prop::collection::vec((any::<u16>(), prop::bool::weighted(0.8)), 3),
        ways in prop::collection::vec(any::<u8>(), 7),
    ) {
        let mut history = History::new();
        steps.iter().for_each(|(step, first, second)| history.play(step, *first, *second));
        let all: BTreeSet<usize> = (0..history.records.len()).collect();
        let most: BTreeSet<usize> = (0..history.records.len() - 1).collect();
        let sets = sets.iter().map(|(mask, close)| {
            let some = all.iter().copied().filter(|record| mask >> record & 1 == 1).collect();
            if *close { history.closed(&some) } else { some }
        });
        let commits = history.commit(&[all.clone(), most].into_iter().chain(sets).collect::<Vec<_>>());
        let dataset = history.dataset();
        let last = history.records.last().unwrap().record.id;
        let pairs = [(1, 0), (2, 0), (2, 3), (3, 4)].map(|(base, head)| (&commits[base], &commits[head]));
        let every = Filter::default();
        let expected = pairs.map(|(base, head)| whole(&dataset, base, head, &every));
        for filter in [by("ana"), of(last), Filter { kinds: vec![Kind::Labels], ..Filter::default() }] {
            let (base, head) = pairs[0];
            prop_assert_eq!(touched(&dataset, base, head, &filter), whole(&dataset, base, head, &filter));
        }
        // As the indexes come about, and then with some of them damaged.
        for _ in 0..3 {
            for ((base, head), expected) in pairs.iter().zip(&expected) {
                prop_assert_eq!(&touched(&dataset, base, head, &every), expected);
            }
            history.damage(&ways);
        }
    }

    #[test]
    fn what_a_revert_would_do_is_told_of_its_items_as_of_the_whole_ledger(
        steps in prop::collection::vec(step(), 4..16),
        labeler in 0..4usize,
        ways in prop::collection::vec(any::<u8>(), 7),
    ) {
        let mut history = History::new();
        steps.iter().for_each(|(step, first, second)| history.play(step, *first, *second));
        let grown: Vec<BTreeSet<usize>> = (1..=history.records.len()).map(first).collect();
        history.commit(&grown);
        let dataset = history.dataset();
        let mut asked = vec![
            ops::revert::Options { filter: by(PEOPLE[labeler]), ..Default::default() },
            ops::revert::Options { filter: by(PEOPLE[labeler]), cascade: Some(Cascade::All), ..Default::default() },
            ops::revert::Options {
                filter: Filter { items: Some([item(1), item(5), "no such".into()].into()), ..by("bob") },
                concurrent: true,
                ..Default::default()
            },
        ];
        let named = |sealed: &hitl::dataset::Sealed| ops::revert::Options {
            records: vec![sealed.record.id.to_string()],
            ..Default::default()
        };
        asked.extend(history.records.iter().rev().take(4).map(named));
        asked.iter_mut().for_each(|asked| asked.dry_run = true);
        let clock = ops::Clock { now: at(20_000) };
        let told = |asked: &ops::revert::Options| match ops::revert::revert(&dataset, asked, clock) {
            Ok(report) => serde_json::to_string_pretty(&report).unwrap(),
            Err(error) => error.to_string(),
        };
        let kept = history.repo.dir().join(".git/hitl/cache");
        for count in [grown.len() / 2, grown.len() - 1, grown.len() / 3, grown.len() - 1] {
            history.repo.git(&["symbolic-ref", "HEAD", &format!("refs/heads/c{count}")]);
            let known: Vec<String> = asked.iter().map(told).collect();
            // Where nothing can be kept, the ledger is read whole.
            let aside = kept.with_extension("aside");
            std::fs::rename(&kept, &aside).unwrap();
            std::fs::write(&kept, "").unwrap();
            for (asked, known) in asked.iter().zip(&known) {
                prop_assert_eq!(&told(asked), known);
            }
            std::fs::remove_file(&kept).unwrap();
            std::fs::rename(&aside, &kept).unwrap();
            history.damage(&ways);
        }
    }

    #[test]
    fn what_is_taken_back_of_each_record_is_counted_from_what_was_known(
        steps in prop::collection::vec(step(), 4..16),
        labelers in prop::collection::vec(0..4usize, 1..4),
    ) {
        let mut history = History::new();
        steps.iter().for_each(|(step, first, second)| history.play(step, *first, *second));
        for labeler in labelers {
            let every: Vec<RecordId> = history.records.iter().map(|record| record.record.id).collect();
            let revert = Revert { filter: by(PEOPLE[labeler]), ..Revert::default() };
            history.revert(revert, false, &every[every.len().saturating_sub(60)..]);
        }
        let grown: Vec<BTreeSet<usize>> = (1..=history.records.len()).map(first).collect();
        let commits = history.commit(&grown);
        let dataset = history.dataset();
        for commit in commits {
            let at = At { rev: Some(commit.0), as_of: None };
            let counts = dataset.reverted_rows(&at, &dataset.view_of_records(&at).unwrap()).unwrap();
            let ledger = dataset.view(&at).unwrap().ledger;
            let expected = hitl::dataset::RevertedRows::from(ledger.reverted_rows());
            for record in ledger.records() {
                prop_assert_eq!(counts.of(&record.id), expected.of(&record.id));
            }
        }
    }
}

#[test]
fn a_manifest_that_was_kept_damaged_is_read_from_git() {
    let (history, ids) = chain();
    let commits = history.commit(&[first(10)]);
    let dataset = history.dataset();
    let at = At { rev: Some(commits[0].0.clone()), as_of: None };
    let manifest = |id: &RecordId| {
        let view = dataset.view_of_records(&at).unwrap();
        let number = view.ledger.find_record(id).unwrap();
        (*view.ledger.records()[number].manifest).clone()
    };
    assert_eq!(manifest(&ids[3]), history.records[3].record.manifest);
    let break_bodies = || {
        for file in std::fs::read_dir(history.repo.dir().join(".git/hitl/cache/manifests")).unwrap() {
            let path = file.unwrap().path();
            let mut bytes = std::fs::read(&path).unwrap();
            bytes.iter_mut().for_each(|byte| *byte ^= 1);
            std::fs::write(path, bytes).unwrap();
        }
    };
    break_bodies();
    assert_eq!(manifest(&ids[3]), history.records[3].record.manifest);
    assert_eq!(manifest(&ids[4]), history.records[4].record.manifest, "and kept anew");
    break_bodies();
    history.lose(3, ".yaml");
    let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| manifest(&ids[3]))).unwrap_err();
    let told = told.downcast::<Error>().unwrap();
    assert!(matches!(&*told, Error::Damaged { faults } if faults[0].record == Some(ids[3])), "{told}");
}

/// Ten batches in a chain, each about two items of its own; the last judges an item of batch 3 once more.
fn chain() -> (History, Vec<RecordId>) {
    let mut history = History::new();
    let mut ids: Vec<RecordId> = Vec::new();
    for number in 0..10 {
        let mut said = vec![(2 * number, 0, 0, Some(2)), (2 * number + 1, 1, 1, None)];
        if number == 9 {
            said.push((6, 0, 1, Some(4)));
        }
        let parents: Vec<RecordId> = ids.last().copied().into_iter().collect();
        ids.push(history.batch(Kind::Labels, "tone", &said, &parents));
    }
    (history, ids)
}

fn first(count: usize) -> BTreeSet<usize> {
    (0..count).collect()
}

#[test]
fn records_of_one_side_are_named() {
    let (history, ids) = chain();
    let commits = history.commit(&[first(8), first(10), [0, 9].into()]);
    let dataset = history.dataset();
    let sorted =
        |ids: &[RecordId]| ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    let forth = Changed { base_only: vec![], head_only: sorted(&ids[8..]) };
    assert_eq!(dataset.changed(&commits[0], &commits[1]).unwrap(), forth);
    let apart = Changed { base_only: sorted(&ids[1..8]), head_only: vec![ids[9]] };
    assert_eq!(dataset.changed(&commits[0], &commits[2]).unwrap(), apart);
}

#[test]
fn equal_ledgers_are_told_without_their_shards() {
    let (history, _) = chain();
    let commits = history.commit(&[first(10), first(10)]);
    (0..10).for_each(|record| history.lose_shard(record));
    let report = touched(&history.dataset(), &commits[0], &commits[1], &Filter::default());
    assert!(report.same && report.records.head_only.is_empty());
}

#[test]
fn shards_without_a_touched_item_are_not_read() {
    let (history, _) = chain();
    let commits = history.commit(&[first(9), first(10)]);
    let (dataset, every) = (history.dataset(), Filter::default());
    let expected = whole(&dataset, &commits[0], &commits[1], &every);
    assert_eq!((expected.counts.changed, expected.counts.added), (1, 2));
    assert_eq!(touched(&dataset, &commits[0], &commits[1], &every), expected);
    [0, 1, 2, 4, 5, 6, 7, 8].into_iter().for_each(|record| history.lose_shard(record));
    assert_eq!(touched(&dataset, &commits[0], &commits[1], &every), expected);
    let asked = hitl::ops::diff::Options { range: Some("c0..c1".into()), ..Default::default() };
    let told = hitl::ops::diff::diff(&dataset, &asked).unwrap();
    assert_eq!((&told.base, &told.head, &told.tasks), (&"c0".into(), &"c1".into(), &expected.tasks));
    assert!(dataset.view_at(Some(commits[1].clone()), None).is_err());
    history.lose_shard(3);
    assert_eq!(
        touched(&dataset, &commits[0], &commits[1], &every),
        expected,
        "it was read and checked before"
    );
    std::fs::remove_dir_all(history.cache()).unwrap();
    assert!(matches!(dataset.touched_ledgers(&commits[0], &commits[1]), Err(Error::Damaged { .. })));
}

#[test]
fn a_revert_reads_what_it_takes_back() {
    let (mut history, ids) = chain();
    let revert = Revert { filter: of(ids[5]), ..Revert::default() };
    let taken = history.revert(revert, false, &ids[9..]);
    let undo = Revert { filter: of(taken), ..Revert::default() };
    history.revert(undo, false, &[taken]);
    let commits = history.commit(&[first(10), first(11), first(12)]);
    let (dataset, every) = (history.dataset(), Filter::default());
    let back = whole(&dataset, &commits[0], &commits[1], &every);
    assert_eq!(back.counts.taken_back, 2);
    let restored = whole(&dataset, &commits[1], &commits[2], &every);
    assert_eq!(restored.counts.restored, 2);
    assert_eq!(touched(&dataset, &commits[0], &commits[1], &every), back);
    (0..10).filter(|record| *record != 5).for_each(|record| history.lose_shard(record));
    assert_eq!(touched(&dataset, &commits[0], &commits[1], &every), back);
    assert_eq!(touched(&dataset, &commits[1], &commits[2], &every), restored);
}

#[test]
fn a_concurrent_revert_reads_what_it_could_not_see() {
    let (mut history, ids) = chain();
    let aside = history.batch(Kind::Labels, "tone", &[(4, 2, 1, None)], &[ids[0]]);
    let unseen = Revert { filter: by("eve"), ..Revert::default() };
    history.revert(unseen.clone(), false, &ids[9..]);
    history.revert(Revert { concurrent: true, ..unseen }, false, &ids[9..]);
    let mut wide = first(11);
    wide.insert(12);
    let commits = history.commit(&[first(11), first(12), wide]);
    let (dataset, every) = (history.dataset(), Filter::default());
    let expected = whole(&dataset, &commits[0], &commits[2], &every);
    assert_eq!((expected.counts.taken_back, expected.rows[0].base.as_ref().unwrap().record), (1, aside));
    assert_eq!(touched(&dataset, &commits[0], &commits[2], &every), expected);
    [0, 1, 3, 4, 5, 6, 7, 8, 9].into_iter().for_each(|record| history.lose_shard(record));
    assert_eq!(touched(&dataset, &commits[0], &commits[2], &every), expected);
    let nothing = touched(&dataset, &commits[0], &commits[1], &every);
    assert!(nothing.same && nothing.records.head_only.len() == 1);
}

#[test]
fn a_record_that_stands_between_two_is_no_short_cut() {
    // Both judge one item at no time; who is later depends on a record between them that says nothing of it.
    let mut history = History::new();
    let one = history.batch(Kind::Labels, "tone", &[(0, 0, 0, None)], &[]);
    let two = history.batch(Kind::Labels, "tone", &[(1, 0, 0, None)], &[one]);
    history.batch(Kind::Labels, "tone", &[(0, 0, 1, None)], &[two]);
    for number in 2..12 {
        history.batch(Kind::Labels, "tone", &[(number, 0, 0, None)], &[]);
    }
    let all = first(history.records.len());
    let without: BTreeSet<usize> = all.iter().copied().filter(|record| *record != 1).collect();
    let commits = history.commit(&[without, all]);
    let (dataset, every) = (history.dataset(), Filter::default());
    for _ in 0..2 {
        let report = touched(&dataset, &commits[0], &commits[1], &every);
        assert_eq!(report.rows_total, 2, "the conflict about item-00 is settled, item-01 is added");
        assert_eq!(report, whole(&dataset, &commits[0], &commits[1], &every));
    }
}

#[test]
fn a_cache_that_cannot_be_written_is_done_without() {
    let (history, _) = chain();
    let commits = history.commit(&[first(9), first(10)]);
    let (dataset, every) = (history.dataset(), Filter::default());
    let folder = history.cache();
    std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
    std::fs::write(&folder, "no folder").unwrap();
    let expected = whole(&dataset, &commits[0], &commits[1], &every);
    assert_eq!(touched(&dataset, &commits[0], &commits[1], &every), expected);
    std::fs::remove_file(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    let mut permissions = std::fs::metadata(&folder).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&folder, permissions).unwrap();
    assert_eq!(touched(&dataset, &commits[0], &commits[1], &every), expected);
}

#[test]
fn the_parts_of_a_large_ledger_come_to_the_whole() {
    let mut history = History::new();
    let mut parents = Vec::new();
    for labeler in ["ana", "bob"] {
        let mut rows = Rows::empty(Kind::Labels);
        for number in 0..70_000 {
            let row = rows.push_judgement(&format!("item-{number:06}"), labeler, Origin::Fresh);
            rows.set_text(row, col::LABEL, LABELS[(number * labeler.len() + number / 7) % 3]);
        }
        let mut draft = Draft::new(Kind::Labels, labeler);
        (draft.task, draft.rows) = (Some("tone".into()), Some(rows));
        parents = vec![history.add(&draft, &parents)];
    }
    let until =
        Filter { items: Some((0..90).map(|n| format!("item-{:06}", n * 777)).collect()), ..by("bob") };
    history.revert(Revert { filter: until, ..Revert::default() }, false, &parents);
    let commits = history.commit(&[first(3)]);
    let (dataset, at) = (history.dataset(), At { rev: Some(commits[0].0.clone()), as_of: None });
    let told = |ledger: &Ledger| {
        let judgement = |one: &hitl::ledger::Judgement| {
            let statement = one.statement.map(|statement| ledger.statement_text(statement).to_owned());
            let (item, labeler) = (ledger.item_name(one.item), ledger.labeler_name(one.labeler));
            (item.to_owned(), labeler.to_owned(), statement, one.state)
        };
        ledger.judgements().iter().map(judgement).collect::<Vec<_>>()
    };
    let parts = dataset.parts(&at).unwrap().map(Some("tone"), told).unwrap();
    assert!(parts.len() > 1, "there is more than one part");
    let whole = dataset.view(&at).unwrap().ledger;
    assert_eq!(
        whole.judgements().iter().filter(|one| one.state == hitl::ledger::State::Reverted).count(),
        90
    );
    assert!(parts.concat() == told(&whole));
}
