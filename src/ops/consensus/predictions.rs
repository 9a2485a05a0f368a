//! What models predict: a probability for each class, for CROWDLAB to weigh.
//!
//! From predictions with `scores`; without, the label has its `confidence` and the other classes share the rest evenly, of
//! predictions and of labels by a model. What has neither says nothing.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::ledger::{Judgement, Ledger, State};
use crate::ops::Error;
use crate::record::{Column, Kind, LabelerKind, col};
use crate::table::Table;

/// What the scores of a prediction may sum to beside 1.
const ROUNDING: f64 = 1e-3;

/// What one model says of one item.
#[derive(Clone, Debug, PartialEq)]
enum Said {
    /// A probability for each class.
    Scores(BTreeMap<String, f64>),
    /// A class, and how sure the model is of it.
    Label(String, f64),
}

/// For each item of a table a probability for each class, or nothing.
pub(super) type Chances = Vec<Option<Vec<f64>>>;

/// What models say of items, by model and item.
#[derive(Clone, Debug, Default)]
pub(super) struct Predictions(BTreeMap<String, BTreeMap<String, Said>>);

/// Gathers what `labeler`, or every model, says of the items of `task`.
pub(super) fn predictions(ledger: &Ledger, task: u16, labeler: Option<&str>) -> Predictions {
    let mut found = Predictions::default();
    for judgement in &ledger.judgements()[ledger.of_task(task)] {
        let name = ledger.labeler_name(judgement.labeler);
        let predicts = match judgement.kind {
            Kind::Predictions => true,
            Kind::Labels => ledger.labeler_kind(judgement) == LabelerKind::Model,
            _ => false,
        };
        if !predicts || judgement.state != State::Current || labeler.is_some_and(|labeler| labeler != name) {
            continue;
        }
        if let Some(said) = said(ledger, judgement) {
            let of_model = found.0.entry(name.to_owned()).or_default();
            // Predictions come after labels, and say more.
            of_model.insert(ledger.item_name(judgement.item).to_owned(), said);
        }
    }
    found
}

fn said(ledger: &Ledger, judgement: &Judgement) -> Option<Said> {
    let (rows, row) = ledger.row_of(ledger.attributes(judgement));
    let scores = (judgement.kind == Kind::Predictions).then(|| rows.text(row, col::SCORES)).flatten();
    if let Some(Value::Object(scores)) = scores.and_then(|scores| serde_json::from_str(scores).ok()) {
        let score = |(class, value): (String, Value)| Some((class, value.as_f64()?));
        return Some(Said::Scores(scores.into_iter().map(score).collect::<Option<_>>()?));
    }
    let Column::Float(confidence) = &rows.columns()[col::CONFIDENCE] else { return None };
    let label = ledger.statement_text(judgement.statement?).to_owned();
    Some(Said::Label(label, f64::from(confidence[row]?)))
}

impl Predictions {
    /// Adds those of other items.
    pub(super) fn append(&mut self, other: Self) {
        for (model, said) in other.0 {
            self.0.entry(model).or_default().extend(said);
        }
    }

    /// Returns the one model there is, and what it says of each item of `table`.
    ///
    /// # Errors
    /// There is none or there are several, or scores are no probabilities.
    pub(super) fn of_one(
        self,
        task: &str,
        table: &Table,
        wanted: Option<&str>,
    ) -> Result<(String, Chances), Error> {
        let models: Vec<&String> = self.0.keys().collect();
        let [model] = models[..] else { return Err(not_one(task, &models, wanted)) };
        let said = &self.0[model];
        let of = |item: usize| {
            let name = table.item_name(item);
            said.get(name).map(|said| chances(said, table.classes(), name, model)).transpose()
        };
        let chances = (0..table.items()).map(of).collect::<Result<Vec<_>, _>>()?;
        Ok((model.clone(), chances.into_iter().map(Option::flatten).collect()))
    }
}

fn not_one(task: &str, models: &[&String], wanted: Option<&str>) -> Error {
    let add = "`hitl commit FILE --kind predictions --labeler MODEL --labeler-kind model` adds some: item, label, \
               and scores or confidence";
    match (models, wanted) {
        ([], Some(model)) => Error::NotFound {
            message: format!("`{model}` has no predictions of task `{task}` with scores or a confidence"),
            hint: Some(add.to_owned()),
        },
        ([], None) => Error::NotFound {
            message: format!(
                "crowdlab weighs the predictions of a model, and task `{task}` has none with scores or a confidence"
            ),
            hint: Some(add.to_owned()),
        },
        (several, _) => {
            let names: Vec<&str> = several.iter().map(|name| name.as_str()).collect();
            let message = format!("several models have predictions of task `{task}`: {}", names.join(", "));
            Error::request(message, "choose one with --predictions MODEL")
        }
    }
}

/// Returns a probability for each class; `None` if all classes the model thinks of are others.
fn chances(said: &Said, classes: &[String], item: &str, model: &str) -> Result<Option<Vec<f64>>, Error> {
    let known = match said {
        Said::Scores(scores) => {
            let total: f64 = scores.values().sum();
            if scores.values().any(|score| *score < 0.0) || (total - 1.0).abs() > ROUNDING {
                return Err(Error::Request {
                    message: format!(
                        "the scores of `{model}` for item `{item}` are no probabilities: they add up to {total}"
                    ),
                    hint: Some("crowdlab wants probabilities, one for each class".to_owned()),
                });
            }
            classes.iter().map(|class| scores.get(class).copied().unwrap_or(0.0)).collect()
        }
        Said::Label(label, confidence) => {
            let others = classes.len().saturating_sub(1).max(1) as f64;
            let chance =
                |class: &String| if class == label { *confidence } else { (1.0 - confidence) / others };
            classes.iter().map(chance).collect::<Vec<f64>>()
        }
    };
    let total: f64 = known.iter().sum();
    Ok((total > 0.0).then(|| known.into_iter().map(|chance| chance / total).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_becomes_a_chance_for_each_class() {
        let classes = ["x", "y", "z"].map(str::to_owned);
        let of = |said: &Said| chances(said, &classes, "i1", "m").unwrap();
        let scores = |scores: &[(&str, f64)]| {
            Said::Scores(scores.iter().map(|(class, score)| ((*class).to_owned(), *score)).collect())
        };
        assert_eq!(of(&scores(&[("x", 0.25), ("z", 0.75)])), Some(vec![0.25, 0.0, 0.75]));
        assert_eq!(of(&Said::Label("y".into(), 0.5)), Some(vec![0.25, 0.5, 0.25]));
        assert_eq!(of(&scores(&[("x", 0.25), ("w", 0.75)])), Some(vec![1.0, 0.0, 0.0]));
        assert_eq!(of(&scores(&[("w", 1.0)])), None);
        for bad in [&[("x", 2.0), ("y", -1.0)][..], &[("x", 0.5)], &[("x", 3.1), ("y", -2.2)]] {
            assert!(chances(&scores(bad), &classes, "i1", "m").is_err(), "{bad:?}");
        }
    }
}
