//! Strengths of what a preference task compares, from its labels.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Contest, Names, Outcome, bradley_terry};
use crate::agreement::Undefined;
use crate::table::Table;

/// How strong one contestant is: Bradley–Terry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Strength {
    /// The contestant.
    pub contestant: String,
    /// π; together 1.
    pub strength: f64,
    /// The standard error of ln π, the mean of all logarithms being fixed; null for too many contestants.
    pub log_se: Option<f64>,
    /// Comparisons it was in.
    pub comparisons: u64,
}

/// Returns the strengths of all contestants, strongest first. `contestants` are the two that an item, by its position in
/// the table, compares: those that `a` and `b` stand for; items without are left out.
///
/// # Errors
/// Nobody was compared with anybody else, or strengths do not follow.
pub fn strengths(
    table: &Table,
    contestants: impl Fn(usize) -> Option<(String, String)>,
) -> Result<Vec<Strength>, Undefined> {
    let mut names = Names::default();
    let mut contests = BTreeMap::<(u32, u32, u32), u64>::new();
    for (item, (_, classes)) in table.runs().enumerate() {
        let Some((a, b)) = contestants(item) else { continue };
        let (a, b) = (names.number(&a), names.number(&b));
        for class in classes {
            *contests.entry((a, b, *class)).or_insert(0) += 1;
        }
    }
    let (names, places) = names.settle();
    let contest = |((a, b, class), count): ((u32, u32, u32), u64)| {
        let outcome = Outcome::of(&table.classes()[class as usize])?;
        Some(Contest { a: places[a as usize], b: places[b as usize], outcome, count })
    };
    let contests: Vec<Contest> = contests.into_iter().filter_map(contest).collect();
    let fitted = bradley_terry(&contests)?;
    let mut all: Vec<Strength> = fitted
        .contestants
        .iter()
        .enumerate()
        .map(|(at, contestant)| Strength {
            contestant: names[*contestant as usize].clone(),
            strength: fitted.strengths[at],
            log_se: fitted.log_error(at),
            comparisons: fitted.comparisons[at],
        })
        .collect();
    all.sort_by(|one, other| {
        other.strength.total_cmp(&one.strength).then_with(|| one.contestant.cmp(&other.contestant))
    });
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_contestants_it_is_the_odds() {
        let labels = (0..10).map(|item| {
            let label = if item < 6 {
                "a"
            } else if item < 8 {
                "tie"
            } else {
                "b"
            };
            (format!("i{item}"), "ana".to_owned(), label.to_owned())
        });
        let table = Table::from_labels(labels, None);
        let all = strengths(&table, |_| Some(("new".into(), "old".into()))).unwrap();
        assert_eq!(all[0].contestant, "new");
        // Six wins and two half ones of ten.
        assert!((all[0].strength - 0.7).abs() < 1e-9, "{all:?}");
        assert_eq!(strengths(&table, |_| None), Err(Undefined::NoComparisons));
    }
}
