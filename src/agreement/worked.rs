//! Published worked tables, and the laws that tie the coefficients together.

use proptest::prelude::*;

use super::{AgreementReport, Options, Undefined, measure};
use crate::table::Table;

type Label = (String, String, String);

fn report(labels: &[Label]) -> AgreementReport {
    measure(&Table::from_labels(labels.iter().cloned(), None), None, &Options::default()).unwrap()
}

/// Each labeler's labels as one text, a character an item; `.` is missing.
fn lines(labelers: &[(&str, &str)]) -> Vec<Label> {
    let labels = |(name, labels): &(&str, &str)| {
        let name = (*name).to_owned();
        let given = labels.chars().enumerate().filter(|(_, label)| *label != '.');
        given.map(|(item, label)| (format!("u{item}"), name.clone(), label.to_string())).collect::<Vec<_>>()
    };
    labelers.iter().flat_map(labels).collect()
}

/// `counts[a][b]` items on which one labeler says a and the other b.
fn two_labelers<const Q: usize>(counts: [[usize; Q]; Q]) -> Vec<Label> {
    let cells =
        (0..Q * Q).flat_map(|cell| std::iter::repeat_n((cell / Q, cell % Q), counts[cell / Q][cell % Q]));
    let label =
        |item: usize, who: &str, class: usize| (format!("i{item}"), who.to_owned(), class.to_string());
    cells.enumerate().flat_map(|(item, (a, b))| [label(item, "A", a), label(item, "B", b)]).collect()
}

fn value(report: &AgreementReport, name: &str) -> f64 {
    report.overall(name).and_then(|metric| metric.value).unwrap_or_else(|| panic!("{name} has a value"))
}

#[track_caller]
fn close(value: f64, expected: f64, tolerance: f64) {
    assert!((value - expected).abs() <= tolerance, "{value} is not {expected} ± {tolerance}");
}

/// Cohen (1960), table 2: p_o = .70, κ = .492.
#[test]
fn cohen_1960() {
    let report = report(&two_labelers([[88, 14, 18], [10, 40, 10], [2, 6, 12]]));
    close(value(&report, "percent_agreement"), 0.70, 1e-12);
    close(value(&report, "cohen_kappa"), 0.492, 5e-4);
    close(value(&report, "light_kappa"), value(&report, "cohen_kappa"), 0.0);
    assert_eq!(
        report.pairs().map(|(pair, metric)| (pair.clone(), metric.n_items)).collect::<Vec<_>>(),
        [(["A".into(), "B".into()], 200)]
    );
}

/// Fleiss (1971): 30 patients, 6 psychiatrists each, 5 diagnoses; κ = .430.
#[test]
fn fleiss_1971() {
    const PATIENTS: [[usize; 5]; 30] = [
        [0, 0, 0, 6, 0],
        [0, 3, 0, 0, 3],
        [0, 1, 4, 0, 1],
        [0, 0, 0, 0, 6],
        [0, 3, 0, 3, 0],
        [2, 0, 4, 0, 0],
        [0, 0, 4, 0, 2],
        [2, 0, 3, 1, 0],
        [2, 0, 0, 4, 0],
        [0, 0, 0, 0, 6],
        [1, 0, 0, 5, 0],
        [1, 1, 0, 4, 0],
        [0, 3, 3, 0, 0],
        [1, 0, 0, 5, 0],
        [0, 2, 0, 3, 1],
        [0, 0, 5, 0, 1],
        [3, 0, 0, 1, 2],
        [5, 1, 0, 0, 0],
        [0, 2, 0, 4, 0],
        [1, 0, 2, 0, 3],
        [0, 0, 0, 0, 6],
        [0, 1, 0, 5, 0],
        [0, 2, 0, 1, 3],
        [2, 0, 0, 4, 0],
        [1, 0, 0, 4, 1],
        [0, 5, 0, 1, 0],
        [4, 0, 0, 0, 2],
        [0, 2, 0, 4, 0],
        [1, 0, 5, 0, 0],
        [0, 0, 0, 0, 6],
    ];
    let mut labels = Vec::new();
    for (patient, counts) in PATIENTS.iter().enumerate() {
        let classes = counts.iter().enumerate().flat_map(|(class, count)| std::iter::repeat_n(class, *count));
        labels.extend(
            classes
                .enumerate()
                .map(|(who, class)| (format!("p{patient}"), format!("r{who}"), class.to_string())),
        );
    }
    let report = report(&labels);
    close(value(&report, "percent_agreement"), 0.5556, 5e-4);
    close(value(&report, "fleiss_kappa"), 0.430, 5e-4);
    close(value(&report, "krippendorff_alpha"), 0.4334, 5e-5);
}

/// Krippendorff (2011), examples A (two observers, complete; α = .095) and C (four, with missing labels; α = .743).
#[test]
fn krippendorff_2011() {
    let a = report(&lines(&[("Meg", "0100000010"), ("Owen", "1110010000")]));
    close(value(&a, "krippendorff_alpha"), 0.095, 5e-4);
    let c = report(&lines(&[
        ("A", "123321412..."),
        ("B", "1233224125.3"),
        ("C", ".3332342251."),
        ("D", "12332441251."),
    ]));
    close(value(&c, "krippendorff_alpha"), 0.743, 5e-4);
    // Gwet (2014), p. 120, on the same table: the item with one label counts in π_k and not in p_a.
    close(value(&c, "percent_agreement"), 0.818, 5e-4);
    close(value(&c, "fleiss_kappa"), 0.76117, 5e-6);
    let averages: Vec<_> = c.metrics.iter().filter(|metric| metric.metric == "percent_agreement").collect();
    close(averages[1].value.unwrap(), 0.80, 1e-12);
    close(averages[2].value.unwrap(), 43.0 / 55.0, 1e-12);
    assert_eq!((c.counts.single_label_items, c.counts.items_with_two_labels), (1, 11));
}

/// The worked example of `docs/statistics.md`.
#[test]
fn the_documented_example() {
    let report = report(&lines(&[("ana", "+-+-+"), ("bob", "+---."), ("raj", "+.++.")]));
    close(value(&report, "percent_agreement"), 2.0 / 3.0, 1e-12);
    close(value(&report, "fleiss_kappa"), 11.0 / 36.0, 1e-12);
    close(value(&report, "krippendorff_alpha"), 1.0 / 3.0, 1e-12);
    close(value(&report, "light_kappa"), 1.0 / 6.0, 1e-12);
    let averages = report.metrics.iter().filter(|metric| metric.params.average.is_some());
    for (metric, expected) in averages.zip([7.0 / 11.0, 12.0 / 20.0]) {
        close(metric.value.unwrap(), expected, 1e-12);
    }
    let pairs: Vec<_> = report.pairs().map(|(_, metric)| (metric.value, metric.note)).collect();
    let constant = (Some(0.0), Some("constant_labeler"));
    assert_eq!(pairs, [(Some(0.5), None), constant, constant]);
}

/// 0/0 is said in words, where some libraries return 1 or NaN.
#[test]
fn what_has_no_value_says_why() {
    let reason = |report: &AgreementReport, name: &str| report.overall(name).unwrap().undefined;
    let alone = report(&lines(&[("A", "xyx")]));
    for name in ["percent_agreement", "fleiss_kappa", "krippendorff_alpha"] {
        assert_eq!(reason(&alone, name), Some(Undefined::NoItemWithTwoLabels), "{name}");
    }
    let apart = report(&lines(&[("A", "xy.."), ("B", "..xy")]));
    assert_eq!(reason(&apart, "cohen_kappa"), Some(Undefined::NoCommonItems));
    assert_eq!(reason(&apart, "light_kappa"), Some(Undefined::NoCommonItems));
    let same = report(&lines(&[("A", "xxx"), ("B", "xxx")]));
    close(value(&same, "percent_agreement"), 1.0, 0.0);
    assert_eq!(reason(&same, "fleiss_kappa"), Some(Undefined::ExpectedAgreementIs1));
    assert_eq!(reason(&same, "cohen_kappa"), Some(Undefined::ExpectedAgreementIs1));
    assert_eq!(reason(&same, "krippendorff_alpha"), Some(Undefined::ExpectedDisagreementIs0));
    assert!(same.notes.iter().any(|note| note.code == "no_variation"));
    // The second class is on an item with one label: α drops it, Fleiss' π does not.
    let single = report(&lines(&[("A", "x."), ("B", "xy")]));
    assert_eq!(reason(&single, "krippendorff_alpha"), Some(Undefined::ExpectedDisagreementIs0));
    assert_eq!(reason(&single, "fleiss_kappa"), None);
    let empty = report(&[]);
    assert_eq!(reason(&empty, "krippendorff_alpha"), Some(Undefined::NoItemWithTwoLabels));
    let json = serde_json::to_value(&same).unwrap();
    let alpha = &json["metrics"][0];
    assert_eq!(
        (&alpha["value"], &alpha["undefined"]),
        (&serde_json::Value::Null, &"expected_disagreement_is_0".into())
    );
}

#[test]
fn a_constant_labeler_has_kappa_0_and_a_note() {
    let report = report(&lines(&[("A", "1111122222"), ("B", "1111111111")]));
    let (_, pair) = report.pairs().next().unwrap();
    assert_eq!((pair.value, pair.note, pair.observed), (Some(0.0), Some("constant_labeler"), Some(0.5)));
}

/// One item that a crowd labelled has pairs by the million; the other coefficients do not need them.
#[test]
fn too_many_pairs_are_not_listed() {
    let labels: Vec<Label> = (0..1_450)
        .map(|who| ("i1".into(), format!("l{who}"), if who % 3 == 0 { "x" } else { "y" }.into()))
        .collect();
    let report = report(&labels);
    assert_eq!((report.counts.pairs, report.counts.pairs_with_common_items), (1_050_525, None));
    assert_eq!(report.pairs().count(), 0);
    assert!(report.overall("krippendorff_alpha").unwrap().value.is_some());
    assert!(report.notes.iter().any(|note| note.code == "too_many_pairs"));
}

/// Below chance is printed below zero.
#[test]
fn total_disagreement_is_negative() {
    let report = report(&lines(&[("A", "xyxyxyxyxy"), ("B", "yxyxyxyxyx")]));
    close(value(&report, "cohen_kappa"), -1.0, 0.0);
    close(value(&report, "fleiss_kappa"), -1.0, 0.0);
    close(value(&report, "krippendorff_alpha"), -0.9, 1e-12);
}

/// Labels of up to 6 labelers, 12 items and 4 classes, with gaps.
fn labels() -> impl Strategy<Value = Vec<Label>> {
    let cell = prop_oneof![1 => Just(None), 3 => (0..4u8).prop_map(Some)];
    prop::collection::vec(prop::collection::vec(cell, 1..7), 1..13).prop_map(|items| {
        let mut labels = Vec::new();
        for (item, row) in items.iter().enumerate() {
            for (labeler, class) in row.iter().enumerate() {
                labels.extend(
                    class.map(|class| (format!("i{item}"), format!("l{labeler}"), format!("c{class}"))),
                );
            }
        }
        labels
    })
}

/// The overall values, to the bit.
fn bits(report: &AgreementReport) -> Vec<(&'static str, Option<u64>)> {
    report.metrics.iter().map(|metric| (metric.metric, metric.value.map(f64::to_bits))).collect()
}

proptest! {
    #[test]
    fn the_order_of_rows_never_matters(given in labels().prop_flat_map(|labels| (Just(labels.clone()), Just(labels).prop_shuffle()))) {
        let (a, b) = given;
        prop_assert_eq!(report(&a), report(&b));
    }

    #[test]
    fn renaming_items_labelers_or_classes_changes_no_value(given in labels()) {
        let rename = |change: &dyn Fn(&Label) -> Label| report(&given.iter().map(change).collect::<Vec<_>>());
        let before = report(&given);
        let reversed = |text: &str| 9 - text[1..].parse::<i32>().unwrap();
        let items = rename(&|(item, labeler, class)| (format!("x{item}"), labeler.clone(), class.clone()));
        prop_assert_eq!(bits(&items), bits(&before));
        let overall = |report: &AgreementReport| ["percent_agreement", "fleiss_kappa", "krippendorff_alpha", "light_kappa"]
            .map(|name| report.overall(name).and_then(|metric| metric.value));
        for (renamed, exact) in [
            (rename(&|(item, labeler, class)| (item.clone(), format!("l{}", reversed(labeler)), class.clone())), 3),
            (rename(&|(item, labeler, class)| (item.clone(), labeler.clone(), format!("c{}", reversed(class)))), 1),
        ] {
            for (index, (a, b)) in overall(&before).into_iter().zip(overall(&renamed)).enumerate() {
                prop_assert_eq!(a.is_some(), b.is_some());
                let off = a.zip(b).map_or(0.0, |(a, b)| (a - b).abs());
                prop_assert!(off <= if index < exact { 0.0 } else { 1e-12 }, "{off}");
            }
        }
    }

    /// Who said what inside an item matters to pairs alone.
    #[test]
    fn swapping_labelers_inside_an_item_changes_no_pooled_value(given in labels()) {
        let swap = |(item, labeler, class): &Label| {
            let odd = item[1..].parse::<u32>().unwrap() % 2 == 1;
            let other = 9 - labeler[1..].parse::<u32>().unwrap();
            (item.clone(), if odd { format!("l{other}") } else { labeler.clone() }, class.clone())
        };
        let swapped = report(&given.iter().map(swap).collect::<Vec<_>>());
        let before = report(&given);
        for name in ["percent_agreement", "fleiss_kappa", "krippendorff_alpha"] {
            let bits = |report: &AgreementReport| report.overall(name).unwrap().value.map(f64::to_bits);
            prop_assert_eq!(bits(&before), bits(&swapped), "{}", name);
        }
    }

    /// A class nobody used, declared, changes none of these coefficients; it does change those whose chance is the domain.
    #[test]
    fn an_unused_class_changes_no_value(given in labels()) {
        let declared = ["c9", "c0", "c1", "c2", "c3"].map(String::from);
        let with = measure(&Table::from_labels(given.clone(), Some(&declared)), None, &Options::default()).unwrap();
        let without = report(&given);
        for name in ["percent_agreement", "krippendorff_alpha", "fleiss_kappa", "light_kappa"] {
            let (a, b) = (with.overall(name).unwrap(), without.overall(name).unwrap());
            prop_assert_eq!(a.undefined, b.undefined);
            prop_assert!(a.value.zip(b.value).is_none_or(|(a, b)| (a - b).abs() < 1e-12));
        }
    }

    /// With two labelers and no gaps α = π + (1 − π)/n.. ; nothing is above 1 or NaN.
    #[test]
    fn alpha_and_pi_differ_by_the_small_sample_term(given in prop::collection::vec((0..3u8, 0..3u8), 1..40)) {
        let line = |pick: fn(&(u8, u8)) -> u8| given.iter().map(|pair| char::from(b'a' + pick(pair))).collect::<String>();
        let report = report(&lines(&[("A", &line(|pair| pair.0)), ("B", &line(|pair| pair.1))]));
        let value = |name: &str| report.overall(name).and_then(|metric| metric.value);
        prop_assert_eq!(value("fleiss_kappa").is_some(), value("krippendorff_alpha").is_some());
        if let Some((pi, alpha)) = value("fleiss_kappa").zip(value("krippendorff_alpha")) {
            prop_assert!((alpha - (pi + (1.0 - pi) / (2.0 * given.len() as f64))).abs() < 1e-12);
        }
        prop_assert!(report.metrics.iter().filter_map(|metric| metric.value).all(|value| value <= 1.0));
    }

    /// n copies of every item leave percent agreement, Fleiss' κ and every pair's κ, and bring α to Fleiss' κ.
    #[test]
    fn alpha_goes_to_fleiss_kappa_as_labels_grow(given in labels()) {
        let copies = (0..50).flat_map(|copy| given.iter().map(move |(item, labeler, class)| (format!("{item}-{copy}"), labeler.clone(), class.clone())));
        let many = report(&copies.collect::<Vec<_>>());
        let once = report(&given);
        let value = |report: &AgreementReport, name: &str| report.overall(name).and_then(|metric| metric.value);
        for name in ["percent_agreement", "fleiss_kappa", "light_kappa"] {
            let (a, b) = (value(&once, name), value(&many, name));
            prop_assert!(a.zip(b).map_or(a == b, |(a, b)| (a - b).abs() < 1e-9), "{}: {:?} {:?}", name, a, b);
        }
        let complete = given.len() == once.counts.items * once.counts.labelers;
        if let Some((fleiss, alpha)) = value(&many, "fleiss_kappa").zip(value(&many, "krippendorff_alpha")).filter(|_| complete) {
            prop_assert!((fleiss - alpha).abs() < 0.05, "{fleiss} {alpha}");
        }
    }
}
