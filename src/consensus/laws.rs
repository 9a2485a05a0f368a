//! Laws that hold of every method: no bit depends on threads, no result on names; EM never descends; nothing is NaN.

use proptest::prelude::*;

use super::{
    Choice, Consensus, DawidSkene, Extra, Glad, Mace, OneCoin, Stop, TieRule, Unfit, accuracy, crowdlab,
    majority, weighted,
};
use crate::table::Table;

/// (item, labeler, class), all as numbers; pairs may repeat.
type Labels = Vec<(usize, usize, usize)>;

fn labels() -> impl Strategy<Value = Labels> {
    // Up to ten classes: more than have code of their own.
    (2usize..11).prop_flat_map(|q| prop::collection::vec((0usize..12, 0usize..5, 0..q), 1..90))
}

fn named(labels: &Labels, name: impl Fn(usize, usize) -> String) -> Table {
    let text = |(item, labeler, class): &(usize, usize, usize)| {
        (format!("i{}", name(0, *item)), format!("r{}", name(1, *labeler)), format!("c{}", name(2, *class)))
    };
    Table::from_repeated(labels.iter().map(text), None).in_item_order()
}

fn table(labels: &Labels) -> Table {
    named(labels, |_, number| format!("{number:02}"))
}

fn turns(iterations: u32) -> Stop {
    Stop { iterations, tolerance: -1.0 }
}

type Fit = fn(&Table, Stop) -> Result<Consensus, Unfit>;

const FITS: [Fit; 5] = [
    |table, stop| DawidSkene { stop, smoothing: 0.0, ..DawidSkene::default() }.fit(table),
    |table, stop| DawidSkene { stop, ..DawidSkene::default() }.fit(table),
    |table, stop| OneCoin { stop, ..OneCoin::default() }.fit(table),
    |table, stop| Glad { stop, ..Glad::default() }.fit(table),
    |table, stop| Mace { stop, restarts: 2, ..Mace::default() }.fit(table),
];

fn all(table: &Table) -> Vec<Consensus> {
    let votes = [majority(table, TieRule::Undecided), weighted(table, TieRule::Undecided)];
    votes.into_iter().chain(FITS.map(|fit| fit(table, turns(6)))).map(|found| found.expect("fits")).collect()
}

/// Labels of `items` items by seven labelers who err now and then, three of whom label each.
fn many(items: usize) -> Table {
    let mut labels = Vec::new();
    for item in 0..items {
        for vote in 0..3 {
            let labeler = (item * 5 + vote * 2) % 7;
            let errs = (item * 31 + labeler * 17) % 11 < labeler;
            labels.push((item, labeler, (item + usize::from(errs)) % 5));
        }
    }
    named(&labels, |_, number| format!("{number:06}"))
}

#[test]
fn no_bit_depends_on_the_number_of_threads() {
    let table = many(9000);
    let bits = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| format!("{:?}", all(&table)))
    };
    let one = bits(1);
    assert!(one == bits(2) && one == bits(3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_turn_of_em_lowers_the_objective(labels in labels()) {
        let table = table(&labels);
        for fit in FITS {
            // MACE may change over to another start, which is no descent either.
            let heights = (0..12).map(|count| fit(&table, turns(count)).unwrap().fit.unwrap().objective);
            let heights: Vec<f64> = heights.collect();
            for two in heights.windows(2) {
                prop_assert!(two[1] >= two[0] - 1e-9 * (1.0 + two[0].abs()), "{heights:?}");
            }
        }
    }

    #[test]
    fn names_do_not_matter(labels in labels(), seed in any::<u64>()) {
        let turn = |kind: usize, number: usize| (number * 7 + (seed >> (8 * kind)) as usize % 13) % 13;
        let plain = named(&labels, |_, number| format!("{number:02}"));
        let other = named(&labels, |kind, number| format!("{:02}", turn(kind, number)));
        let places = |table: &[String], kind: usize, prefix: &str| -> Vec<Option<usize>> {
            let place = |number| table.iter().position(|name| *name == format!("{prefix}{:02}", turn(kind, number)));
            (0..13).map(place).collect()
        };
        let classes = places(other.classes(), 2, "c");
        let mut items: Vec<usize> = labels.iter().map(|label| label.0).collect();
        items.sort_unstable();
        items.dedup();
        let mut moved = items.clone();
        moved.sort_unstable_by_key(|item| turn(0, *item));
        // MACE starts at random, in the order of names.
        for (a, b) in all(&plain).iter().zip(&all(&other)).take(6) {
            for (at, item) in items.iter().enumerate() {
                let there = moved.iter().position(|other| other == item).unwrap();
                for (class, name) in plain.classes().iter().enumerate() {
                    let number: usize = name[1..].parse().unwrap();
                    let (here, there) = (a.posterior(at)[class], b.posterior(there)[classes[number].unwrap()]);
                    prop_assert!((here - there).abs() < 1e-9, "{:?}: {here} {there}", a.method);
                }
            }
            if let (Some(a), Some(b)) = (a.fit, b.fit) {
                prop_assert!((a.objective - b.objective).abs() < 1e-9 * (1.0 + a.objective.abs()));
            }
        }
    }

    #[test]
    fn posteriors_are_distributions_and_counts_add_up(labels in labels()) {
        let table = table(&labels);
        let model = vec![None; table.items()];
        let lab = crowdlab(&table, &model, TieRule::Undecided).ok();
        for found in all(&table).into_iter().chain(lab) {
            for item in 0..found.items() {
                let row = found.posterior(item);
                prop_assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12 && row.iter().all(|p| *p >= 0.0));
                let tied = found.candidates(item).count() > 1;
                prop_assert_eq!(tied, found.choices[item] == Choice::Tied);
                prop_assert!(found.margin(item) >= 0.0 && found.entropy(item) >= 0.0);
            }
            prop_assert!((found.priors.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let classes = table.classes().len();
            for (labeler, accuracy) in found.labelers.iter().enumerate() {
                let total: f64 = (0..classes).map(|class| found.confusion.total(labeler, class)).sum();
                prop_assert!((total - accuracy.labels as f64).abs() < 1e-9);
                prop_assert!(accuracy.agreeing <= accuracy.compared && accuracy.compared <= accuracy.labels);
            }
        }
    }
}

#[test]
fn no_labels_are_no_consensus() {
    let empty = Table::from_labels([("", "", ""); 0], None);
    assert_eq!(majority(&empty, TieRule::Undecided), Err(Unfit::NoLabels));
    assert_eq!(weighted(&empty, TieRule::Undecided), Err(Unfit::NoLabels));
    assert!(FITS.iter().all(|fit| fit(&empty, Stop::default()) == Err(Unfit::NoLabels)));
}

#[test]
fn smoothing_that_is_no_number_is_refused() {
    let table = many(3);
    for smoothing in [-1.0, f64::NAN, f64::INFINITY, 1e-12] {
        assert_eq!(DawidSkene { smoothing, ..DawidSkene::default() }.fit(&table), Err(Unfit::BadSmoothing));
    }
}

#[test]
fn one_class_is_certain() {
    let table = Table::from_labels([("i1", "ana", "x"), ("i1", "raj", "x"), ("i2", "raj", "x")], None);
    for found in all(&table) {
        assert_eq!((found.choices.as_slice(), found.ties()), (&[Choice::Class(0); 2][..], 0));
        assert_eq!((found.margin(0), found.priors.as_slice()), (1.0, &[1.0][..]));
        assert!(found.fit.is_none_or(|fit| fit.log_likelihood <= 1e-15 && fit.log_likelihood.is_finite()));
    }
}

#[test]
fn one_labeler_is_believed() {
    let table = Table::from_labels([("i1", "ana", "x"), ("i2", "ana", "y"), ("i3", "ana", "y")], None);
    for found in all(&table).iter().take(6) {
        assert_eq!(found.choices, [0, 1, 1].map(Choice::Class), "{:?}", found.method);
        assert_eq!(found.labelers[0].share(), Some(1.0));
    }
}

#[test]
fn contradictions_without_end_stay_tied() {
    let table = Table::from_labels(
        [("i1", "ana", "x"), ("i1", "raj", "y"), ("i2", "ana", "y"), ("i2", "raj", "x")],
        None,
    );
    for found in all(&table).iter().take(6) {
        assert_eq!(found.choices, [Choice::Tied; 2], "{:?}", found.method);
        assert_eq!(accuracy(found, &[Some(0), Some(0)]).unwrap().expected, 0.5);
    }
}

#[test]
fn a_declared_class_nobody_uses_is_never_chosen() {
    let declared = ["w", "x", "y"].map(String::from);
    let table =
        Table::from_labels([("i1", "ana", "x"), ("i1", "raj", "x"), ("i2", "raj", "y")], Some(&declared));
    for found in all(&table).iter().take(4) {
        assert_eq!(found.choices, [1, 2].map(Choice::Class), "{:?}", found.method);
        assert!(found.priors[0] < 1e-9 && found.confusion.total(0, 0) < 1e-9);
    }
}

/// A labeler who always errs alike is as good as one who never does, for Dawid–Skene alone.
#[test]
fn one_who_swaps_the_classes_is_seen_through() {
    let mut labels = Vec::new();
    for item in 0..60 {
        let truth = item % 2;
        labels.extend([(item, 0, truth), (item, 1, if item % 7 == 0 { 1 - truth } else { truth })]);
        labels.extend([(item, 2, 1 - truth), (item, 3, if item % 5 == 0 { 1 - truth } else { truth })]);
    }
    let found = DawidSkene::default().fit(&table(&labels)).unwrap();
    let gold: Vec<_> = (0..12).map(|_| None).chain((12..60).map(|item| Some(item as u32 % 2))).collect();
    assert_eq!(accuracy(&found, &gold).unwrap().expected, 1.0);
    assert!(found.confusion.rate(2, 0, 1).unwrap() > 0.99 && found.labelers[2].share() == Some(0.0));
}

/// The able are told from the others, and what they differ on is the harder.
#[test]
fn glad_tells_ability_from_difficulty_and_mace_who_answers_by_habit() {
    let mut labels = Vec::new();
    for item in 0..12 {
        let truth = item % 3;
        labels
            .extend((0..4).map(|labeler| (item, labeler, if item == 0 && labeler < 2 { 1 } else { truth })));
        labels.push((item, 4, 1));
    }
    let table = table(&labels);
    let Extra::Glad { ability, difficulty } = Glad::default().fit(&table).unwrap().extra else {
        panic!("GLAD")
    };
    assert!(ability[3] > ability[4] && difficulty[0] > difficulty[1]);
    let Extra::Competence(competence) = Mace::default().fit(&table).unwrap().extra else { panic!("MACE") };
    assert!(competence[4] < 0.2 && competence[3] > 0.8);
}
