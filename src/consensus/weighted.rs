//! Weighted vote ("Wawa", worker agreement with aggregate): a labeler's vote weighs as much as he agrees with the plurality.
//!
//! Appen (2020), Calculating worker agreement with aggregate (Wawa), success.appen.com. A tied plurality is no class to
//! agree with, so tied items are left out of the weights. A labeler without any other item weighs what all labelers
//! together do; if every item is tied, all weigh 1. Where all votes of an item weigh nothing, they count alike.

use super::expected::Expected;
use super::majority::majority;
use super::votes::Votes;
use super::{Accuracy, Consensus, Extra, Method, TieRule, Unfit};
use crate::table::Table;

/// Returns the consensus by weighted votes; an item's posterior is the shares of their weight.
///
/// # Errors
/// As for [`majority`].
pub fn weighted(table: &Table, ties: TieRule) -> Result<Consensus, Unfit> {
    let plurality = majority(table, TieRule::Undecided)?;
    let mut all = Accuracy::default();
    plurality.labelers.iter().for_each(|labeler| all.plus(labeler));
    let rest = all.share().filter(|share| *share > 0.0).unwrap_or(1.0);
    let weights: Vec<f64> =
        plurality.labelers.iter().map(|labeler| labeler.share().unwrap_or(rest)).collect();
    let found = Expected::with_posterior(table, &Votes { weights: Some(&weights) });
    let how = (Method::Weighted, Extra::Weights(weights));
    Ok(Consensus::new(how, table, found, None, ties))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consensus::Choice;

    fn label(item: &str, who: &str, class: &str) -> (String, String, String) {
        (item.into(), who.into(), class.into())
    }

    #[test]
    fn who_agrees_with_the_others_outvotes_who_does_not() {
        let mut labels = Vec::new();
        for item in ["i1", "i2", "i3", "i4"] {
            labels.extend([label(item, "ana", "x"), label(item, "raj", "x")]);
            labels.push(label(item, "bob", if item == "i1" { "x" } else { "y" }));
        }
        labels.extend([
            label("i5", "ana", "x"),
            label("i5", "bob", "y"),
            label("i6", "eve", "y"),
            label("i6", "kim", "x"),
        ]);
        let found = weighted(&Table::from_labels(labels, None), TieRule::Undecided).unwrap();
        // ana and raj 4 of 4, bob 1 of 4; eve and kim as all together, 9 of 12.
        assert_eq!(found.extra, Extra::Weights(vec![1.0, 0.25, 0.75, 0.75, 1.0]));
        assert_eq!(found.posterior(4), [0.8, 0.2]);
        assert_eq!(found.choices[4..], [Choice::Class(0), Choice::Tied]);
    }

    #[test]
    fn votes_that_all_weigh_nothing_are_equal() {
        let mut labels = Vec::new();
        for item in ["i1", "i2"] {
            for (who, class) in [("ana", "x"), ("raj", "x"), ("bob", "y")] {
                labels.push(label(item, who, class));
            }
        }
        labels.extend([label("i3", "bob", "y"), label("i3", "bob", "x")]);
        let found = weighted(&Table::from_repeated(labels, None), TieRule::Undecided).unwrap();
        assert_eq!((found.posterior(2), found.choices[2]), (&[0.5, 0.5][..], Choice::Tied));
    }
}
