//! What of agreement is asked for.

use super::{Bootstrap, Level, Matrix, Weighting};

/// The metrics there are, by their names before the first point.
pub const METRICS: [&str; 22] = [
    "percent_agreement",
    "krippendorff_alpha",
    "fleiss_kappa",
    "gwet_ac1",
    "gwet_ac2",
    "brennan_prediger",
    "conger_kappa",
    "light_kappa",
    "cohen_kappa",
    "scott_pi",
    "kappa_max",
    "prevalence_index",
    "bias_index",
    "specific_agreement",
    "mean_jaccard_agreement",
    "mean_masi_agreement",
    "span_f1",
    "gamma",
    "mean_iou",
    "box_f1",
    "kendall_tau",
    "kendall_w",
];

/// Which metrics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Panel {
    /// Those people read.
    #[default]
    Usual,
    /// All that the labels allow.
    All,
    /// These names of [`METRICS`].
    Only(Vec<String>),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The level of measurement.
    pub level: Level,
    /// Which metrics.
    pub panel: Panel,
    /// The weights of κ and its kin, beside none; all that the level has with [`Panel::All`].
    pub weighting: Option<Weighting>,
    /// How far labels disagree, in the order of the classes, in the place of what the level says.
    pub disagreement: Option<Matrix>,
    /// The confidence of intervals.
    pub confidence: f64,
    /// How many of the items that disagree most are listed.
    pub disputed: usize,
    /// Whether α is tried without each labeler, however many labels there are.
    pub without_each: bool,
    /// How many samples of the items intervals come from. Without, α alone is sampled, and the others have the intervals
    /// of the literature.
    pub samples: Option<u32>,
    /// Which random numbers samples are drawn by.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            level: Level::Nominal,
            panel: Panel::Usual,
            weighting: None,
            disagreement: None,
            confidence: 0.95,
            disputed: 5,
            without_each: false,
            samples: None,
            seed: 0,
        }
    }
}

impl Options {
    /// Returns the bootstrap that is asked for, or else the usual one.
    pub(super) fn bootstrap(&self) -> Bootstrap {
        let usual = Bootstrap::default();
        Bootstrap { replicates: self.samples.unwrap_or(usual.replicates), seed: self.seed }
    }

    /// Whether a metric of this name is wanted, `usual` among those people read or not.
    pub(super) fn wants(&self, metric: &str, usual: bool) -> bool {
        match &self.panel {
            Panel::Usual => usual,
            Panel::All => true,
            Panel::Only(names) => names.iter().any(|name| *name == metric),
        }
    }
}
