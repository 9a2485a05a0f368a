//! `labels`: rows, one a judgement, with its attribution and what has become of it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Error;
use crate::base::Timestamp;
use crate::dataset::{At, Dataset};
use crate::ledger::{Ledger, State};
use crate::record::{Column, Filter, Kind, LabelerKind, RecordId, Rows, col};
use crate::store::CommitInfo;

/// Which judgements are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// Those that count: live, and last of their key.
    #[default]
    Current,
    /// Those not taken back.
    Live,
    /// All.
    All,
}

/// One judgement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelRow {
    /// The task.
    pub task: String,
    /// Labels, corrections, adjudications or predictions.
    pub kind: Kind,
    /// The item.
    pub item: String,
    /// Who judged.
    pub labeler: String,
    /// Human, model or gold.
    pub labeler_kind: LabelerKind,
    /// What was said; none for an abstention.
    pub label: Option<String>,
    /// When.
    pub created_at: Option<Timestamp>,
    /// Under which text.
    pub guideline: Option<String>,
    /// How.
    pub origin: String,
    /// The guess that was shown.
    pub shown: Option<String>,
    /// Whose.
    pub shown_by: Option<String>,
    /// The tool's own id.
    pub source_id: Option<String>,
    /// 0 to 1.
    pub confidence: Option<f32>,
    /// Milliseconds spent.
    pub duration_ms: Option<i64>,
    /// Why.
    pub rationale: Option<String>,
    /// Of an adjudication: what went wrong before.
    pub error_type: Option<String>,
    /// Of an adjudication: what the guideline does not say.
    pub guideline_gap: Option<String>,
    /// What a correction says, and what goes with it.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub correction: Option<CorrectionRow>,
    /// The record that carries it.
    pub record: String,
    /// The commit that brought that record.
    pub commit: Option<String>,
    /// Current, superseded, conflict or reverted.
    pub state: State,
    /// Live reverts that took it back.
    pub reverted_by: Vec<String>,
    /// The record of the judgement that superseded it.
    pub superseded_by: Option<String>,
}

/// What a correction says, and what goes with it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CorrectionRow {
    /// The text judged.
    pub original: Option<String>,
    /// The text in its place.
    pub corrected: Option<String>,
    /// Corrected, approved, rejected or suggested.
    pub verdict: Option<String>,
    /// Why, in the labeler's words.
    pub reason: Option<String>,
    /// What kinds of mistake it mends.
    pub categories: Vec<String>,
    /// How bad the original was.
    pub severity: Option<String>,
    /// Whether it is to be learned from; null where nobody said.
    pub should_learn: Option<bool>,
    /// The model or person that wrote the original.
    pub source: Option<String>,
    /// What the original was an answer to, JSON.
    pub context: Option<String>,
}

/// What `labels` tells.
#[derive(Clone, Debug, Serialize)]
pub struct LabelsReport {
    /// `hitl.labels/1`.
    pub schema: &'static str,
    /// By task, item, kind, labeler and time.
    pub rows: Vec<LabelRow>,
}

/// Returns the judgements that `filter` chooses and whose state is wanted.
///
/// # Errors
/// The ledger could not be read.
pub fn labels(dataset: &Dataset, at: &At, filter: &Filter, wanted: Wanted) -> Result<LabelsReport, Error> {
    let view = dataset.view(at)?;
    let commits =
        dataset.commits(view.commit.as_ref(), view.ledger.records().iter().map(|record| record.id))?;
    let ledger = &view.ledger;
    let rows = ledger
        .select(filter)
        .into_iter()
        .enumerate()
        .filter(|(index, chosen)| *chosen && wants(wanted, ledger.judgements()[*index].state))
        .map(|(index, _)| label_row(ledger, index, &commits))
        .collect();
    Ok(LabelsReport { schema: "hitl.labels/1", rows })
}

fn wants(wanted: Wanted, state: State) -> bool {
    match wanted {
        Wanted::Current => state == State::Current,
        Wanted::Live => state != State::Reverted,
        Wanted::All => true,
    }
}

fn label_row(ledger: &Ledger, index: usize, commits: &BTreeMap<RecordId, CommitInfo>) -> LabelRow {
    let judgement = &ledger.judgements()[index];
    let carrier = ledger.attributes(judgement);
    let record = &ledger.records()[carrier.record as usize];
    let (rows, row) = ledger.row_of(carrier);
    let text = |column| rows.text(row, column).map(str::to_owned);
    let id = |record: usize| ledger.records()[record].id.to_string();
    let (Column::Float(confidence), Column::Int(duration)) =
        (&rows.columns()[col::CONFIDENCE], &rows.columns()[col::DURATION_MS])
    else {
        unreachable!("judgements share one attribution block")
    };
    LabelRow {
        task: ledger.task_name(judgement.task).to_owned(),
        kind: judgement.kind,
        item: ledger.item_name(judgement.item).to_owned(),
        labeler: ledger.labeler_name(judgement.labeler).to_owned(),
        labeler_kind: ledger.labeler_kind(judgement),
        label: judgement.statement.map(|statement| ledger.statement_text(statement).to_owned()),
        created_at: judgement.created_at,
        guideline: text(col::GUIDELINE),
        origin: text(col::ORIGIN).unwrap_or_default(),
        shown: text(col::SHOWN),
        shown_by: text(col::SHOWN_BY),
        source_id: text(col::SOURCE_ID),
        confidence: confidence[row],
        duration_ms: duration[row],
        rationale: text(col::RATIONALE),
        error_type: (judgement.kind == Kind::Adjudications).then(|| text(col::ERROR_TYPE)).flatten(),
        guideline_gap: (judgement.kind == Kind::Adjudications).then(|| text(col::GUIDELINE_GAP)).flatten(),
        correction: (judgement.kind == Kind::Corrections).then(|| correction(rows, row)),
        record: record.id.to_string(),
        commit: commits.get(&record.id).map(|commit| commit.id.0.clone()),
        state: judgement.state,
        reverted_by: ledger.reverted_by(judgement).into_iter().map(id).collect(),
        superseded_by: ledger.superseded_by(index).map(|later| {
            let carrier = ledger.attributes(&ledger.judgements()[later]);
            id(carrier.record as usize)
        }),
    }
}

fn correction(rows: &Rows, row: usize) -> CorrectionRow {
    let text = |column| rows.text(row, column).map(str::to_owned);
    let (Column::Texts(categories), Column::Bool(should_learn)) =
        (&rows.columns()[col::CATEGORIES], &rows.columns()[col::SHOULD_LEARN])
    else {
        unreachable!("these are columns of corrections")
    };
    CorrectionRow {
        original: text(col::ORIGINAL),
        corrected: text(col::CORRECTED),
        verdict: text(col::VERDICT),
        reason: text(col::REASON),
        categories: categories[row].clone().unwrap_or_default(),
        severity: text(col::SEVERITY),
        should_learn: should_learn[row],
        source: text(col::SOURCE),
        context: text(col::CONTEXT),
    }
}
