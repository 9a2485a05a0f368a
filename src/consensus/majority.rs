//! Majority: the class with the most votes, the plurality. Every label is one vote, a labeler's repeated ones too.
//!
//! Ties are told, never silently broken: the candidates stand in the outcome whatever the rule.

use super::expected::Expected;
use super::rates::check;
use super::votes::Votes;
use super::{Consensus, Extra, Method, TieRule, Unfit};
use crate::table::Table;

/// Returns the consensus by votes; an item's posterior is the shares of its votes.
///
/// # Errors
/// There are no labels, or too many classes to hold.
pub fn majority(table: &Table, ties: TieRule) -> Result<Consensus, Unfit> {
    check(table)?;
    let found = Expected::with_posterior(table, &Votes::ALIKE);
    Ok(Consensus::new((Method::Majority, Extra::None), table, found, None, ties))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consensus::Choice;

    fn table(lines: &[(&str, &str)]) -> Table {
        let labels = lines.iter().flat_map(|(item, labels)| {
            labels
                .chars()
                .enumerate()
                .map(move |(who, label)| ((*item).into(), format!("r{who}"), label.into()))
        });
        Table::from_labels(labels.collect::<Vec<(String, String, String)>>(), None)
    }

    #[test]
    fn ties_are_told_and_broken_only_by_a_rule() {
        // b has three labels in all, a two, c and d one.
        let table = table(&[("i1", "aab"), ("i2", "bc"), ("i3", "bd")]);
        let choices = |rule| majority(&table, rule).unwrap().choices;
        let class = Choice::Class;
        assert_eq!(choices(TieRule::Undecided), [class(0), Choice::Tied, Choice::Tied]);
        assert_eq!(choices(TieRule::FirstClass), [class(0), class(1), class(1)]);
        assert_eq!(choices(TieRule::MoreFrequent), [class(0), class(1), class(1)]);
        let found = majority(&table, TieRule::FirstClass).unwrap();
        assert_eq!((found.ties(), found.candidates(2).collect::<Vec<_>>()), (2, vec![1, 3]));
        assert_eq!(found.posterior(0), [2.0 / 3.0, 1.0 / 3.0, 0.0, 0.0]);
        assert!((found.margin(0) - 1.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn the_more_frequent_class_wins_and_equal_ones_stay_tied() {
        let table = table(&[("i1", "bbb"), ("i2", "ab"), ("i3", "cd")]);
        let found = majority(&table, TieRule::MoreFrequent).unwrap();
        assert_eq!(found.choices, [Choice::Class(1), Choice::Class(1), Choice::Tied]);
        // The tied item counts for nobody.
        assert_eq!(
            (found.labelers[0].labels, found.labelers[0].compared, found.labelers[0].agreeing),
            (3, 2, 1)
        );
        assert_eq!(found.labelers[2].share(), Some(1.0));
    }

    #[test]
    fn a_labeler_whose_items_are_all_tied_has_no_accuracy() {
        let found = majority(&table(&[("i1", "ab")]), TieRule::Undecided).unwrap();
        assert_eq!((found.choices[0], found.labelers[0].share()), (Choice::Tied, None));
    }
}
