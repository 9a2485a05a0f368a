//! `revert`: takes judgements back, by one small record, and shows first what that does.

mod by_labeler;
mod effects;
mod plan;
mod report;

use self::by_labeler::ByLabeler;
use self::effects::Effects;
use self::plan::{Plan, plan};
use super::signed::sign_records;
use super::{Clock, Error, authority, tallies};
use crate::base::text;
use crate::dataset::{At, Dataset, Draft, Sealed, Stamp, View, join, seal};
use crate::ledger::Ledger;
use crate::record::{Cascade, Filter, Kind, RecordId, Revert, Rows};
use crate::store::{Change, Transaction};

pub use self::report::{Agreement, BuiltOn, CountedBy, CoveredRecord, ItemEffect, RevertReport, TaskEffect};

/// What `revert` is asked.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Records, as the user names them.
    pub records: Vec<String>,
    /// Which judgements.
    pub filter: Filter,
    /// Whether what was built on them goes too; when not given, confirmations go with a model's rows.
    pub cascade: Option<Cascade>,
    /// Whether it reaches matching rows of records that do not descend from it.
    pub concurrent: bool,
    /// Why.
    pub message: Option<String>,
    /// Whether what is written is left unsigned, where Git's configuration names an SSH key.
    pub unsigned: bool,
    /// Whether to show what would happen and write nothing.
    pub dry_run: bool,
}

/// Takes judgements back, or shows what that would do.
///
/// # Errors
/// Nothing matches, a name is unknown, no message is given, or Git refuses the commit.
pub fn revert(dataset: &Dataset, options: &Options, clock: Clock) -> Result<RevertReport, Error> {
    let transaction = if options.dry_run { None } else { Some(dataset.store().begin()?) };
    let view = dataset.view_of_records(&At::default())?;
    let message = match (&options.message, options.dry_run) {
        (Some(message), _) if !message.trim().is_empty() => message.clone(),
        (_, true) => String::new(),
        _ => return Err(Error::request("a revert says why", "add -m \"why it is taken back\"")),
    };
    let stamped = super::stamp_or_blank(dataset, clock.now, options.dry_run)?;
    let told = if options.dry_run { None } else { ByLabeler::of(&view, options) };
    let transaction = match (transaction, told) {
        (Some(transaction), Some(told)) => {
            let sealed = seal_revert(view.ledger.heads(), &told.revert, None, &message, &stamped)?;
            let report = RevertReport { message, ..told.report(&view) };
            return write((dataset, &view), transaction, report, options, &told.revert, &sealed);
        }
        (transaction, _) => transaction,
    };
    let ledger = &view.ledger;
    let parts = dataset.parts_of(&view)?;
    let plan = plan(dataset, &view, &parts, options)?;
    let sealed = seal_revert(ledger.heads(), &plan.revert, plan.rows.as_ref(), &message, &stamped)?;
    let policies = super::trace::policies(dataset)?;
    let extra = sealed.iter().map(|sealed| sealed.record.clone()).collect();
    let effects = parts.touched(extra, |before, after| Effects::of(before, after, &plan, &policies))?;
    let mut sheets = tallies::sheets(dataset, &view, &parts)?;
    if !effects::are_among(&effects, &sheets) {
        sheets = tallies::of_all(&parts)?;
    }
    let mut report = effects::report(dataset, ledger, &plan, effects, sheets)?;
    report.message = message;
    report.dry_run = options.dry_run;
    // One that also reaches branches merged later may find nothing here yet, but is not needed twice.
    let reaches_later = options.concurrent && !holds_already(ledger, &plan);
    if report.taken_back + report.brought_back == 0 && plan.undoes.is_none() && !reaches_later {
        return Err(nothing(&report));
    }
    match transaction {
        Some(transaction) => write((dataset, &view), transaction, report, options, &plan.revert, &sealed),
        None => Ok(report),
    }
}

/// Seals a revert on top of `heads`, with the joins that these need.
fn seal_revert(
    heads: Vec<RecordId>,
    revert: &Revert,
    rows: Option<&Rows>,
    message: &str,
    stamped: &Stamp,
) -> Result<Vec<Sealed>, Error> {
    let (mut sealed, parents) = join(heads, stamped)?;
    let draft =
        Draft { rows: rows.cloned(), revert: Some(revert.clone()), ..Draft::new(Kind::Reverts, message) };
    sealed.extend(seal(&draft, &Stamp { parents, ..stamped.clone() })?);
    Ok(sealed)
}

/// Commits a revert, and says so in its report.
fn write(
    (dataset, view): (&Dataset, &View),
    transaction: Transaction<'_>,
    mut report: RevertReport,
    options: &Options,
    revert: &Revert,
    sealed: &[Sealed],
) -> Result<RevertReport, Error> {
    let mut files = sealed.iter().flat_map(|sealed| sealed.files.clone()).collect();
    report.signed_by = sign_records(dataset, options.unsigned, sealed, &mut files)?;
    authority::allow_records(dataset, view.ledger.record_set(), sealed, report.signed_by.as_deref())?;
    let message =
        super::commit::message(&report.message, Some(&summary(&report)), sealed, &plan::trailers(revert));
    let committed = transaction.commit(&Change { files, message })?;
    report.record = sealed.last().map(|sealed| sealed.record.id.to_string());
    report.commit = Some(committed.commit.0);
    report.branch = committed.branch;
    report.swept_by = committed.swept_by;
    Ok(report)
}

/// Whether a live revert says just what `plan` says.
fn holds_already(ledger: &Ledger, plan: &Plan) -> bool {
    let rows = plan.rows.as_ref();
    ledger.records().iter().enumerate().any(|(index, record)| {
        record.manifest.revert.as_ref() == Some(&plan.revert)
            && rows.map_or(record.rows.is_empty(), |rows| *rows == *record.rows)
            && ledger.is_live_revert(index)
    })
}

fn summary(report: &RevertReport) -> String {
    if report.undoes.is_some() && report.brought_back > 0 {
        return format!("Brings back {}.", text::count(report.brought_back, "judgement"));
    }
    format!(
        "Takes back {} in {}.",
        text::count(report.taken_back, "judgement"),
        text::count(report.records.len(), "record")
    )
}

fn nothing(report: &RevertReport) -> Error {
    if report.already_reverted > 0 {
        let count = text::count(report.already_reverted, "matching judgement");
        return Error::Nothing {
            message: format!("nothing to take back: {count}, all taken back before"),
            hint: Some("`hitl log --kind reverts` shows by which".to_owned()),
        };
    }
    Error::Nothing {
        message: "nothing to take back: no judgement matches".to_owned(),
        hint: Some("`hitl labels --state all` with the same filters shows what matches".to_owned()),
    }
}
