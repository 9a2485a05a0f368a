//! `guideline`: add a version, list them, show one, compare two.

use serde::Serialize;

use super::signed::sign_records;
use super::{Clock, Error, authority, stamp};
use crate::base::{Digest, Timestamp, text};
use crate::dataset::{At, Dataset, Draft, GuidelineVersion, Guidelines, Sealed, join, seal};
use crate::record::{Change, Kind, Rows, check_slug, check_version, col, guideline_key};
use crate::store;

/// What `guideline add` is asked.
#[derive(Clone, Debug)]
pub struct AddOptions {
    /// The guideline's name.
    pub name: String,
    /// The text people read.
    pub text: String,
    /// Its version; the next whole number when none is given.
    pub version: Option<String>,
    /// When it comes into force; now when not given.
    pub effective: Option<Timestamp>,
    /// Whether labels may change under it; semantic when not given.
    pub change: Option<Change>,
    /// Why.
    pub message: Option<String>,
    /// Whether what is written is left unsigned, where Git's configuration names an SSH key.
    pub unsigned: bool,
}

/// One version, as `guideline add` and `guideline list` tell of it.
#[derive(Clone, Debug, Serialize)]
pub struct VersionReport {
    /// `name@version`.
    pub guideline: String,
    /// SHA-256 of the text.
    pub sha256: Digest,
    /// Semantic or minor.
    pub change: Change,
    /// When it comes into force.
    pub effective_from: Timestamp,
    /// The version before.
    pub supersedes: Option<String>,
    /// Why, in the author's words.
    pub note: Option<String>,
    /// The record that holds it.
    pub record: String,
    /// Who added it.
    pub actor: String,
    /// Where its text lies.
    pub path: String,
    /// Live judgements made under it.
    pub judgements: usize,
}

/// What `guideline add` did.
#[derive(Clone, Debug, Serialize)]
pub struct AddReport {
    /// `hitl.guideline-add/1`.
    pub schema: &'static str,
    /// The version.
    #[serde(flatten)]
    pub version: VersionReport,
    /// Whether this very version was in the ledger already: then nothing was written.
    pub already_there: bool,
    /// The commit that holds it.
    pub commit: Option<String>,
    /// The branch it is on.
    pub branch: Option<String>,
    /// Where somebody's own commit, made at the same moment, took the files along: that commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swept_by: Option<store::CommitInfo>,
    /// The fingerprint of the key that signed what was written; none where nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
}

/// All guideline versions.
#[derive(Clone, Debug, Serialize)]
pub struct ListReport {
    /// `hitl.guideline-list/1`.
    pub schema: &'static str,
    /// By name, then by the moment each comes into force.
    pub versions: Vec<VersionReport>,
}

/// One version with its text.
#[derive(Clone, Debug, Serialize)]
pub struct ShowReport {
    /// `hitl.guideline-show/1`.
    pub schema: &'static str,
    /// The version.
    #[serde(flatten)]
    pub version: VersionReport,
    /// Its text.
    pub text: String,
}

/// Two versions, word by word.
#[derive(Clone, Debug, Serialize)]
pub struct DiffReport {
    /// `hitl.guideline-diff/1`.
    pub schema: &'static str,
    /// The older side.
    pub base: VersionReport,
    /// The newer side.
    pub head: VersionReport,
    /// The lines, in order.
    pub lines: Vec<DiffLine>,
    /// Words that only the newer side has.
    pub added: usize,
    /// Words that only the older side has.
    pub removed: usize,
}

/// One line of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DiffLine {
    /// `equal`, `removed` or `added`.
    pub op: &'static str,
    /// Its text, in parts; the flag marks words the other side lacks.
    pub parts: Vec<(bool, String)>,
}

/// Where a version's text lies in the repository.
fn text_path(name: &str, version: &str) -> String {
    format!("guidelines/{name}/{version}.md")
}

/// Adds a guideline version: its Markdown file and its record, in one commit.
///
/// # Errors
/// The name or version breaks its rule, or the version is there with another text.
pub fn add(dataset: &Dataset, options: &AddOptions, clock: Clock) -> Result<AddReport, Error> {
    check_slug("guideline", &options.name)?;
    if options.text.trim().is_empty() {
        return Err(Error::request("the guideline's text is empty", "write down what labelers are to do"));
    }
    let transaction = dataset.store().begin()?;
    let view = dataset.view(&At::default())?;
    let guidelines = Guidelines::of(&view.ledger);
    let latest = guidelines.newest(&options.name);
    let sha256 = Digest::of(options.text.as_bytes());
    let version = match &options.version {
        Some(version) => version.clone(),
        None => guidelines
            .named(&options.name)
            .find(|known| known.sha256 == sha256)
            .map_or_else(|| next_version(&guidelines, &options.name), |known| known.version.clone()),
    };
    check_version(&version)?;
    let key = guideline_key(&options.name, &version);
    if let Some(known) = guidelines.get(&key) {
        if known.sha256 != sha256 {
            return Err(Error::GuidelineTaken { key });
        }
        let version = report(&view.ledger, known);
        return Ok(AddReport {
            schema: "hitl.guideline-add/1",
            version,
            already_there: true,
            commit: None,
            branch: None,
            swept_by: None,
            signed_by: None,
        });
    }
    let mut rows = Rows::empty(Kind::Guidelines);
    let row = rows.push_nulls();
    let change = options.change.unwrap_or(Change::Semantic);
    rows.set_text(row, col::GUIDELINE_NAME, &options.name);
    rows.set_text(row, col::VERSION, &version);
    rows.set_text(row, col::GUIDELINE_TEXT, &options.text);
    rows.set_text(row, col::SHA256, &sha256.to_string());
    rows.set_time(row, col::EFFECTIVE_FROM, Some(options.effective.unwrap_or(clock.now)));
    if let Some(latest) = latest {
        rows.set_text(row, col::SUPERSEDES, &latest.version);
    }
    rows.set_text(row, col::CHANGE, change.as_str());
    if let Some(message) = &options.message {
        rows.set_text(row, col::NOTE, message);
    }
    let subject = options.message.clone().unwrap_or_else(|| format!("guideline: {key}"));
    let draft = Draft { rows: Some(rows), ..Draft::new(Kind::Guidelines, subject.as_str()) };
    let stamped = stamp(dataset, clock.now, Vec::new())?;
    let (mut sealed, parents) = join(view.ledger.heads(), &stamped)?;
    sealed.extend(seal(&draft, &crate::dataset::Stamp { parents, ..stamped })?);
    let mut files: Vec<_> = sealed.iter().flat_map(|sealed| sealed.files.clone()).collect();
    let signed_by = sign_records(dataset, options.unsigned, &sealed, &mut files)?;
    authority::allow_records(dataset, view.ledger.record_set(), &sealed, signed_by.as_deref())?;
    files.push((text_path(&options.name, &version), options.text.clone().into_bytes()));
    let trailers = [("Guideline", key.clone())];
    let message = super::commit::message(&subject, None, &sealed, &trailers);
    let committed = transaction.commit(&store::Change { files, message })?;
    let ledger =
        crate::ledger::Ledger::fold(sealed.into_iter().map(|Sealed { record, .. }| record).collect());
    let added = Guidelines::of(&ledger);
    let version = report(&ledger, added.get(&key).expect("the version was just sealed"));
    Ok(AddReport {
        schema: "hitl.guideline-add/1",
        version,
        already_there: false,
        commit: Some(committed.commit.0),
        branch: committed.branch,
        swept_by: committed.swept_by,
        signed_by,
    })
}

/// Returns one more than the greatest whole-number version of `name`; `1` for the first.
fn next_version(guidelines: &Guidelines, name: &str) -> String {
    let greatest = guidelines.named(name).filter_map(|known| known.version.parse::<u64>().ok()).max();
    (greatest.unwrap_or(0) + 1).to_string()
}

/// Lists all versions.
///
/// # Errors
/// The ledger could not be read.
pub fn list(dataset: &Dataset, at: &At) -> Result<ListReport, Error> {
    let view = dataset.view(at)?;
    let guidelines = Guidelines::of(&view.ledger);
    let versions = guidelines.all().iter().map(|version| report(&view.ledger, version)).collect();
    Ok(ListReport { schema: "hitl.guideline-list/1", versions })
}

/// Shows the version `key`: `name@version`, or a name for its newest version.
///
/// # Errors
/// There is no such version.
pub fn show(dataset: &Dataset, key: &str, at: &At) -> Result<ShowReport, Error> {
    let view = dataset.view(at)?;
    let guidelines = Guidelines::of(&view.ledger);
    let version = find(&guidelines, key)?;
    Ok(ShowReport {
        schema: "hitl.guideline-show/1",
        version: report(&view.ledger, version),
        text: version.text.clone(),
    })
}

/// Compares two versions word by word.
///
/// # Errors
/// There is no such version.
pub fn diff(dataset: &Dataset, base: &str, head: &str, at: &At) -> Result<DiffReport, Error> {
    let view = dataset.view(at)?;
    let guidelines = Guidelines::of(&view.ledger);
    let (base, head) = (find(&guidelines, base)?, find(&guidelines, head)?);
    let lines = word_diff(&base.text, &head.text);
    let words = |op: &str| -> usize {
        let marked =
            lines.iter().filter(|line| line.op == op).flat_map(|line| &line.parts).filter(|part| part.0);
        marked.map(|(_, text)| text.split_whitespace().count()).sum()
    };
    Ok(DiffReport {
        schema: "hitl.guideline-diff/1",
        added: words("added"),
        removed: words("removed"),
        base: report(&view.ledger, base),
        head: report(&view.ledger, head),
        lines,
    })
}

/// Returns the version `key` names.
pub(super) fn find<'a>(guidelines: &'a Guidelines, key: &'a str) -> Result<&'a GuidelineVersion, Error> {
    guidelines
        .get(key)
        .or_else(|| guidelines.newest(key))
        .ok_or_else(|| Error::UnknownGuideline { key: key.to_owned(), near: near(guidelines, key) })
}

/// Returns the version or name that `key` was most likely meant to be.
pub(super) fn near(guidelines: &Guidelines, key: &str) -> Option<String> {
    let keys: Vec<String> = guidelines.all().iter().map(GuidelineVersion::key).collect();
    let names = guidelines.names();
    text::did_you_mean(key, keys.iter().map(String::as_str).chain(names)).map(str::to_owned)
}

fn word_diff(base: &str, head: &str) -> Vec<DiffLine> {
    let diff = similar::TextDiff::from_lines(base, head);
    let mut lines = Vec::new();
    for op in diff.ops() {
        let changes: Vec<_> = diff.iter_inline_changes(op).collect();
        // Lines too different to be compared word by word have no word marked: then all of them are.
        let compared = changes.iter().any(|change| change.iter_strings_lossy().any(|(marked, _)| marked));
        for change in changes {
            let op = match change.tag() {
                similar::ChangeTag::Equal => "equal",
                similar::ChangeTag::Delete => "removed",
                similar::ChangeTag::Insert => "added",
            };
            let whole = op != "equal" && !compared;
            let parts = change
                .iter_strings_lossy()
                .map(|(marked, text)| (marked || whole, text.trim_end_matches(['\r', '\n']).to_owned()))
                .filter(|(_, text)| !text.is_empty())
                .collect();
            lines.push(DiffLine { op, parts });
        }
    }
    lines
}

fn report(ledger: &crate::ledger::Ledger, version: &GuidelineVersion) -> VersionReport {
    let key = version.key();
    let live = |judgement: &&crate::ledger::Judgement| {
        judgement.state != crate::ledger::State::Reverted
            && ledger.row_text(ledger.attributes(judgement), col::GUIDELINE) == Some(&key)
    };
    VersionReport {
        judgements: ledger.judgements().iter().filter(live).count(),
        path: text_path(&version.name, &version.version),
        guideline: key,
        sha256: version.sha256,
        change: version.change,
        effective_from: version.in_force_from(),
        supersedes: version.supersedes.clone(),
        note: version.note.clone(),
        record: version.record.to_string(),
        actor: version.actor.clone(),
    }
}
