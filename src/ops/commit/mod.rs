//! `commit`: files of judgements or items become records, or all that is wrong with them is told.
//!
//! Read (`ingest`), check against the people and guidelines of this repository, plan against the ledger what is new,
//! and only then seal and commit: a refused file changes nothing.

mod check;
mod decide;
mod message;
pub(super) mod plan;
mod report;

use std::collections::{BTreeMap, BTreeSet};

use super::input::{self, Input};
use super::signed::sign_records;
use super::{Clock, Error, authority, private};
use crate::base::Digest;
use crate::config::Labelers;
use crate::dataset::{self, At, Dataset, Draft, Guidelines, Sealed, Stamp, View, join, seal, seal_to_write};
use crate::ingest::{self, Fault, Format, Import, Mapping, PersonalIds, Refused};
use crate::ledger::{Ledger, Loaded};
use crate::record::{self, Kind, LabelerKind, Origin, RecordId, Rows, Source, Task};
use crate::store::Change;

pub(super) use check::task;
pub use message::message;
pub(super) use message::trailers;
pub use report::{
    BatchPlan, ColumnPlan, CommitReport, FilePlan, LabelerPlan, RecordLine, RefusedPlan, TakenBack,
};

/// What happens to labelers named by an e-mail address that is no alias.
#[derive(Clone, Debug, Default)]
pub enum Personal {
    /// Their rows are faults.
    #[default]
    Refuse,
    /// They are kept.
    Allow,
    /// They are replaced by pseudonyms, kept in a file outside history; new ones are made with this salt.
    Pseudonymize {
        /// Random bytes, kept by nobody.
        salt: [u8; 32],
    },
}

/// What `commit` is asked.
#[derive(Clone, Debug)]
pub struct Options {
    /// The files.
    pub inputs: Vec<Input>,
    /// What their rows are.
    pub kind: Kind,
    /// Their format, when not to be detected.
    pub format: Option<Format>,
    /// What columns mean, where their names do not tell.
    pub map: Vec<Mapping>,
    /// The task.
    pub task: Option<String>,
    /// Whether there is one column a labeler.
    pub wide: bool,
    /// Who judged, in files that do not say.
    pub labeler: Option<String>,
    /// What the files' labelers are.
    pub labeler_kind: Option<LabelerKind>,
    /// The guideline of new rows that name none: NAME for the version in force, or NAME@VERSION.
    pub guideline: Option<String>,
    /// The origin of new rows that give none.
    pub origin: Option<Origin>,
    /// Whether the rows are decisions taken now, by whom where the files do not say.
    pub deciding: Option<String>,
    /// What happens to e-mail addresses.
    pub personal: Personal,
    /// Whether faulty rows are left out instead of refusing the file.
    pub skip_bad: bool,
    /// Whether rows that were taken back are committed again.
    pub again: bool,
    /// Whether changed attributes of known judgements are recorded.
    pub amend: bool,
    /// Why.
    pub message: Option<String>,
    /// Whether what is written is left unsigned, where Git's configuration names an SSH key.
    pub unsigned: bool,
    /// Whether to show the plan and write nothing.
    pub dry_run: bool,
}

impl Options {
    /// Returns the options of a plain `hitl commit FILE…`.
    pub fn new(inputs: Vec<Input>) -> Self {
        Self {
            inputs,
            kind: Kind::Labels,
            format: None,
            map: Vec::new(),
            task: None,
            wide: false,
            labeler: None,
            labeler_kind: None,
            guideline: None,
            origin: None,
            deciding: None,
            personal: Personal::Refuse,
            skip_bad: false,
            again: false,
            amend: false,
            message: None,
            unsigned: false,
            dry_run: false,
        }
    }
}

/// What one run works against: the ledger, the people, the guidelines.
pub(super) struct Scene<'a> {
    options: &'a Options,
    /// The records in history.
    pub(super) view: View,
    /// The records sealed so far, of the files before.
    added: Vec<Loaded>,
    /// The labelers of both.
    labelers: BTreeSet<String>,
    tasks: Vec<Task>,
    registry: Labelers,
    guidelines: Guidelines,
    now: crate::base::Timestamp,
}

impl<'a> Scene<'a> {
    /// Returns what a run with `options` works against.
    ///
    /// # Errors
    /// The ledger, `hitl.yaml` or `labelers.yaml` could not be read.
    pub(super) fn of(dataset: &Dataset, options: &'a Options, clock: Clock) -> Result<Self, Error> {
        let view = dataset.view_of_records(&At::default())?;
        let config = dataset.config()?;
        Ok(Self {
            options,
            registry: dataset.labelers(&config)?,
            tasks: config.tasks,
            guidelines: Guidelines::of(&view.ledger),
            labelers: view.labelers().into_keys().collect(),
            added: Vec::new(),
            view,
            now: clock.now,
        })
    }

    /// Returns the tasks of `hitl.yaml`.
    pub(super) fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// Returns who decides; nobody where no decision is taken.
    pub(super) fn decider(&self) -> &str {
        self.options.deciding.as_deref().unwrap_or_default()
    }

    /// Returns the records that a new one names as its parents.
    pub(super) fn heads(&self) -> Vec<RecordId> {
        match self.added.is_empty() {
            true => self.view.ledger.heads(),
            false => self.view.ledger.fold_with(self.added.clone()).heads(),
        }
    }

    fn add(&mut self, sealed: &[Sealed]) {
        for record in sealed.iter().map(|sealed| &sealed.record) {
            if let record::Labelers::Listed(listed) = &record.manifest.labelers {
                self.labelers.extend(listed.keys().cloned());
            }
            self.added.push(record.clone());
        }
    }

    /// Refuses records that are about to be added, signed by the key of this fingerprint, where `labelers.yaml` does.
    ///
    /// # Errors
    /// [`Error::NotAllowed`].
    pub(super) fn allow(
        &self,
        dataset: &Dataset,
        sealed: &[Sealed],
        signed_by: Option<&str>,
    ) -> Result<(), Error> {
        authority::allow_records(dataset, self.view.ledger.record_set(), sealed, signed_by)
    }

    /// Whether a file with this digest was committed before.
    fn has_source(&self, sha256: Digest) -> bool {
        let read_from = |record: &Loaded| record.manifest.source.as_ref().map(|source| source.sha256);
        self.view.has_source(sha256) || self.added.iter().any(|record| read_from(record) == Some(sha256))
    }

    /// Returns the ledger with at least the rows that say something of the items of `import`.
    fn ledger_of(&self, dataset: &Dataset, import: &Import) -> Result<Ledger, Error> {
        let asked = |record: &crate::ledger::Record| {
            import.batches.iter().any(|batch| {
                (batch.rows.kind(), batch.task.as_deref()) == (record.head.kind, record.head.task.as_deref())
            })
        };
        let batches = || import.batches.iter().map(|batch| &batch.rows);
        let none = self.options.deciding.is_none() && !self.view.ledger.records().iter().any(asked);
        let ledger = if none {
            self.view.ledger.clone()
        } else if batches().map(Rows::len).sum::<usize>() > ONE_BY_ONE {
            dataset.whole_ledger(&self.view)?
        } else {
            let items = batches().flat_map(|rows| rows.texts(record::col::ITEM).iter().flatten());
            dataset.ledger_of_items(&self.view, &items.map(str::to_owned).collect())?
        };
        Ok(if self.added.is_empty() { ledger } else { ledger.fold_with(self.added.clone()) })
    }
}

/// The items of a file of so many rows are looked up; for more, the ledger is read whole.
const ONE_BY_ONE: usize = 200_000;

/// Commits `options.inputs` as records of one Git commit, or tells what that would do.
///
/// # Errors
/// A file has faults (then all of them are told and nothing is written), the request cannot be carried out, or Git
/// refuses the commit.
pub fn commit(dataset: &Dataset, options: &Options, clock: Clock) -> Result<CommitReport, Error> {
    let transaction = if options.dry_run { None } else { Some(dataset.store().begin()?) };
    let mut scene = Scene::of(dataset, options, clock)?;
    let mut report = CommitReport::new(options.dry_run);
    let stamped = super::stamp_or_blank(dataset, clock.now, options.dry_run)?;
    let (mut drafts, mut sealed): (Vec<Draft>, Vec<Sealed>) = (Vec::new(), Vec::new());
    let behind = private::pseudonyms(dataset);
    let mut pseudonyms = private::load(&behind)?;
    let known = pseudonyms.len();
    for (index, input) in options.inputs.iter().enumerate() {
        let (file, made) = one_file(dataset, &scene, input, &mut pseudonyms)?;
        report.files.push(file);
        if made.is_empty() {
            continue;
        }
        let last = index + 1 == options.inputs.len();
        if transaction.is_some() || !last {
            let heads = scene.heads();
            let added = seal_all(&made, heads, &stamped, if last { seal_to_write } else { seal })?;
            if !last {
                // A later file says what it says after this one: it is planned and sealed on top of it.
                scene.add(&added);
            }
            sealed.extend(added);
        }
        drafts.extend(made);
    }
    let Some(transaction) = transaction else { return Ok(report) };
    let mut files = sealed.iter_mut().flat_map(|sealed| std::mem::take(&mut sealed.files)).collect();
    report.signed_by = sign_records(dataset, options.unsigned, &sealed, &mut files)?;
    scene.allow(dataset, &sealed, report.signed_by.as_deref())?;
    write_refused(&report)?;
    if drafts.is_empty() {
        return Ok(report);
    }
    if pseudonyms.len() > known {
        private::save(&behind, &pseudonyms)?;
        report.pseudonyms = Some(behind);
    }
    let subject = options.message.clone().unwrap_or_else(|| message::subject(&drafts));
    let message = message(&subject, Some(&message::summary(&report)), &sealed, &message::trailers(&drafts));
    let committed = transaction.commit(&Change { files, message })?;
    report.committed(&sealed, &committed);
    Ok(report)
}

/// Seals `drafts` side by side on top of `heads`, each by `seal`.
pub(super) fn seal_all(
    drafts: &[Draft],
    heads: Vec<RecordId>,
    stamped: &Stamp,
    seal: fn(&Draft, &Stamp) -> Result<Vec<Sealed>, dataset::Error>,
) -> Result<Vec<Sealed>, Error> {
    let (mut sealed, parents) = join(heads, stamped)?;
    let stamped = Stamp { parents, ..stamped.clone() };
    for draft in drafts {
        sealed.extend(seal(draft, &stamped)?);
    }
    Ok(sealed)
}

/// Reads and plans one file: what the report says of it, and the drafts that have rows. Rows that this repository's
/// people and guidelines refuse refuse the file, or are left out like those faulty in themselves.
pub(super) fn one_file(
    dataset: &Dataset,
    scene: &Scene<'_>,
    input: &Input,
    pseudonyms: &mut BTreeMap<String, String>,
) -> Result<(FilePlan, Vec<Draft>), Error> {
    let skip_bad = scene.options.skip_bad;
    let (sha256, import) = beside(
        || Digest::of(&input.bytes),
        || read(scene, input, pseudonyms, None, skip_bad),
        input.bytes.len() >= LARGE,
    );
    let import = match import {
        Err(Error::Refused { file, refused }) => {
            return Err(Error::Refused {
                file,
                refused: all_faults(dataset, scene, input, sha256, pseudonyms, refused),
            });
        }
        other => other?,
    };
    pseudonyms.extend(import.pseudonyms.clone());
    let (mut file, mut drafts, mut faults) = plan::plan(dataset, scene, Some((input, sha256)), import)?;
    let mut refused = BTreeMap::new();
    // Once more where a row that only repeated a refused one takes its place, and is refused in its turn.
    while !faults.is_empty() {
        if !skip_bad {
            return Err(check::refused(&input.name, faults));
        }
        refused.extend(faults.into_iter().map(|fault| (fault.record, fault.fault)));
        let import = read(scene, input, pseudonyms, Some(&refused), skip_bad)?;
        (file, drafts, faults) = plan::plan(dataset, scene, Some((input, sha256)), import)?;
    }
    drafts.retain(|draft| draft.rows.as_ref().is_some_and(|rows| !rows.is_empty()));
    Ok((file, drafts))
}

/// Returns the faults of a file together with those that this repository's people and guidelines find in its good rows:
/// all of them are told in one go.
fn all_faults(
    dataset: &Dataset,
    scene: &Scene<'_>,
    input: &Input,
    sha256: Digest,
    pseudonyms: &BTreeMap<String, String>,
    mut refused: Refused,
) -> Refused {
    let planned = read(scene, input, pseudonyms, None, true)
        .and_then(|good| plan::plan(dataset, scene, Some((input, sha256)), good));
    if let Ok((_, _, more)) = planned {
        refused.total += more.len();
        refused.faults.extend(more.into_iter().map(|fault| fault.fault));
        refused.faults.sort();
        refused.faults.truncate(Refused::KEPT);
    }
    refused
}

/// A file of so many bytes is hashed while it is read.
const LARGE: usize = 1 << 20;

/// Does both, side by side where it is worth a thread.
fn beside<A: Send, B>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B, worth_it: bool) -> (A, B) {
    if !worth_it {
        return (a(), b());
    }
    std::thread::scope(|scope| {
        let a = scope.spawn(a);
        let b = b();
        (a.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), b)
    })
}

/// Reads one file by what the command line, `hitl.yaml` and `labelers.yaml` say.
fn read(
    scene: &Scene<'_>,
    input: &Input,
    pseudonyms: &BTreeMap<String, String>,
    refuse: Option<&BTreeMap<u32, Fault>>,
    skip_bad: bool,
) -> Result<Import, Error> {
    let options = scene.options;
    let salt = if let Personal::Pseudonymize { salt } = &options.personal { *salt } else { [0; 32] };
    let new = |address: &str| {
        format!("l-{}", Digest::tagged("hitl pseudonym 1", &[&salt, address.as_bytes()]).short(16))
    };
    let aliases = scene.registry.aliases();
    let asked = ingest::Options {
        format: options.format,
        kind: options.kind,
        map: &options.map,
        task: options.task.as_deref(),
        wide: options.wide,
        labeler_kind: options.labeler_kind,
        origin: options.origin,
        personal_ids: match options.personal {
            Personal::Refuse => PersonalIds::Refuse,
            Personal::Allow => PersonalIds::Allow,
            Personal::Pseudonymize { .. } => PersonalIds::Pseudonymize { known: pseudonyms, new: &new },
        },
        skip_bad,
        refuse,
        ..ingest::Options::new(&input.name, &scene.tasks, &aliases)
    };
    let import = |labeler: Option<&str>| {
        let asked = ingest::Options { labeler, ..asked };
        input::import(input, &asked, |file, refused| Error::Refused { file, refused })
    };
    let read = match (import(options.labeler.as_deref()), &options.deciding) {
        (Err(Error::Ingest { error: ingest::RequestError::NoLabeler { .. }, .. }), Some(decider))
            if !decider.is_empty() =>
        {
            import(Some(decider))
        }
        (read, _) => read,
    };
    read.map(|import| if options.deciding.is_some() { decide::decided(import) } else { import })
}

/// Returns what the record says of the file it came from.
fn source(scene: &Scene<'_>, input: &Input, sha256: Digest, import: &Import) -> Source {
    let options = scene.options;
    let name = std::path::Path::new(&input.name)
        .file_name()
        .map_or_else(|| input.name.clone(), |name| name.to_string_lossy().into_owned());
    let mut flags = Vec::new();
    let mut flag = |name: &str, value: Option<&str>| {
        flags.extend(
            value.map(|value| if value.is_empty() { name.to_owned() } else { format!("{name} {value}") }),
        );
    };
    flag("--task", options.task.as_deref());
    flag("--wide", options.wide.then_some(""));
    flag("--labeler", options.labeler.as_deref());
    flag("--labeler-kind", options.labeler_kind.map(LabelerKind::as_str));
    flag("--guideline", options.guideline.as_deref());
    flag("--origin", options.origin.map(Origin::as_str));
    flag("--skip-bad", options.skip_bad.then_some(""));
    flag("--again", options.again.then_some(""));
    flag("--amend", options.amend.then_some(""));
    let mapping = import.columns.iter().filter_map(|used| Some((used.column.clone(), used.meaning.clone()?)));
    Source {
        file: name,
        sha256,
        bytes: input.bytes.len() as u64,
        detected: import.detected.clone(),
        mapping: mapping.collect(),
        flags,
    }
}

/// Writes the rows that `--skip-bad` left out to a file beside each input; never over a file that says otherwise, which
/// somebody may be mending.
fn write_refused(report: &CommitReport) -> Result<(), Error> {
    let refused = || report.files.iter().filter_map(|file| file.refused.as_ref());
    for file in refused() {
        if std::fs::read(&file.to).is_ok_and(|there| there != file.bytes) {
            return Err(Error::request(
                format!("{} is there with other rows; nothing was committed", file.to),
                "move it away: the refused rows are written there",
            ));
        }
    }
    for file in refused() {
        let io = |source| Error::Io { verb: "write", path: file.to.clone(), source };
        std::fs::write(&file.to, &file.bytes).map_err(io)?;
    }
    Ok(())
}
