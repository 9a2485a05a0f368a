//! Models: a method with its settings, so that what was found once can be found again.
//!
//! As parameters of a policy the settings are texts, which go into locks and digests: every one that changes an outcome
//! is among them. Whole numbers and decimals have the one shortest form; what is written otherwise is not read.

use std::collections::BTreeMap;

use super::{Choice, Consensus, DawidSkene, Glad, Mace, OneCoin, Stop, TieRule, Unfit, majority, weighted};
use crate::ledger::Verdicts;
use crate::record::Policy;
use crate::table::Table;

/// A method that looks at labels alone, with its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Model {
    /// [`majority`].
    Majority(TieRule),
    /// [`weighted`].
    Weighted(TieRule),
    /// Dawid–Skene.
    DawidSkene(DawidSkene),
    /// One coin.
    OneCoin(OneCoin),
    /// GLAD.
    Glad(Glad),
    /// MACE.
    Mace(Mace),
}

impl Model {
    /// Returns the model of a joint policy, with the settings that are usual; ties stay undecided.
    pub fn of(policy: Policy) -> Option<Self> {
        match policy {
            Policy::Majority | Policy::Unanimous | Policy::Latest | Policy::Accepted => None,
            Policy::Weighted => Some(Self::Weighted(TieRule::default())),
            Policy::DawidSkene => Some(Self::DawidSkene(DawidSkene::default())),
            Policy::OneCoin => Some(Self::OneCoin(OneCoin::default())),
            Policy::Glad => Some(Self::Glad(Glad::default())),
            Policy::Mace => Some(Self::Mace(Mace::default())),
        }
    }

    /// Returns the model of a joint policy with these settings; `None` if they are not exactly those it has, as
    /// [`Model::parameters`] writes them.
    pub fn with_parameters(policy: Policy, parameters: &BTreeMap<String, String>) -> Option<Self> {
        let mut model = Self::of(policy)?;
        model.set(parameters)?;
        (model.parameters() == *parameters).then_some(model)
    }

    /// Returns the settings by name, how ties are broken left out.
    pub fn parameters(&self) -> BTreeMap<String, String> {
        let mut parameters = BTreeMap::new();
        let mut put = |name: &str, value: String| parameters.insert(name.to_owned(), value);
        match self {
            Self::Majority(_) | Self::Weighted(_) | Self::Glad(_) => {}
            Self::DawidSkene(DawidSkene { smoothing, .. }) | Self::OneCoin(OneCoin { smoothing, .. }) => {
                put("smoothing", smoothing.to_string());
            }
            Self::Mace(mace) => {
                put("smoothing", mace.smoothing.to_string());
                put("restarts", mace.restarts.to_string());
                put("seed", mace.seed.to_string());
            }
        }
        if let Some(stop) = self.stop() {
            put("iterations", stop.iterations.to_string());
            put("tolerance", format!("{:e}", stop.tolerance));
        }
        parameters
    }

    fn set(&mut self, parameters: &BTreeMap<String, String>) -> Option<()> {
        let text = |name: &str| parameters.get(name).map(String::as_str);
        if let Self::DawidSkene(DawidSkene { smoothing, .. })
        | Self::OneCoin(OneCoin { smoothing, .. })
        | Self::Mace(Mace { smoothing, .. }) = self
        {
            *smoothing = text("smoothing")?.parse().ok()?;
        }
        if let Self::Mace(mace) = self {
            mace.restarts = text("restarts")?.parse().ok()?;
            mace.seed = text("seed")?.parse().ok()?;
        }
        if let Self::DawidSkene(DawidSkene { stop, .. })
        | Self::OneCoin(OneCoin { stop, .. })
        | Self::Glad(Glad { stop, .. })
        | Self::Mace(Mace { stop, .. }) = self
        {
            let (iterations, tolerance) = (text("iterations")?, text("tolerance")?);
            *stop = Stop { iterations: iterations.parse().ok()?, tolerance: tolerance.parse().ok()? };
        }
        Some(())
    }

    /// Returns when its fit stops; `None` where nothing is fitted.
    pub fn stop(&self) -> Option<Stop> {
        match self {
            Self::Majority(_) | Self::Weighted(_) => None,
            Self::DawidSkene(DawidSkene { stop, .. })
            | Self::OneCoin(OneCoin { stop, .. })
            | Self::Glad(Glad { stop, .. })
            | Self::Mace(Mace { stop, .. }) => Some(*stop),
        }
    }

    /// Returns the consensus of `table`.
    ///
    /// # Errors
    /// There are no labels, or too many classes to hold, or the smoothing is not 0 nor a number from 1e-9 up.
    pub fn fit(&self, table: &Table) -> Result<Consensus, Unfit> {
        match self {
            Self::Majority(ties) => majority(table, *ties),
            Self::Weighted(ties) => weighted(table, *ties),
            Self::DawidSkene(model) => model.fit(table),
            Self::OneCoin(model) => model.fit(table),
            Self::Glad(model) => model.fit(table),
            Self::Mace(model) => model.fit(table),
        }
    }

    /// Returns what a policy by this model finds for each item of `table`; for none, where there are no labels.
    ///
    /// # Errors
    /// As [`Model::fit`], but for no labels.
    pub fn verdicts(&self, table: &Table) -> Result<Verdicts, Unfit> {
        let found = match self.fit(table) {
            Err(Unfit::NoLabels) => return Ok(Verdicts::default()),
            found => found?,
        };
        let mut verdicts = Verdicts::of(table.classes().to_vec());
        for (item, choice) in found.choices.iter().enumerate() {
            let label = match choice {
                Choice::Class(class) => Some(*class),
                Choice::Tied => None,
            };
            verdicts.push(table.item_name(item), label);
        }
        Ok(verdicts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Verdict;

    #[test]
    fn settings_are_read_as_they_are_written_and_not_otherwise() {
        for policy in Policy::ALL.into_iter().filter(|policy| policy.is_joint()) {
            let model = Model::of(policy).unwrap();
            let written = model.parameters();
            assert_eq!(Model::with_parameters(policy, &written), Some(model));
            for name in written.keys() {
                for value in ["", "0.010", "1e", "-1", "NaN"] {
                    let mut other = written.clone();
                    other.insert(name.clone(), value.into());
                    let read = Model::with_parameters(policy, &other);
                    assert!(
                        read.is_none_or(|read| read.parameters() == other && value != "0.010"),
                        "{other:?}"
                    );
                }
                let mut fewer = written.clone();
                fewer.remove(name);
                assert_eq!(Model::with_parameters(policy, &fewer), None);
            }
            let mut more = written.clone();
            more.insert("more".into(), "1".into());
            assert_eq!(Model::with_parameters(policy, &more), None);
        }
        let mace: Vec<(String, String)> = Model::of(Policy::Mace).unwrap().parameters().into_iter().collect();
        let expected = [
            ("iterations", "50"),
            ("restarts", "10"),
            ("seed", "0"),
            ("smoothing", "0.01"),
            ("tolerance", "1e-10"),
        ];
        assert_eq!(mace, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(Policy::ALL.map(Model::of).iter().flatten().count(), 5);
    }

    /// On ten items ana agrees with the majority three times, bob once, eve twice; on the last bob and eve are against ana.
    /// 0.1 + 0.2 is more than 0.3 in floating point: compared to the last bit, the item would have a label.
    #[test]
    fn what_differs_by_rounding_alone_is_a_tie() {
        let mut labels = Vec::new();
        let mut label = |item: &str, who: &str, class: &str| {
            labels.push((item.to_owned(), who.to_owned(), class.to_owned()))
        };
        for item in 0..9 {
            let name = format!("i{item}");
            ["p", "q", "r", "s"].iter().for_each(|who| label(&name, who, "x"));
            for (who, right) in [("ana", 3), ("bob", 0), ("eve", 1)] {
                label(&name, who, if item < right { "x" } else { "y" });
            }
        }
        [("ana", "x"), ("bob", "y"), ("eve", "y")].iter().for_each(|(who, class)| label("open", who, class));
        let table = Table::from_labels(labels, None);
        let model = Model::Weighted(TieRule::Undecided);
        let posterior = model.fit(&table).unwrap().posterior(9).to_vec();
        assert!(posterior[0] < posterior[1] && posterior[1] - posterior[0] < 1e-15, "{posterior:?}");
        assert_eq!(model.verdicts(&table).unwrap().get("open"), Some(Verdict::Tie));
    }
}
