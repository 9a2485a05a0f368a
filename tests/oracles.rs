//! Every published or cross-checked value that lies beside the project, against what the crate computes.
//!
//! Reads `shared/oracles/*.json` (worked examples) and `shared/data/*/expected.json` (real data) from the nearest
//! folder above the crate that has them. The crate's own tests hold the most important of them in code.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test says what it skipped and how much it checked"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hitl::agreement::{
    AgreementReport, Level, METRICS, Matrix, Metric, Options, Panel, Scale, Weighting, measure,
};
use hitl::record::{Kind, Origin, Rows, col};
use hitl::table::Table;
use serde_json::Value;

/// Finds `shared/<name>` in a folder above the crate; prints why the test is skipped where there is none.
fn shared(name: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|dir| dir.join("shared").join(name))
        .find(|dir| dir.is_dir());
    if found.is_none() {
        eprintln!("skipped: needs shared/{name} in a folder above the crate");
    }
    found
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Checked values, and what was wrong with some of them.
#[derive(Default)]
struct Tested {
    values: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Tested {
    fn compare(
        &mut self,
        place: &str,
        name: &str,
        metric: Option<&Metric>,
        expected: Option<f64>,
        tolerance: f64,
    ) {
        let value = metric.and_then(|metric| metric.value);
        self.compare_value(place, name, value, expected, tolerance);
        if metric.is_none() {
            self.wrong.push(format!("{place}: there is no {name}"));
        }
    }

    fn compare_value(
        &mut self,
        place: &str,
        name: &str,
        value: Option<f64>,
        expected: Option<f64>,
        tolerance: f64,
    ) {
        *self.values.entry(name.to_owned()).or_default() += 1;
        let good = match (value, expected) {
            (Some(value), Some(expected)) => (value - expected).abs() <= tolerance,
            (None, None) => true,
            _ => false,
        };
        if !good {
            self.wrong.push(format!("{place}: {name} is {value:?}, not {expected:?}"));
        }
    }

    fn finish(self, at_least: usize) {
        let count: usize = self.values.values().sum();
        println!("{count} values checked: {:?}", self.values);
        assert!(self.wrong.is_empty(), "{} of {count} wrong:\n{}", self.wrong.len(), self.wrong.join("\n"));
        assert!(count > at_least, "only {count} values were checked");
    }
}

/// What an oracle's entry asks of a report.
enum Wanted<'a> {
    /// The value of a metric, or the reason why there is none.
    Value(Option<&'a Metric>),
    /// What goes with a metric: its standard error, an end of its interval.
    Beside(Option<f64>),
}

/// Returns what an oracle's entry asks for; `None` for what is measured elsewhere (consensus, spans, plans).
fn wanted<'a>(report: &'a AgreementReport, name: &str, params: &Value) -> Option<Wanted<'a>> {
    let base = name.split('.').next()?;
    if !METRICS.contains(&base) {
        return None;
    }
    let of = |key: &str| params.get(key).map(text);
    let custom = params.get("disagreement").or(params.get("agreement")).or(params.get("delta"));
    let pair = params.get("pair").map(|pair| {
        let mut pair: Vec<String> = pair.as_array().unwrap().iter().map(text).collect();
        pair.sort();
        pair
    });
    let (metric, beside) = match name.rsplit_once('.') {
        Some((metric, beside @ ("se" | "se_gwet" | "ci_low" | "ci_high"))) => (metric, Some(beside)),
        _ => (name, None),
    };
    let alpha = metric == "krippendorff_alpha";
    let krippendorffs = of("ci").as_deref() == Some("krippendorff_bootstrap");
    let found = report.metrics.iter().find(|found| {
        let level = if custom.is_some() { "custom".to_owned() } else { of("level").unwrap_or_default() };
        found.metric == metric
            && found.params.average.map(str::to_owned) == of("average")
            && found.params.class == of("class")
            && found.params.pair.as_ref().map(|pair| pair.to_vec()) == pair
            && found.params.weights.map(|weights| text(&serde_json::to_value(weights).unwrap()))
                == of("weights")
            && found.params.distance.map(|set| text(&serde_json::to_value(set).unwrap())) == of("distance")
            && (!alpha || found.params.level == Some(level.as_str()))
            && found.params.ci.is_some() == krippendorffs
    });
    Some(match beside {
        None => Wanted::Value(found),
        Some("se" | "se_gwet") => Wanted::Beside(found.and_then(|found| found.se)),
        Some("ci_low") => Wanted::Beside(found.and_then(|found| found.ci_low)),
        Some(_) => Wanted::Beside(found.and_then(|found| found.ci_high)),
    })
}

fn oracle_table(case: &Value) -> Table {
    let cell = |row: &Value, column: usize| text(&row[column]);
    let rows = case["rows"].as_array().unwrap();
    let domain: Option<Vec<String>> =
        case["categories"].as_array().map(|classes| classes.iter().map(text).collect());
    Table::from_labels(rows.iter().map(|row| (cell(row, 0), cell(row, 1), cell(row, 2))), domain.as_deref())
}

/// Returns the matrix of an entry's own weights, where it has any.
fn matrix(params: &Value, classes: usize) -> Option<Matrix> {
    let given = params.get("disagreement").or(params.get("agreement")).or(params.get("delta"))?;
    let rows: Vec<Vec<f64>> = serde_json::from_value(given.clone()).unwrap();
    Some(Matrix::disagreement(&rows, classes).unwrap())
}

#[test]
fn worked_examples() {
    let Some(folder) = shared("oracles") else { return };
    let mut tested = Tested::default();
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
        let case = json(file);
        let level = match case["scale"].as_str().unwrap_or_default() {
            "nominal" => Level::Nominal,
            "ordinal" => Level::Ordinal,
            "interval" => Level::Interval,
            "ratio" => Level::Ratio,
            "set" => Level::Set,
            _ => continue,
        };
        let table = oracle_table(&case);
        let options = Options { level, panel: Panel::All, ..Options::default() };
        let report = measure(&table, None, &options).unwrap();
        for entry in case["expected"].as_array().unwrap() {
            let own = matrix(&entry["params"], table.classes().len()).map(|disagreement| {
                let options = Options { disagreement: Some(disagreement), ..options.clone() };
                measure(&table, None, &options).unwrap()
            });
            check(&mut tested, &text(&case["id"]), own.as_ref().unwrap_or(&report), entry);
        }
    }
    tested.finish(2000);
}

fn check(tested: &mut Tested, id: &str, report: &AgreementReport, entry: &Value) {
    let name = text(&entry["metric"]);
    let tolerance = entry["tolerance"].as_f64().unwrap_or(1e-9);
    let place = format!("{id} {}", entry["params"]);
    match wanted(report, &name, &entry["params"]) {
        None => {}
        Some(Wanted::Beside(value)) => {
            tested.compare_value(&place, &name, value, entry["value"].as_f64(), tolerance);
        }
        Some(Wanted::Value(metric)) => {
            tested.compare(&place, &name, metric, entry["value"].as_f64(), tolerance);
            let undefined = metric.and_then(|metric| metric.undefined).map(|undefined| undefined.as_str());
            if entry["undefined"].as_str() != undefined {
                let expected = &entry["undefined"];
                tested
                    .wrong
                    .push(format!("{place}: {name} has no value because {undefined:?}, not {expected}"));
            }
            if let (Some(n), Some(metric)) = (entry["n"].as_u64(), metric) {
                assert_eq!(metric.n_items, n, "{place}: n of {name}");
            }
        }
    }
}

/// Gwet's benchmarking, as irrCAC's tests have it.
#[test]
fn benchmark_scales() {
    let Some(folder) = shared("oracles") else { return };
    let mut tested = Tested::default();
    for entry in json(&folder.join("benchmark_scales_067.json"))["expected"].as_array().unwrap() {
        let params = &entry["params"];
        let scale = match params["scale"].as_str().unwrap() {
            "landis_koch" => Scale::LandisKoch,
            "fleiss" => Scale::Fleiss,
            _ => Scale::Altman,
        };
        let own = scale.cumulative(params["coef"].as_f64().unwrap(), params["se"].as_f64().unwrap());
        let expected: Vec<f64> = serde_json::from_value(entry["value"].clone()).unwrap();
        for (own, expected) in own.into_iter().zip(expected) {
            let tolerance = entry["tolerance"].as_f64().unwrap();
            tested.compare_value(&params.to_string(), "benchmark", Some(own), Some(expected), tolerance);
        }
    }
    tested.finish(10);
}

/// Reads the columns of a long CSV that agreement needs.
fn read_csv(path: &Path) -> Rows {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let headers = reader.headers().unwrap().clone();
    let column = |names: &[&str]| headers.iter().position(|header| names.contains(&header));
    let (item, labeler) = (column(&["item_id", "item"]).unwrap(), column(&["labeler"]).unwrap());
    let (label, time) = (column(&["label"]).unwrap(), column(&["labeled_at"]));
    let mut rows = Rows::empty(Kind::Labels);
    for record in reader.records() {
        let record = record.unwrap();
        let row = rows.push_judgement(&record[item], &record[labeler], Origin::Unknown);
        rows.set_text(row, col::LABEL, &record[label]);
        let time = time.map(|time| record[time].parse().expect("expected times are RFC 3339"));
        rows.set_time(row, col::CREATED_AT, time);
    }
    rows
}

/// Compares one data set's report with what other libraries made of it; their values have ten decimals.
fn compare_data(tested: &mut Tested, place: &str, report: &AgreementReport, expected: &Value) {
    let mut check = |name: &str, expected: &Value| {
        if let Some(expected) = expected.as_f64() {
            tested.compare(place, name, report.overall(name), Some(expected), 1e-9);
        }
    };
    check("percent_agreement", &expected["observed_agreement"]["mean_over_items"]);
    let peers = [
        ("fleiss_kappa", "fleiss_kappa_unequal_n"),
        ("gwet_ac1", "gwet_ac1"),
        ("brennan_prediger", "brennan_prediger"),
        ("conger_kappa", "conger_kappa"),
    ];
    for (name, irrcac) in peers {
        check(name, &expected["irrcac"][irrcac]["value"]);
    }
    for (name, irrcac) in peers {
        if let Some(se) = expected["irrcac"][irrcac]["se"].as_f64() {
            let own = report.overall(name).and_then(|metric| metric.se);
            tested.compare_value(place, &format!("{name}.se"), own, Some(se), 1e-9);
        }
    }
    for (level, of) in expected["krippendorff_alpha"].as_object().into_iter().flatten() {
        let Some(alpha) = of["value"].as_f64() else { continue };
        let own = report.metrics.iter().find(|metric| {
            metric.metric == "krippendorff_alpha" && metric.params.level == Some(level.as_str())
        });
        tested.compare(place, &format!("α {level}"), own, Some(alpha), 1e-9);
    }
    for (set, weighting) in [("linear", Weighting::Linear), ("quadratic", Weighting::Quadratic)] {
        for names in [format!("cohen_kappa_pairwise_{set}"), format!("cohen_{set}")] {
            compare_pairs(tested, place, report, &expected[names]["each_pair"], Some(weighting));
        }
    }
    let pairs = &expected["cohen_kappa_pairwise"];
    if let Some(sharing) = pairs["pairs_sharing_any_item"].as_u64() {
        assert_eq!(
            report.counts.pairs_with_common_items,
            Some(sharing as usize),
            "{place}: pairs with common items"
        );
    }
    for (least, expected) in pairs["by_min_common_items"].as_object().into_iter().flatten() {
        let least: u64 = least.parse().unwrap();
        let chosen: Vec<_> =
            report.pairs().map(|(_, metric)| metric).filter(|metric| metric.n_items >= least).collect();
        let values: Vec<f64> = chosen.iter().filter_map(|metric| metric.value).collect();
        assert_eq!(
            expected["pairs"].as_u64(),
            Some(chosen.len() as u64),
            "{place}: pairs with {least} common items"
        );
        let undefined = (chosen.len() - values.len()) as u64;
        assert_eq!(
            expected["undefined_pairs"].as_u64().unwrap_or(undefined),
            undefined,
            "{place}: undefined pairs"
        );
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        if let Some(expected) = expected["mean"].as_f64() {
            let value = Metric { value: Some(mean), ..report.overall("light_kappa").unwrap().clone() };
            tested.compare(place, &format!("mean κ, {least}+ items"), Some(&value), Some(expected), 1e-9);
        }
    }
    compare_pairs(tested, place, report, &pairs["each_pair"], None);
}

fn compare_pairs(
    tested: &mut Tested,
    place: &str,
    report: &AgreementReport,
    expected: &Value,
    weights: Option<Weighting>,
) {
    for pair in expected.as_array().into_iter().flatten() {
        let mut names = [text(&pair["a"]), text(&pair["b"])];
        names.sort();
        let metric = report.metrics.iter().find(|metric| {
            metric.metric == "cohen_kappa.pair"
                && metric.params.pair.as_ref() == Some(&names)
                && metric.params.weights == weights
        });
        let place = format!("{place} {names:?} {weights:?}");
        tested.compare(&place, "cohen_kappa.pair", metric, pair["kappa"].as_f64(), 1e-9);
    }
}

/// Measures all there is: at the level that the expected values ask for.
fn report(table: &Table, expected: &Value) -> AgreementReport {
    let alphas = &expected["krippendorff_alpha"];
    let level = match ["ratio", "interval", "ordinal"].map(|level| !alphas[level].is_null()) {
        [true, ..] => Level::Ratio,
        [_, true, _] => Level::Interval,
        [_, _, true] => Level::Ordinal,
        _ => Level::Nominal,
    };
    let options = Options { level, panel: Panel::All, samples: Some(2), ..Options::default() };
    measure(table, None, &options).unwrap()
}

#[test]
fn real_data() {
    let Some(folder) = shared("data") else { return };
    let mut tested = Tested::default();
    let mut sets: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    sets.sort();
    for set in sets.iter().filter(|set| set.join("labels.csv").exists()) {
        let expected = json(&set.join("expected.json"));
        let name = set.file_name().unwrap().to_string_lossy();
        let report =
            report(&Table::from_rows(&read_csv(&set.join("labels.csv")), None), &expected["agreement"]);
        assert_eq!(Some(report.counts.items as u64), expected["counts"]["items"].as_u64(), "{name}: items");
        assert_eq!(
            Some(report.counts.labelers as u64),
            expected["counts"]["labelers"].as_u64(),
            "{name}: labelers"
        );
        let labels = expected["counts"]["rows"].as_u64().unwrap() as usize;
        assert_eq!(report.counts.labels + report.counts.resolved_duplicates, labels, "{name}: labels");
        compare_data(&mut tested, &name, &report, &expected["agreement"]);
    }
    let textbook = folder.join("textbook-agreement");
    for (set, expected) in json(&textbook.join("expected.json"))["sets"].as_object().unwrap() {
        // Its scale has a lowest value that nobody gave.
        let domain = ["0", "1", "2", "3", "4", "5"].map(str::to_owned);
        let domain = (set == "irr-video").then_some(&domain[..]);
        let rows = read_csv(&textbook.join(format!("{set}.csv")));
        let report = report(&Table::from_rows(&rows, domain), expected);
        compare_data(&mut tested, set, &report, expected);
    }
    tested.finish(100);
}
