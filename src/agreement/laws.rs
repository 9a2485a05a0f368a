//! Laws that tie coefficients, weights and levels together, and that hold intervals to what they promise.

use proptest::prelude::*;

use super::{
    Bootstrap, Distance, Level, Options, Panel, Scheme, Tallies, Weighting, Weights, bootstrap,
    brennan_prediger, cohen_kappa, conger_kappa, fleiss_kappa, gwet_ac, krippendorff_alpha, measure,
    scott_pi,
};
use super::{Marginals, Pairs, krippendorff_se};
use crate::table::Table;

/// Labels 1 to 5 of so many labelers on each item; 0 is missing.
fn table(items: &[Vec<u8>], domain: &[&str]) -> Table {
    let labels = items.iter().enumerate().flat_map(|(item, row)| {
        let given = row.iter().enumerate().filter(|(_, label)| **label > 0);
        given.map(move |(who, label)| (format!("i{item}"), format!("l{who}"), label.to_string()))
    });
    let domain: Vec<String> = domain.iter().map(|class| (*class).to_owned()).collect();
    Table::from_labels(labels, Some(&domain))
}

const FIVE: [&str; 5] = ["1", "2", "3", "4", "5"];

fn rows(labelers: std::ops::Range<usize>, least: u8) -> impl Strategy<Value = Vec<Vec<u8>>> {
    labelers.prop_flat_map(move |labelers| {
        prop::collection::vec(prop::collection::vec(least..6u8, labelers), 1..30)
    })
}

/// Where all labels are one value there is no value, whatever floating point makes of it; and nothing overflows.
#[test]
fn what_cannot_be_told_has_no_value() {
    let of = |label: &str| {
        let labels = (0..6).map(|row| (format!("i{}", row / 2), format!("l{}", row % 2), label.to_owned()));
        let options = Options { level: Level::Interval, panel: Panel::All, ..Options::default() };
        measure(&Table::from_labels(labels, None), None, &options).unwrap()
    };
    for label in ["0.1", "1e300"] {
        let report = of(label);
        let alpha = report.overall("krippendorff_alpha").unwrap();
        assert_eq!(alpha.undefined, Some(super::Undefined::ExpectedDisagreementIs0), "{label}");
        assert!(report.metrics.iter().all(|metric| metric.value.is_some() != metric.undefined.is_some()));
    }
    let huge = [("i1", "a", "1e200"), ("i1", "b", "-1e200"), ("i2", "a", "1e200"), ("i2", "b", "1e200")];
    let options = Options { level: Level::Interval, ..Options::default() };
    let report = measure(&Table::from_labels(huge, None), None, &options).unwrap();
    assert!(report.overall("krippendorff_alpha").unwrap().value.is_some_and(f64::is_finite));
    let below = [("i1", "a", "-1"), ("i1", "b", "2")];
    let options = Options { level: Level::Ratio, ..Options::default() };
    let report = measure(&Table::from_labels(below, None), None, &options).unwrap();
    let alpha = report.overall("krippendorff_alpha").unwrap();
    assert_eq!(alpha.undefined, Some(super::Undefined::NegativeNumbers));
}

/// Weights that let two classes fully agree leave nothing to tell where only these two occur.
#[test]
fn classes_that_fully_agree_are_not_told_apart() {
    let given = [("i1", "a", "x"), ("i1", "b", "y"), ("i2", "a", "y"), ("i2", "b", "x")];
    let domain = ["x", "y", "z"].map(String::from);
    let same = vec![vec![0.0, 0.0, 1.0], vec![0.0, 0.0, 1.0], vec![1.0, 1.0, 0.0]];
    let disagreement = super::Matrix::disagreement(&same, 3).ok();
    let options = Options { panel: Panel::All, disagreement, ..Options::default() };
    let report = measure(&Table::from_labels(given, Some(&domain)), None, &options).unwrap();
    let weighted = || report.metrics.iter().filter(|metric| metric.params.weights.is_some());
    assert!(weighted().all(|metric| metric.value.is_some() != metric.undefined.is_some()));
    let kappa = weighted().find(|metric| metric.metric == "cohen_kappa").unwrap();
    assert_eq!(kappa.undefined, Some(super::Undefined::ExpectedAgreementIs1));
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

proptest! {
    /// Two labelers without gaps: Fleiss' κ is Scott's π, Conger's κ is Cohen's, under any weights.
    #[test]
    fn two_labelers_without_gaps(given in rows(2..3, 1)) {
        let table = table(&given, &FIVE);
        let (tallies, pairs) = (Tallies::of(&table), Pairs::of(&table).unwrap());
        let pair = pairs.iter().next().unwrap();
        let identity = Weights::identity(5);
        if let (Ok(fleiss), Ok(scott)) = (fleiss_kappa(&tallies, &identity), scott_pi(&pair)) {
            prop_assert!(near(fleiss.value, scott.value));
        }
        let values: Vec<f64> = (1..6).map(f64::from).collect();
        for weights in [
            identity,
            Weights::of_values(Weighting::Linear, &values).unwrap(),
            Weights::of_values(Weighting::Quadratic, &values).unwrap(),
        ] {
            let conger = conger_kappa(&tallies, &Marginals::of(&table).unwrap(), &weights);
            if let (Ok(cohen), Ok(conger)) = (cohen_kappa(&pair, &weights), conger) {
                prop_assert!(near(cohen.value, conger.value), "{} {}", cohen.value, conger.value);
            }
        }
    }

    /// Chance is highest where classes are as uneven as they are: free-marginal κ is never below Fleiss' κ (Warrens 2010).
    #[test]
    fn free_marginals_are_never_below(given in rows(2..6, 0)) {
        let tallies = Tallies::of(&table(&given, &FIVE));
        let identity = Weights::identity(5);
        if let (Ok(free), Ok(fleiss)) = (brennan_prediger(&tallies, &identity), fleiss_kappa(&tallies, &identity)) {
            prop_assert!(free.value >= fleiss.value - 1e-12);
        }
    }

    /// Of two classes all weights are one.
    #[test]
    fn two_classes_need_no_weights(given in rows(2..6, 0)) {
        let two: Vec<Vec<u8>> = given.iter().map(|row| row.iter().map(|label| (*label).min(2)).collect()).collect();
        let tallies = Tallies::of(&table(&two, &["1", "2"]));
        let (identity, linear) = (Weights::identity(2), Weights::of_values(Weighting::Linear, &[1.0, 2.0]).unwrap());
        for of in [fleiss_kappa, gwet_ac, brennan_prediger] {
            if let (Ok(a), Ok(b)) = (of(&tallies, &identity), of(&tallies, &linear)) {
                prop_assert!(near(a.value, b.value));
            }
        }
    }

    /// α interval does not change under x → a + bx, α ratio not under x → bx, α ordinal not under what keeps the order.
    #[test]
    fn levels_bear_what_they_should(given in rows(2..6, 0), a in -3.0..3.0f64, b in 0.1..9.0f64) {
        let tallies = Tallies::of(&table(&given, &FIVE));
        let values: Vec<f64> = (1..6).map(f64::from).collect();
        let moved = |change: &dyn Fn(f64) -> f64| values.iter().map(|value| change(*value)).collect::<Vec<_>>();
        let same = |x: Distance, y: Distance| {
            match (krippendorff_alpha(&tallies, &x), krippendorff_alpha(&tallies, &y)) {
                (Ok(x), Ok(y)) => near(x.value, y.value),
                (x, y) => x.is_err() == y.is_err(),
            }
        };
        prop_assert!(same(Distance::Interval(values.clone()), Distance::Interval(moved(&|x| a + b * x))));
        prop_assert!(same(Distance::Ratio(values.clone()), Distance::Ratio(moved(&|x| b * x))));
        // The order backwards is an order too.
        prop_assert!(same(Distance::Ordinal(vec![0, 1, 2, 3, 4]), Distance::Ordinal(vec![4, 3, 2, 1, 0])));
    }

    /// Every value that there is lies at 1 or below, and every interval around its value.
    #[test]
    fn all_that_is_measured_is_a_number(given in rows(1..6, 0)) {
        let options = Options { level: Level::Ratio, panel: Panel::All, samples: Some(20), ..Options::default() };
        let report = measure(&table(&given, &FIVE), None, &options).unwrap();
        for metric in &report.metrics {
            let all = [metric.value, metric.se, metric.ci_low, metric.ci_high];
            prop_assert!(all.into_iter().flatten().all(f64::is_finite), "{metric:?}");
            prop_assert_eq!(metric.value.is_none(), metric.undefined.is_some());
            prop_assert!(metric.metric.contains('.') || metric.value.is_none_or(|value| value <= 1.0 + 1e-12));
        }
        prop_assert!(!serde_json::to_string(&report).unwrap().contains("NaN"));
    }

    /// No value, error or interval depends on the order of rows.
    #[test]
    fn the_order_of_rows_never_matters(given in rows(2..5, 0).prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))) {
        let options = Options { panel: Panel::All, level: Level::Ordinal, samples: Some(8), disputed: 0, ..Options::default() };
        let metrics = |rows: &[Vec<u8>]| measure(&table(rows, &FIVE), None, &options).unwrap().metrics;
        prop_assert_eq!(metrics(&given.0), metrics(&given.1));
    }

    /// Samples are the same however many threads draw them.
    #[test]
    fn threads_change_nothing(given in rows(2..5, 0), seed in 0..9u64) {
        let table = table(&given, &FIVE);
        let options = Options { panel: Panel::All, level: Level::Ordinal, samples: Some(16), seed, ..Options::default() };
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| measure(&table, None, &options).unwrap())
        };
        prop_assert_eq!(on(1), on(3));
    }
}

/// Labels of three labelers who say the truth, one of four classes, with probability `right`, by a fixed generator.
fn simulated(items: usize, right: u64, state: &mut u64) -> Table {
    let mut next = || {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *state >> 33
    };
    let given: Vec<Vec<u8>> = (0..items)
        .map(|_| {
            let truth = (next() % 4) as u8 + 1;
            (0..3).map(|_| if next() % 100 < right { truth } else { (next() % 4) as u8 + 1 }).collect()
        })
        .collect();
    table(&given, &FIVE[..4])
}

/// An interval of 95 % covers the truth in about 95 of 100 worlds: the bootstrap's, and that of the standard error.
///
/// The truth is known: two labels agree beyond chance when both are right, p², and α of endless items is that.
#[test]
fn intervals_cover_the_truth() {
    let (mut state, truth) = (1, 0.7 * 0.7);
    let (mut covered, mut analytic) = (0, 0);
    for world in 0..400 {
        let tallies = Tallies::of(&simulated(150, 70, &mut state));
        let samples = Bootstrap { replicates: 400, seed: world };
        let alpha = |sample: &Tallies| krippendorff_alpha(sample, &Distance::Nominal);
        let interval = bootstrap(&tallies, samples, 0.95, alpha).unwrap().interval;
        covered += usize::from((interval.low..=interval.high).contains(&truth));
        let (value, se) =
            (alpha(&tallies).unwrap().value, krippendorff_se(&tallies, &Weights::identity(4)).unwrap());
        analytic += usize::from((value - truth).abs() <= 1.96 * se);
    }
    // ± 3 standard errors of 400 worlds, and half a point for what percentiles lack at 150 items.
    for covered in [covered, analytic] {
        assert!((366..=394).contains(&covered), "{covered} of 400");
    }
}

#[test]
fn labels_that_are_not_of_the_level_are_named() {
    let labels = |given: &[&str]| {
        let rows: Vec<_> = given
            .iter()
            .enumerate()
            .map(|(item, label)| (format!("i{item}"), "ana".to_owned(), (*label).to_owned()))
            .collect();
        Table::from_labels(rows, None)
    };
    let error = |given: &[&str], level| Scheme::of(labels(given).domain(), level).unwrap_err().to_string();
    assert_eq!(
        error(&["4", "good", "2"], Level::Interval),
        "interval level wants numbers, and `good` is none"
    );
    assert_eq!(
        error(&["low", "high"], Level::Ordinal),
        "ordinal level wants to know the order of the labels, and `high`, `low` have none"
    );
    let scale = ["low", "high"].map(String::from);
    let off = Table::from_labels([("i1", "ana", "low"), ("i2", "ana", "hgih")], Some(&scale));
    let error = Scheme::of(off.domain(), Level::Ordinal).unwrap_err().to_string();
    assert_eq!(error, "`hgih` is not on the scale: low, high");
}
