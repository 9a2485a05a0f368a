//! `agreement`: how far labelers agree, in the ledger or straight on a file.

mod file;
mod ledger;

use super::Error;
use super::input::Input;
use crate::agreement::{Level, Matrix, Options, Panel, Weighting};
use crate::ingest;
use crate::record::TaskType;

pub use file::{FileOptions, against_in_files, files};
pub use ledger::{Asked, Base, By, against, ledger};

/// What is asked of agreement, wherever the labels are.
#[derive(Clone, Debug)]
pub struct Measures {
    /// The level of measurement; that of the task's type when none is given.
    pub level: Option<Level>,
    /// Which metrics.
    pub panel: Panel,
    /// Weights, where labels that differ may agree in part.
    pub weights: Option<Weights>,
    /// The confidence of intervals.
    pub confidence: f64,
    /// How many samples of the items intervals come from.
    pub samples: Option<u32>,
    /// Which random numbers samples are drawn by.
    pub seed: u64,
    /// How many of the items that disagree most are listed.
    pub disputed: usize,
}

impl Default for Measures {
    fn default() -> Self {
        let usual = Options::default();
        Self {
            level: None,
            panel: usual.panel,
            weights: None,
            confidence: usual.confidence,
            samples: usual.samples,
            seed: usual.seed,
            disputed: usual.disputed,
        }
    }
}

/// Weights, as a request gives them.
#[derive(Clone, Debug)]
pub enum Weights {
    /// By name.
    Named(Weighting),
    /// A file with a number for every two classes.
    File(Input),
}

impl Measures {
    /// Returns what is asked of labels of `classes` whose own level is `level`.
    fn options(&self, level: Level, classes: &[String]) -> Result<Options, Error> {
        let (weighting, disagreement) = match &self.weights {
            None => (None, None),
            Some(Weights::Named(weighting)) => (Some(*weighting), None),
            Some(Weights::File(input)) => (None, Some(matrix(input, classes)?)),
        };
        Ok(Options {
            level: self.level.unwrap_or(level),
            panel: self.panel.clone(),
            weighting,
            disagreement,
            confidence: self.confidence,
            disputed: self.disputed,
            samples: self.samples,
            seed: self.seed,
        })
    }
}

fn matrix(input: &Input, classes: &[String]) -> Result<Matrix, Error> {
    let wrong = |reason: String| Error::Weights { file: input.name.clone(), reason };
    let text = std::str::from_utf8(&input.bytes).map_err(|_| wrong("it is not UTF-8 text".to_owned()))?;
    let rows = ingest::read_matrix(text, classes).map_err(wrong)?;
    Matrix::disagreement(&rows, classes.len()).map_err(|error| wrong(error.to_string()))
}

/// Returns the level at which labels of a task of this type are measured.
pub(super) fn level_of(kind: TaskType) -> Level {
    match kind {
        TaskType::Ordinal => Level::Ordinal,
        TaskType::Rating => Level::Interval,
        TaskType::Numeric => Level::Ratio,
        TaskType::Multilabel => Level::Set,
        TaskType::Span => Level::Span,
        TaskType::Box => Level::Box,
        TaskType::Ranking => Level::Ranking,
        TaskType::Categorical | TaskType::Preference | TaskType::Text => Level::Nominal,
    }
}
