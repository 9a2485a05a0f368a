//! `check`: whether a change of the ledger may be merged.
//!
//! The change is judged by what its base says (`hitl.yaml`, `labelers.yaml`), so that no branch loosens its own gate.
//! *Before* is the base's tip, *after* what a merge will hold: a branch's head and a forge's merge commit get one report.

mod frozen;
pub(super) mod history;
mod law;
mod measured;
pub(super) mod people;
mod range;
mod records;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::law::Law;
use self::range::{Found, Range};
use super::Error;
use crate::authority;
use crate::base::{Timestamp, text};
use crate::check::{
    self, Added, AddedBatch, CheckName, CheckReport, Finding, Judged, LabelerRows, Measure, Outcome, Side,
    Status, Verdict,
};
use crate::config::{self, Checks, Config, Level};
use crate::dataset::{self, At, CONFIG_FILE, Dataset, LABELERS_FILE, SNAPSHOTS, Scan};
use crate::ledger::{Ledger, Loaded};
use crate::record::{Kind, LabelerKind, Labelers, RecordId, Rows, col, guideline_key};
use crate::store::{CommitInfo, Oid, TreeFile};

/// What `check` is asked.
#[derive(Clone, Debug)]
pub struct Options {
    /// What the change would be merged into; none where there is nothing yet, and all of head is the change.
    pub base: Option<String>,
    /// The change.
    pub head: String,
    /// The clock: nothing is recorded later.
    pub now: Timestamp,
}

/// What a report calls the base that is none.
const NOTHING: &str = "nothing";

/// A change that is looked at, and all that is known of it.
struct Change<'a> {
    dataset: &'a Dataset,
    range: Range,
    /// The base as it was asked for.
    base_rev: String,
    /// The added records.
    scan: Scan,
    /// The added files of the folder of snapshots.
    snapshots: Vec<TreeFile>,
    /// All records that the merge will hold, without the rows of judgements.
    records: Ledger,
    /// The last moment that base is evidence of: its commit, and what is recorded in it and is not ahead of the clock.
    added_after: Timestamp,
    /// Who there is in base, and what they may do.
    labelers_before: Option<config::Labelers>,
    /// The clock.
    now: Timestamp,
    /// What the manifests say of each labeler, before and after.
    labelers: [BTreeSet<String>; 2],
    /// The tasks that the merge will hold.
    config: Config,
    /// The commit that brings each added file of the ledger, by path.
    brought: BTreeMap<String, CommitInfo>,
}

impl<'a> Change<'a> {
    /// Reads what is added, and what it is added to.
    fn read(
        dataset: &'a Dataset,
        range: Range,
        (base_rev, now): (&str, Timestamp),
        labelers_before: Option<config::Labelers>,
        config: Config,
    ) -> Result<Self, Error> {
        let scan = dataset.added(&range.head, &range.known())?;
        let snapshots = dataset.added_files(&range.head, &range.known(), SNAPSHOTS)?;
        let at = At { rev: Some(range.base.0.clone()), as_of: None };
        let before = dataset.view_of_records(&at)?;
        let bare = |record: &Loaded| Loaded {
            rows: if record.manifest.kind.is_judgement() {
                Rows::empty(record.manifest.kind)
            } else {
                record.rows.clone()
            },
            ..record.clone()
        };
        let set = before.ledger.record_set().and(scan.records.iter().map(bare).collect());
        let made = dataset.store().committed_by(&range.base)?;
        let times = before.ledger.records().iter().map(|record| record.head.recorded_at).chain([made]);
        let added_after = times.filter(|time| *time <= day_after(now)).max().unwrap_or(now);
        let old: BTreeSet<String> = before.labelers().into_keys().collect();
        let mut new = old.clone();
        for record in &scan.records {
            if let Labelers::Listed(listed) = &record.manifest.labelers {
                new.extend(listed.keys().cloned());
            }
        }
        let brought = history::brought(dataset, &range)?;
        Ok(Self {
            dataset,
            base_rev: base_rev.to_owned(),
            records: Ledger::over(Arc::new(set), Vec::new()),
            labelers: [old, new],
            added_after,
            labelers_before,
            now,
            range,
            scan,
            snapshots,
            config,
            brought,
        })
    }

    /// Returns the moment after which nothing can have been recorded.
    fn known_by(&self) -> Timestamp {
        day_after(self.now)
    }

    fn path_of(&self, id: &RecordId) -> Option<&str> {
        let at = self.scan.files.binary_search_by_key(id, |file| file.id).ok()?;
        Some(&self.scan.files[at].path)
    }

    /// Returns the commit that brings an added record.
    fn bringer(&self, id: &RecordId) -> Option<&CommitInfo> {
        self.brought.get(self.path_of(id)?)
    }
}

/// Judges the change from `base` to `head`.
///
/// # Errors
/// A revision is unknown, history is cut off, base's files of people have faults, or base's ledger is damaged: whatever
/// keeps the check from being made is no answer.
pub fn check(dataset: &Dataset, options: &Options) -> Result<CheckReport, Error> {
    let Found { base, head, merge_base, range } =
        Range::find(dataset, options.base.as_deref(), &options.head)?;
    let base_rev = options.base.as_deref().unwrap_or(NOTHING);
    let side = |rev: &str, commit: Oid| Side { rev: rev.to_owned(), commit: commit.0 };
    let mut report = CheckReport {
        schema: "hitl.check/1",
        verdict: Verdict::NoChanges,
        reason: "no label changes".to_owned(),
        base: side(base_rev, base),
        head: side(&options.head, head),
        merge_base: merge_base.map(|commit| commit.0),
        bootstrap: false,
        added: Added::default(),
        measures: Vec::new(),
        checks: Vec::new(),
        findings: Vec::new(),
    };
    let Some(range) = range else { return Ok(report) };
    let law = Law::of(dataset, &range.base)?;
    report.bootstrap = law.config.is_none();
    let (config, mut faults) = readable(dataset.config_of(&range.united))?;
    let config = config.or(law.config.clone()).unwrap_or_default();
    faults.extend(readable(dataset.labelers_at(&range.united))?.1);
    let checks = law.config.map(|config| config.checks).unwrap_or_default();
    let change = Change::read(dataset, range, (base_rev, options.now), law.labelers, config)?;
    let mut gate = Gate::new(report);
    gate.report.added = added(&change)?;
    judge(&change, &checks, &faults, &mut gate)?;
    Ok(gate.close())
}

/// Clocks may differ by so much.
fn day_after(time: Timestamp) -> Timestamp {
    time.plus_micros(Timestamp::DAY_MICROS)
}

/// Returns what a file says, or its faults.
fn readable<T>(read: Result<Option<T>, dataset::Error>) -> Result<(Option<T>, Vec<config::Fault>), Error> {
    match read {
        Ok(said) => Ok((said, Vec::new())),
        Err(dataset::Error::Config(faults)) => Ok((None, faults.0)),
        Err(error) => Err(error.into()),
    }
}

/// Returns the commit that a merge of the change will make, in `dataset`'s memory alone; `None` where nothing that hitl
/// keeps differs.
///
/// # Errors
/// As [`check()`].
pub fn merged(dataset: &Dataset, options: &Options) -> Result<Option<Oid>, Error> {
    let found = Range::find(dataset, options.base.as_deref(), &options.head)?;
    Ok(found.range.map(|range| range.united))
}

/// The revisions that a change is most likely to go to.
const LIKELY: [&str; 5] = ["origin/HEAD", "origin/main", "origin/master", "main", "master"];

/// Returns the first of the revisions that a change is most likely to go to which is here.
///
/// # Errors
/// None is.
pub fn likely_base(dataset: &Dataset) -> Result<String, Error> {
    let here = |rev: &&str| dataset.store().resolve(rev).is_ok();
    let found = LIKELY.into_iter().find(here).map(str::to_owned);
    found.ok_or_else(|| {
        Error::request("nothing says what the change would be merged into", "--base REV names it")
    })
}

/// What may be wrong with added files that can be read all the same.
const READABLE: [&str; 7] = [
    "schema",
    "config",
    "unknown_task",
    "guideline_text",
    "missing_guideline",
    "missing_target",
    "guideline_file",
];

/// Runs every check.
fn judge(
    change: &Change<'_>,
    checks: &Checks,
    faults: &[config::Fault],
    gate: &mut Gate,
) -> Result<(), Error> {
    let mut integrity = records::integrity(change, checks.integrity)?;
    integrity.extend(frozen::files(change, checks.integrity)?);
    integrity.extend(faults.iter().map(|fault| records::unreadable(fault, checks.integrity)));
    let sound = integrity.iter().all(|finding| READABLE.contains(&finding.code));
    let sound_records = match change.scan.records.len() {
        0 => "no record added".to_owned(),
        records => text::plural(records, "record is sound", "records are sound"),
    };
    gate.found(CheckName::Integrity, checks.integrity, integrity, &sound_records);
    let mut history = history::append_only(change.dataset, &change.range, checks)?;
    history.extend(history::order(change, checks.append_only)?);
    // A forge's own merge of the change is no part of it.
    let own = change.range.steps.iter().filter(|step| step.parents.len() < 2).count();
    let commits = text::count(own, "commit");
    gate.found(CheckName::AppendOnly, checks.append_only, history, &format!("{commits}, nothing taken away"));
    let missing = records::complete(change, checks.complete);
    gate.found(CheckName::Complete, checks.complete, missing, "every parent is here");
    people::judge(change, checks.authorisation, gate)?;
    gate.found(
        CheckName::Lookalikes,
        checks.lookalikes,
        records::lookalikes(change, checks.lookalikes),
        "no two names read alike",
    );
    // Where keys end, a record dated ahead would end them for everybody.
    let asks = change.labelers_before.as_ref().is_some_and(authority::asks_anything);
    let dated_ahead = match checks.dated_ahead {
        Level::Warning if asks => Level::Error,
        level => level,
    };
    let ahead = records::dated_ahead(change, dated_ahead)?;
    gate.found(CheckName::DatedAhead, dated_ahead, ahead, "nothing is dated ahead");
    if !sound {
        let agreement = checks.agreement.iter().map(|rule| rule.level).max().unwrap_or(Level::Off);
        for (check, level) in [
            (CheckName::Conflicts, checks.conflicts),
            (CheckName::Agreement, agreement),
            (CheckName::Snapshots, checks.snapshots),
        ] {
            gate.unmeasured(check, level, "added files are damaged");
        }
        return Ok(());
    }
    judge_rows(change, checks, gate)?;
    let frozen = frozen::snapshots(change, checks.snapshots)?;
    gate.found(CheckName::Snapshots, checks.snapshots, frozen, "all rebuild");
    Ok(())
}

/// Runs the checks that look at judgements.
fn judge_rows(change: &Change<'_>, checks: &Checks, gate: &mut Gate) -> Result<(), Error> {
    let (before, after) = change.dataset.touched_ledgers(&change.range.base, &change.range.united)?;
    let added: BTreeSet<RecordId> = change.scan.records.iter().map(|record| record.id).collect();
    let rows = check::Rows::new(&before, &after, &added);
    gate.report.added.items = rows.items();
    [gate.report.added.taken_back, gate.report.added.brought_back] = rows.turned();
    let measured::Measurements { judged, findings, unmeasured } = measured::measure(change, &rows, checks)?;
    let (conflicts, superseded): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|finding| finding.check == CheckName::Conflicts);
    gate.found(CheckName::Conflicts, checks.conflicts, conflicts, "nobody contradicts themself");
    gate.found(
        CheckName::SupersededGuideline,
        checks.superseded_guideline,
        superseded,
        "every guideline was in force",
    );
    judged.into_iter().for_each(|one| gate.judged(one));
    gate.report.checks.extend(unmeasured.into_iter().filter(|outcome| outcome.level != Level::Off));
    Ok(())
}

/// Tells what a change adds; how many items is told by whoever looks at its rows.
fn added(change: &Change<'_>) -> Result<Added, Error> {
    let mut labelers: BTreeMap<String, (LabelerKind, u64)> = BTreeMap::new();
    let mut batches: BTreeMap<(Kind, Option<String>), (u64, u64)> = BTreeMap::new();
    let mut added = Added { snapshots: frozen::names(change), ..Added::default() };
    for Loaded { manifest, rows, .. } in &change.scan.records {
        let shard = manifest.shard.map_or(0, |shard| shard.rows);
        let batch = batches.entry((manifest.kind, manifest.task.clone())).or_default();
        *batch = (batch.0 + 1, batch.1 + shard);
        added.records += 1;
        if manifest.kind.is_judgement() {
            added.rows += shard;
        }
        if let Labelers::Listed(listed) = &manifest.labelers {
            for (id, used) in listed {
                labelers.entry(id.clone()).or_insert((used.kind, 0)).1 += used.rows;
            }
        }
        if manifest.kind == Kind::Guidelines {
            let name = |row| rows.text(row, col::GUIDELINE_NAME).zip(rows.text(row, col::VERSION));
            let named = (0..rows.len()).filter_map(name);
            added.guidelines.extend(named.map(|(name, version)| guideline_key(name, version)));
        }
    }
    added.labelers = labelers.into_iter().map(|(id, (kind, rows))| LabelerRows { id, kind, rows }).collect();
    added.batches = batches
        .into_iter()
        .map(|((kind, task), (records, rows))| AddedBatch { kind, task, records, rows })
        .collect();
    let range = &change.range;
    if let Some(merge_base) = &range.merge_base {
        added.removed = change.dataset.changed(merge_base, &range.head)?.base_only.len() as u64;
    }
    let store = change.dataset.store();
    for file in [CONFIG_FILE, LABELERS_FILE] {
        if store.blob_at(&change.range.united, file)? != store.blob_at(&change.range.base, file)? {
            added.files.push(file.to_owned());
        }
    }
    Ok(added)
}

/// Collects what the checks come to.
struct Gate {
    report: CheckReport,
}

impl Gate {
    fn new(report: CheckReport) -> Self {
        Self { report }
    }

    /// Takes what one check found; `passed` is said where that is nothing.
    fn found(&mut self, check: CheckName, level: Level, mut findings: Vec<Finding>, passed: &str) {
        if level == Level::Off {
            return;
        }
        findings.retain(|finding| finding.level != Level::Off);
        let worst = findings.iter().map(|finding| finding.level).max();
        let findings = check::grouped(findings);
        let message = match findings.as_slice() {
            [] => passed.to_owned(),
            [one] => one.message.clone(),
            [first, rest @ ..] => format!("{}; and {} more", first.message, rest.len()),
        };
        let status = worst.map_or(Status::Passed, |worst| check::status(worst, true));
        self.report.checks.push(Outcome::new(check, level, status, message));
        self.report.findings.extend(findings);
    }

    /// Says that a check could not be made.
    fn unmeasured(&mut self, check: CheckName, level: Level, why: &str) {
        if level != Level::Off {
            // What has to pass and could not be asked has not passed.
            let status = if level == Level::Error { Status::Failed } else { Status::NotMeasured };
            self.report.checks.push(Outcome::new(check, level, status, why));
        }
    }

    /// Takes what a rule over numbers came to.
    fn judged(&mut self, judged: Judged) {
        let Judged { outcome, measure, finding } = judged;
        if outcome.level != Level::Off {
            self.report.checks.push(outcome);
        }
        self.report.measures.push(measure);
        self.report.findings.extend(finding);
    }

    /// Sorts, and says what it all comes to.
    fn close(mut self) -> CheckReport {
        let report = &mut self.report;
        report.checks.sort_by_key(|outcome| outcome.check);
        report.findings.sort_by(|a, b| (b.level, a.check, &a.path).cmp(&(a.level, b.check, &b.path)));
        let rank = |measure: &Measure| (measure.holds != Some(false), measure.check, measure.task.clone());
        report.measures.sort_by_key(rank);
        let count = |status| report.checks.iter().filter(|outcome| outcome.status == status).count();
        let [failed, warned, unmeasured] = [Status::Failed, Status::Warned, Status::NotMeasured].map(count);
        let names = |status| {
            let of = report.checks.iter().filter(|outcome| outcome.status == status);
            let mut names: Vec<&str> = of.map(|outcome| outcome.check.as_str()).collect();
            names.dedup();
            names.join(", ")
        };
        let all = report.checks.len();
        report.reason = match (failed, warned) {
            (0, 0) if unmeasured > 0 => {
                format!("{} passed, {unmeasured} not measured", text::count(all - unmeasured, "check"))
            }
            (0, 0) => format!("{} passed", text::count(all, "check")),
            (0, _) => format!("{} of {all} checks warned: {}", warned, names(Status::Warned)),
            _ => format!("{failed} of {all} checks failed: {}", names(Status::Failed)),
        };
        report.verdict = if failed > 0 { Verdict::Failed } else { Verdict::Passed };
        self.report
    }
}
