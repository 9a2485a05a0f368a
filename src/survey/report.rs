//! What a survey says.

use serde::Serialize;

/// The picture of one ledger.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Survey {
    /// `hitl.survey/1`.
    pub schema: &'static str,
    /// Every task, by name.
    pub tasks: Vec<TaskSurvey>,
}

/// The picture of one task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskSurvey {
    /// The task.
    pub task: String,
    /// All that people labelled or corrected and nobody took back.
    pub volume: Volume,
    /// What of it was made before the first of `weeks`; none where nothing was.
    pub earlier: Option<Volume>,
    /// The latest weeks, one after another without gaps; at most [`super::WEEKS`].
    pub weeks: Vec<Week>,
    /// The coefficient that weeks are measured by, as `hitl agreement` names it.
    pub metric: &'static str,
    /// The labelers, busiest first; at most [`super::LABELERS`].
    pub labelers: Vec<LabelerSurvey>,
    /// How many labelers are not listed.
    pub labelers_left_out: u64,
    /// How far every two of the busiest labelers agree.
    pub grid: Grid,
    /// What labelers put in the place of their own labels: another label of the same item.
    pub revised: Transitions,
    /// What adjudications made of labels, those that they uphold among them.
    pub adjudicated: Transitions,
    /// Items on which not all current labels are the same.
    pub disagreeing: u64,
    /// Those that disagree most; at most [`super::DISPUTED`].
    pub disputed: Vec<Disputed>,
}

/// How much was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Volume {
    /// Labels and corrections by people, those that later ones followed among them.
    pub labels: u64,
    /// Items they are of.
    pub items: u64,
    /// People who made them.
    pub labelers: u64,
}

/// One week.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Week {
    /// Its Monday, `yyyy-mm-dd`.
    pub monday: String,
    /// What was made in it.
    pub volume: Volume,
    /// How far current labels made in it agree; none where no item has two, or the coefficient has no value.
    pub agreement: Option<Value>,
}

/// A coefficient's value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Value {
    /// The value, at most 1.
    pub value: f64,
    /// Its interval of 95 %, where one is known.
    pub interval: Option<[f64; 2]>,
    /// Items with two labels or more.
    pub items: u64,
}

/// One labeler of one task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LabelerSurvey {
    /// Who.
    pub labeler: String,
    /// Labels and corrections that nobody took back.
    pub labels: u64,
    /// Items they are of.
    pub items: u64,
    /// Of these labels, those that accepted a machine's guess.
    pub confirmed: u64,
    /// How often a current label of theirs and one of another labeler are of one item.
    pub compared: u64,
    /// How often the two say the same.
    pub agreeing: u64,
}

/// How far labelers agree, two by two.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Grid {
    /// The labelers compared, by id.
    pub labelers: Vec<String>,
    /// Every two of them with an item in common, in that order.
    pub pairs: Vec<Pair>,
    /// How many less busy labelers are left out.
    pub left_out: u64,
}

/// Two labelers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// The first of the two, by id.
    pub a: String,
    /// The other.
    pub b: String,
    /// Items both labelled.
    pub items: u64,
    /// Of them, those on which they say the same.
    pub agreeing: u64,
    /// Cohen's κ, of tasks whose labels are classes; none where it has no value.
    pub kappa: Option<f64>,
}

impl Pair {
    /// Returns the share of their items on which they say the same.
    pub fn share(&self) -> f64 {
        self.agreeing as f64 / self.items.max(1) as f64
    }
}

/// What labels became.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Transitions {
    /// From which label to which, commonest first, then by label; at most [`super::TRANSITIONS`].
    pub cells: Vec<Transition>,
    /// How many labels the cells left out stand for.
    pub left_out: u64,
}

/// How often one label became another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Transition {
    /// The label before; none where it abstained.
    pub before: Option<String>,
    /// The label after.
    pub after: Option<String>,
    /// How often.
    pub count: u64,
}

/// An item on which labelers disagree.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Disputed {
    /// The item.
    pub item: String,
    /// Its text, where the ledger has it, cut after 200 characters.
    pub text: Option<String>,
    /// The share of pairs of labels that are the same.
    pub agreement: f64,
    /// What is said of it, by whom.
    pub labels: Vec<Said>,
}

/// One label of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Who.
    pub labeler: String,
    /// What, cut after 200 characters.
    pub label: String,
}
