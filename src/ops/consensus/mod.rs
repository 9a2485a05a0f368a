//! `consensus`: the one label of every item, in the ledger or straight on files.

mod file;
mod ledger;
mod predictions;

use super::Error;
use crate::consensus::{Consensus, DawidSkene, Glad, Mace, Method, Model, OneCoin, TieRule, crowdlab};
use crate::table::Table;
use predictions::Chances;

pub use file::{FileOptions, files};
pub use ledger::{Asked, ledger};

/// What is asked of consensus, wherever the labels are.
#[derive(Clone, Debug)]
pub struct How {
    /// The method.
    pub method: Method,
    /// What breaks ties.
    pub ties: TieRule,
    /// How many labels are added to what each labeler is counted by; the method's own number when none is given.
    pub smoothing: Option<f64>,
    /// Which random numbers starts are drawn by.
    pub seed: Option<u64>,
    /// How many items each list has at most.
    pub listed: usize,
}

/// Whose labels are held to be true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AgainstGold {
    /// Those of labelers of kind gold, where there are any.
    #[default]
    IfThere,
    /// Those of labelers of kind gold.
    Wanted,
    /// Those of this labeler, who then has no vote.
    Labeler(String),
}

impl How {
    /// Returns the model asked for; `None` for CROWDLAB, which also needs a model's predictions.
    ///
    /// # Errors
    /// A setting is given that the method does not have.
    fn model(&self) -> Result<Option<Model>, Error> {
        let (ties, method) = (self.ties, self.method);
        let smoothed = matches!(method, Method::DawidSkene | Method::OneCoin | Method::Mace);
        let refuse = |option: &str, of: &str| {
            let message = format!("--{option} is a setting of {of}, not of {}", method.as_str());
            Err(Error::request(message, format!("leave --{option} out, or choose such a --method")))
        };
        if self.smoothing.is_some() && !smoothed {
            return refuse("smoothing", "dawid-skene, one-coin and mace");
        }
        if self.seed.is_some() && method != Method::Mace {
            return refuse("seed", "mace, which begins at random");
        }
        let smoothing = |usual: f64| self.smoothing.unwrap_or(usual);
        Ok(match method {
            Method::Majority => Some(Model::Majority(ties)),
            Method::Weighted => Some(Model::Weighted(ties)),
            Method::DawidSkene => {
                let usual = DawidSkene::default();
                Some(Model::DawidSkene(DawidSkene { smoothing: smoothing(usual.smoothing), ties, ..usual }))
            }
            Method::OneCoin => {
                let usual = OneCoin::default();
                Some(Model::OneCoin(OneCoin { smoothing: smoothing(usual.smoothing), ties, ..usual }))
            }
            Method::Glad => Some(Model::Glad(Glad { ties, ..Glad::default() })),
            Method::Mace => {
                let usual = Mace::default();
                let seed = self.seed.unwrap_or(usual.seed);
                Some(Model::Mace(Mace { smoothing: smoothing(usual.smoothing), seed, ties, ..usual }))
            }
            Method::Crowdlab => None,
        })
    }

    /// Returns the consensus of `table`; `predictions` are called for where the method needs them.
    fn find(&self, table: &Table, predictions: impl FnOnce() -> Chances) -> Result<Consensus, Error> {
        match self.model()? {
            Some(model) => Ok(model.fit(table)?),
            None => Ok(crowdlab(table, &predictions(), self.ties)?),
        }
    }
}
