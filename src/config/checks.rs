//! `checks` of `hitl.yaml`: what a change of the ledger must pass.

mod read;

use serde::Serialize;

pub(super) use read::checks;

/// How much a check that is not passed weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It is not run.
    Off,
    /// It is told, and nothing fails.
    Warning,
    /// The change fails.
    Error,
}

/// Which items agreement is measured on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Over {
    /// Those whose labels the change touches.
    #[default]
    Changed,
    /// All of the task.
    All,
}

/// Which value is held against the floor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bound {
    /// The lower end of its 95 % interval.
    #[default]
    Low,
    /// The value itself.
    Value,
}

/// A rule for agreement.
#[derive(Clone, Debug, PartialEq)]
pub struct AgreementRule {
    /// The task; where none is named, every task but those whose labels are lists (multilabel, span, box, ranking): these
    /// have coefficients of their own.
    pub task: Option<String>,
    /// The coefficient, as `hitl agreement` names it.
    pub metric: String,
    /// On which items.
    pub over: Over,
    /// After the change it is no lower than this.
    pub floor: Option<f64>,
    /// What is held against the floor.
    pub bound: Bound,
    /// The change lowers it by no more than this: the upper end of the interval of the difference is not below −drop
    /// (`low`), or the difference itself is not (`value`).
    pub max_drop: Option<f64>,
    /// Items with two labels or more that it takes to be measured.
    pub min_overlap: u64,
    /// Whether too little overlap fails it, rather than leaving it unmeasured.
    pub required: bool,
    /// How much it weighs.
    pub level: Level,
}

impl AgreementRule {
    /// Warns where α of the items a change touches certainly falls.
    pub fn falls() -> Self {
        Self {
            task: None,
            metric: "krippendorff_alpha".to_owned(),
            over: Over::Changed,
            floor: None,
            bound: Bound::Low,
            max_drop: Some(0.0),
            min_overlap: 20,
            required: false,
            level: Level::Warning,
        }
    }
}

/// A share and how much it weighs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShareRule {
    /// The share: the most, or of gold the least.
    pub share: f64,
    /// The least rows or items it is judged on.
    pub at_least: u64,
    /// How much it weighs.
    pub level: Level,
}

/// What a change of the ledger must pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Checks {
    /// Ids, digests, schemas: every added record is what it says.
    pub integrity: Level,
    /// No commit of the change removes, edits or moves a file of the ledger.
    pub append_only: Level,
    /// Everybody did only what they may.
    pub authorisation: Level,
    /// No added label contradicts its labeler's own without saying which is later.
    pub conflicts: Level,
    /// No record is named as a parent and absent.
    pub complete: Level,
    /// Agreement, one rule after the other.
    pub agreement: Vec<AgreementRule>,
    /// Accuracy of added labels on gold items: the least.
    pub gold: Option<ShareRule>,
    /// Share of touched items that come to no label: the most.
    pub unresolved: Option<ShareRule>,
    /// Share of added labels that only confirm a guess: the most.
    pub confirmed: Option<ShareRule>,
    /// Labels made under a version that another had followed by then.
    pub superseded_guideline: Level,
    /// How far the classes' shares move (total variation distance): the most.
    pub balance: Option<ShareRule>,
    /// Labelers whose ids people cannot tell apart.
    pub lookalikes: Level,
    /// Records dated more than a day ahead of the commit that brings them.
    pub dated_ahead: Level,
    /// Added snapshots that do not rebuild, old ones that were changed.
    pub snapshots: Level,
}

impl Default for Checks {
    /// What is checked where `hitl.yaml` has no `checks`.
    fn default() -> Self {
        Self {
            integrity: Level::Error,
            append_only: Level::Error,
            authorisation: Level::Error,
            conflicts: Level::Error,
            complete: Level::Error,
            agreement: vec![AgreementRule::falls()],
            gold: Some(ShareRule { share: 0.7, at_least: 20, level: Level::Warning }),
            unresolved: Some(ShareRule { share: 0.5, at_least: 20, level: Level::Warning }),
            confirmed: Some(ShareRule { share: 0.9, at_least: 50, level: Level::Warning }),
            superseded_guideline: Level::Warning,
            balance: None,
            lookalikes: Level::Warning,
            dated_ahead: Level::Warning,
            snapshots: Level::Warning,
        }
    }
}
