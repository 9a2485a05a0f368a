//! Consensus ("truth inference"): the one class of every item that its labels speak for, and how good each labeler is.
//!
//! In: a [`Table`](crate::table::Table). Out: a [`Consensus`], in one shape for all methods: every item's posterior and
//! class, every labeler's confusion matrix and accuracy, and how the fit ended.
//!
//! | method | a labeler is | for |
//! |---|---|---|
//! | [`majority`] | a vote | a first look |
//! | [`weighted`] | a vote with a weight | many labelers, few labels |
//! | [`OneCoin`] | one accuracy | few labels a labeler |
//! | [`DawidSkene`] | an error rate for each pair of classes | enough labels a labeler |
//! | [`Mace`] | knowing, or answering by habit | spammers |
//! | [`Glad`] | an ability, and every item a difficulty | items of uneven difficulty |
//! | [`crowdlab`] | a weight beside a model's | one label an item, and a model |
//!
//! Invariants: no result depends on the number of threads or on the machine, down to the last bit. Items are summed over
//! in runs whose bounds depend on the table alone, and logarithms are the crate's own; a table
//! [`in_item_order`](crate::table::Table::in_item_order) also makes the order of a file's rows nothing. A labeler may label an item
//! several times: every label counts (Dawid & Skene's own data are so). Ties are told, and broken only by a
//! [`TieRule`]. What has no value is `None` or [`Unfit`], never NaN.

mod chunks;
mod confusion;
mod crowdlab;
mod dawid_skene;
mod em;
mod expected;
mod glad;
mod gold;
#[cfg(test)]
mod laws;
mod mace;
mod majority;
mod model;
mod numeric;
mod one_coin;
mod outcome;
mod product;
mod rates;
pub mod report;
mod votes;
mod weighted;

pub use confusion::Confusion;
pub use crowdlab::crowdlab;
pub use dawid_skene::DawidSkene;
pub use em::{Fit, Stop};
pub use glad::Glad;
pub use gold::{GoldAccuracy, accuracy};
pub use mace::Mace;
pub use majority::majority;
pub use model::Model;
pub use one_coin::OneCoin;
pub use outcome::{Accuracy, Choice, Consensus, TieRule};
pub use report::{ConsensusReport, report};
pub use weighted::weighted;

/// How a consensus was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// [`majority`].
    Majority,
    /// [`weighted`].
    Weighted,
    /// [`DawidSkene`].
    DawidSkene,
    /// [`OneCoin`].
    OneCoin,
    /// [`Glad`].
    Glad,
    /// [`Mace`].
    Mace,
    /// [`crowdlab`].
    Crowdlab,
}

impl Method {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Majority => "majority",
            Self::Weighted => "weighted",
            Self::DawidSkene => "dawid-skene",
            Self::OneCoin => "one-coin",
            Self::Glad => "glad",
            Self::Mace => "mace",
            Self::Crowdlab => "crowdlab",
        }
    }
}

/// What only some methods know.
#[derive(Clone, Debug, PartialEq)]
pub enum Extra {
    /// Nothing more.
    None,
    /// The weight of every labeler's vote.
    Weights(Vec<f64>),
    /// The probability that a labeler knows (MACE) or is right (one coin), for every labeler.
    Competence(Vec<f64>),
    /// GLAD's parameters.
    Glad {
        /// α_j of every labeler: 0 guesses (with two classes), below 0 errs on purpose.
        ability: Vec<f64>,
        /// 1/β_i of every item, above 0: the higher, the more even able labelers err.
        difficulty: Vec<f64>,
    },
    /// CROWDLAB's weights.
    Crowdlab {
        /// Of every labeler.
        labelers: Vec<f64>,
        /// Of the model.
        model: f64,
    },
}

/// Why there is no consensus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The table is empty.
    #[error("there are no labels")]
    NoLabels,
    /// One number for each item and class, or for each labeler and two classes, is more than memory should hold.
    #[error("{classes} classes are too many for {items} items and {labelers} labelers")]
    TooManyClasses {
        /// Items of the table.
        items: usize,
        /// Labelers of the table.
        labelers: usize,
        /// Classes of the table.
        classes: usize,
    },
    /// The smoothing is negative, no number, or lost to rounding.
    #[error("smoothing must be 0, or a number from 1e-9 up")]
    BadSmoothing,
    /// Predictions must come for every item, if only to say that there are none.
    #[error("there are predictions for {predictions} items, but {items} items")]
    PredictionsNotOfItems {
        /// How many came.
        predictions: usize,
        /// How many items there are.
        items: usize,
    },
    /// A prediction must have a probability for every class, and they must sum to 1.
    #[error("the prediction for item {item} is not a probability for each of {classes} classes")]
    BadPrediction {
        /// The item's position in the table.
        item: usize,
        /// The number of classes.
        classes: usize,
    },
    /// CROWDLAB learns its weights from items with two labels.
    #[error("no item has two labels")]
    NoItemWithTwoLabels,
}
