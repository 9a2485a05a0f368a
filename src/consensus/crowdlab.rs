//! CROWDLAB: a model's probabilities and the labelers' labels, weighed against each other. One label an item will do.
//!
//! Goh, Tkachenko & Mueller (2022), CROWDLAB: Supervised learning to infer consensus labels and quality scores for data
//! with multiple annotators, NeurIPS 2022 Workshop on Human in the Loop Learning, arXiv:2210.06812, §3.
//!
//! The provisional class of an item is its plurality; a tie goes to what the model holds likelier of the candidates, and
//! is left undecided where the model does not tell. Over items with two labels or more: P is the mean share of labels
//! that are the provisional class, the chance of a label to be right; e_0 is the share of items not of the most frequent
//! provisional class; e_M that of items where the model's first class is another; e_j that of other labelers' labels
//! that differ from j's, by pairs. Weights are w_j = max(1 − e_j/e_0, 10^−6) and
//! w_M = max(1 − e_M/e_0, 10^−6) √(labels per item), and e_0 is at least 10^−6; these limits are the authors'. The
//! posterior is (w_M p̂_i + Σ_j w_j v_ij)/(w_M + Σ_j w_j), where v_ij is P for the class given, (1 − P)/(q − 1) for others.
//!
//! Beyond the paper: an item without prediction goes by its labels alone; a labeler without items in common with others
//! weighs as the mean e_j of those who have; e_M of a model without any such item is e_0.

use super::expected::Expected;
use super::outcome::candidates;
use super::rates::check;
use super::votes::Votes;
use super::{Consensus, Extra, Method, TieRule, Unfit};
use crate::table::Table;

/// Neither a weight nor e_0 is below it.
const FLOOR: f64 = 1e-6;
/// What the probabilities of a prediction may sum to beside 1.
const ROUNDING: f64 = 1e-3;

/// Returns the consensus by labels and `predictions`: for every item, in the table's order, a probability for each class,
/// or `None` where the model says nothing. They should be those of a model that did not learn from the item.
///
/// # Errors
/// There are no labels, or too many classes to hold, or no item with two labels; a prediction is missing or is no
/// distribution over the classes.
pub fn crowdlab(table: &Table, predictions: &[Option<Vec<f64>>], ties: TieRule) -> Result<Consensus, Unfit> {
    check(table)?;
    check_predictions(table, predictions)?;
    let weights = Weights::learn(table, predictions).ok_or(Unfit::NoItemWithTwoLabels)?;
    let q = table.classes().len();
    let mut posterior = vec![0.0; table.items() * q];
    for ((item, row), prediction) in posterior.chunks_exact_mut(q).enumerate().zip(predictions) {
        weights.combine(table.run(item), prediction.as_deref(), row);
    }
    let expected = Expected::under(table, &posterior);
    let how = (Method::Crowdlab, Extra::Crowdlab { labelers: weights.labelers, model: weights.model });
    Ok(Consensus::new(how, table, (posterior, expected), None, ties))
}

fn check_predictions(table: &Table, predictions: &[Option<Vec<f64>>]) -> Result<(), Unfit> {
    let (items, classes) = (table.items(), table.classes().len());
    if predictions.len() != items {
        return Err(Unfit::PredictionsNotOfItems { predictions: predictions.len(), items });
    }
    let bad = |prediction: &Vec<f64>| {
        let sum: f64 = prediction.iter().sum();
        let in_range = prediction.iter().all(|chance| (0.0..=1.0).contains(chance));
        prediction.len() != classes || !in_range || (sum - 1.0).abs() > ROUNDING
    };
    match predictions.iter().position(|prediction| prediction.as_ref().is_some_and(bad)) {
        Some(item) => Err(Unfit::BadPrediction { item, classes }),
        None => Ok(()),
    }
}

struct Weights {
    /// w_j.
    labelers: Vec<f64>,
    /// w_M.
    model: f64,
    /// P.
    right: f64,
    /// (1 − P)/(q − 1).
    wrong: f64,
}

impl Weights {
    fn learn(table: &Table, predictions: &[Option<Vec<f64>>]) -> Option<Self> {
        let q = table.classes().len();
        let votes = Expected::with_posterior(table, &Votes::ALIKE).0;
        let (mut items, mut agreement) = (0u64, 0.0);
        let mut provisional = vec![0u64; q];
        let (mut predicted, mut missed) = (0u64, 0u64);
        for (item, prediction) in
            predictions.iter().enumerate().filter(|(item, _)| table.run(*item).0.len() > 1)
        {
            let share = &votes[item * q..(item + 1) * q];
            items += 1;
            agreement += share.iter().copied().fold(0.0, f64::max);
            let Some(class) = provisional_class(share, prediction.as_deref()) else { continue };
            provisional[class as usize] += 1;
            if let Some(first) = prediction.as_deref().and_then(|prediction| candidates(prediction).next()) {
                predicted += 1;
                missed += u64::from(first != class);
            }
        }
        let decided: u64 = provisional.iter().sum();
        let most = provisional.iter().copied().max().filter(|_| items > 0)?;
        let share = |part: u64, of: u64| if of == 0 { 0.0 } else { part as f64 / of as f64 };
        let baseline = share(decided - most, decided).max(FLOOR);
        let weight = |error: f64| (1.0 - error / baseline).max(FLOOR);
        let model_error = if predicted == 0 { baseline } else { share(missed, predicted) };
        let right = agreement / items as f64;
        Some(Self {
            labelers: labeler_errors(table).into_iter().map(weight).collect(),
            model: weight(model_error) * (table.labels() as f64 / table.items() as f64).sqrt(),
            right,
            wrong: if q > 1 { (1.0 - right) / (q - 1) as f64 } else { 0.0 },
        })
    }

    /// Sets `posterior` to the weighted mean of what the labels and the model say of an item.
    fn combine(
        &self,
        (labelers, given): (&[u32], &[u32]),
        prediction: Option<&[f64]>,
        posterior: &mut [f64],
    ) {
        let mut total = 0.0;
        for (labeler, class) in labelers.iter().zip(given) {
            let weight = self.labelers[*labeler as usize];
            total += weight;
            for (k, share) in posterior.iter_mut().enumerate() {
                *share += weight * if k == *class as usize { self.right } else { self.wrong };
            }
        }
        if let Some(prediction) = prediction {
            total += self.model;
            posterior.iter_mut().zip(prediction).for_each(|(share, chance)| *share += self.model * chance);
        }
        posterior.iter_mut().for_each(|share| *share /= total);
    }
}

/// Returns the plurality of `votes`, or of its candidates the one `prediction` holds likeliest.
fn provisional_class(votes: &[f64], prediction: Option<&[f64]>) -> Option<u32> {
    let only = |mut classes: Vec<u32>| if classes.len() == 1 { classes.pop() } else { None };
    let tied: Vec<u32> = candidates(votes).collect();
    match prediction {
        Some(prediction) if tied.len() > 1 => {
            let chance = |class: u32| prediction[class as usize];
            let most = tied.iter().map(|class| chance(*class)).fold(0.0, f64::max);
            only(tied.into_iter().filter(|class| chance(*class) == most).collect())
        }
        _ => only(tied),
    }
}

/// Returns e_j of every labeler: the share that differs among the pairs of a label of his and another of the same item.
fn labeler_errors(table: &Table) -> Vec<f64> {
    let mut pairs = vec![(0u64, 0u64); table.labeler_names().len()];
    for (labelers, given) in table.runs() {
        for (labeler, class) in labelers.iter().zip(given) {
            let (all, differing) = &mut pairs[*labeler as usize];
            *all += given.len() as u64 - 1;
            *differing += given.iter().filter(|other| *other != class).count() as u64;
        }
    }
    let error = |(all, differing): &(u64, u64)| (*all > 0).then(|| *differing as f64 / *all as f64);
    let known: Vec<f64> = pairs.iter().filter_map(error).collect();
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    pairs.iter().map(|pair| error(pair).unwrap_or(mean)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consensus::Choice;

    /// i1 xx, i2 yy, i3 xy (the model says x), i4 y by raj alone. P = (1 + 1 + ½)/3, e_0 = ⅓, e_j = ⅓: the floor.
    fn table() -> Table {
        let labels = [
            ("i1", "ana", "x"),
            ("i1", "raj", "x"),
            ("i2", "ana", "y"),
            ("i2", "raj", "y"),
            ("i3", "ana", "x"),
            ("i3", "raj", "y"),
            ("i4", "raj", "y"),
        ];
        Table::from_labels(labels, None)
    }

    #[test]
    fn worked_by_hand() {
        let predictions = [[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4]].map(|row| Some(row.to_vec()));
        let found = crowdlab(&table(), &predictions, TieRule::Undecided).unwrap();
        let Extra::Crowdlab { labelers, model } = &found.extra else { panic!("weights") };
        assert_eq!(labelers, &[1e-6, 1e-6]);
        assert_eq!(*model, 1.75f64.sqrt());
        let expected = (1.75f64.sqrt() * 0.6 + 1e-6 * (1.0 - 2.5 / 3.0)) / (1.75f64.sqrt() + 1e-6);
        assert!((found.posterior(3)[0] - expected).abs() < 1e-15);
        assert_eq!(found.choices, [0, 1, 0, 0].map(Choice::Class));
    }

    #[test]
    fn without_predictions_the_labels_decide() {
        let found = crowdlab(&table(), &[None, None, None, None], TieRule::Undecided).unwrap();
        assert_eq!(found.choices, [Choice::Class(0), Choice::Class(1), Choice::Tied, Choice::Class(1)]);
    }

    #[test]
    fn what_is_no_distribution_is_refused() {
        let refused =
            |rows: [Option<Vec<f64>>; 4]| crowdlab(&table(), &rows, TieRule::Undecided).unwrap_err();
        for bad in [vec![1.0], vec![0.5, 0.6], vec![1.5, -0.5], vec![f64::NAN, 1.0]] {
            assert_eq!(refused([None, Some(bad), None, None]), Unfit::BadPrediction { item: 1, classes: 2 });
        }
        let short = crowdlab(&table(), &[None], TieRule::Undecided).unwrap_err();
        assert_eq!(short, Unfit::PredictionsNotOfItems { predictions: 1, items: 4 });
        let lone = Table::from_labels([("i1", "ana", "x")], None);
        assert_eq!(crowdlab(&lone, &[None], TieRule::Undecided).unwrap_err(), Unfit::NoItemWithTwoLabels);
    }
}
