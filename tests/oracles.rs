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

use hitl::agreement::{AgreementReport, Metric, measure};
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
        *self.values.entry(name.to_owned()).or_default() += 1;
        let value = metric.and_then(|metric| metric.value);
        let good = match (value, expected) {
            (Some(value), Some(expected)) => (value - expected).abs() <= tolerance,
            (None, None) => metric.is_some(),
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

/// Returns the metric an oracle's entry asks for: `None` when it is not measured (weights, other levels, classes …).
fn wanted<'a>(report: &'a AgreementReport, name: &str, params: &Value) -> Option<Option<&'a Metric>> {
    let known = [
        "percent_agreement",
        "cohen_kappa",
        "cohen_kappa.pair",
        "fleiss_kappa",
        "krippendorff_alpha",
        "light_kappa",
    ];
    let params = params.as_object()?;
    let measured = params.iter().all(|(key, value)| match key.as_str() {
        "pair" | "average" => true,
        "level" => value == "nominal",
        _ => false,
    });
    if !known.contains(&name) || !measured {
        return None;
    }
    let pair = params.get("pair").map(|pair| {
        let mut pair: Vec<String> = pair.as_array().unwrap().iter().map(text).collect();
        pair.sort();
        pair
    });
    let average = params.get("average").map(text);
    Some(report.metrics.iter().find(|metric| {
        metric.metric == name
            && metric.params.average.map(str::to_owned) == average
            && metric.params.pair.as_ref().map(|pair| pair.to_vec()) == pair
    }))
}

fn oracle_table(case: &Value) -> Table {
    let cell = |row: &Value, column: usize| text(&row[column]);
    let rows = case["rows"].as_array().unwrap();
    let domain: Option<Vec<String>> =
        case["categories"].as_array().map(|classes| classes.iter().map(text).collect());
    Table::from_labels(rows.iter().map(|row| (cell(row, 0), cell(row, 1), cell(row, 2))), domain.as_deref())
}

#[test]
fn worked_examples() {
    let Some(folder) = shared("oracles") else { return };
    let mut tested = Tested::default();
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
        let case = json(file);
        if !["nominal", "ordinal", "interval", "ratio"].contains(&case["scale"].as_str().unwrap_or_default())
        {
            continue;
        }
        let report = measure(&oracle_table(&case), None);
        let id = text(&case["id"]);
        for entry in case["expected"].as_array().unwrap() {
            let name = text(&entry["metric"]);
            let Some(metric) = wanted(&report, &name, &entry["params"]) else { continue };
            let tolerance = entry["tolerance"].as_f64().unwrap_or(1e-9);
            tested.compare(
                &format!("{id} {}", entry["params"]),
                &name,
                metric,
                entry["value"].as_f64(),
                tolerance,
            );
            let reason = metric.and_then(|metric| metric.reason).map(|reason| reason.as_str());
            if entry["undefined"].as_str() != reason {
                tested.wrong.push(format!(
                    "{id}: {name} has no value because {reason:?}, not {}",
                    entry["undefined"]
                ));
            }
            if let (Some(n), Some(metric)) = (entry["n"].as_u64(), metric) {
                assert_eq!(metric.n, n, "{id}: n of {name} {}", entry["params"]);
            }
        }
    }
    tested.finish(100);
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
    check("krippendorff_alpha", &expected["krippendorff_alpha"]["nominal"]["value"]);
    check("percent_agreement", &expected["observed_agreement"]["mean_over_items"]);
    check("fleiss_kappa", &expected["irrcac"]["fleiss_kappa_unequal_n"]["value"]);
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
            report.pairs().map(|(_, metric)| metric).filter(|metric| metric.n >= least).collect();
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
    for pair in pairs["each_pair"].as_array().into_iter().flatten() {
        let mut names = [text(&pair["a"]), text(&pair["b"])];
        names.sort();
        let metric = report.pairs().find(|(pair, _)| **pair == names).map(|(_, metric)| metric);
        tested.compare(
            &format!("{place} {names:?}"),
            "cohen_kappa.pair",
            metric,
            pair["kappa"].as_f64(),
            1e-9,
        );
    }
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
        let report = measure(&Table::from_rows(&read_csv(&set.join("labels.csv")), None), None);
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
        let report = measure(&Table::from_rows(&read_csv(&textbook.join(format!("{set}.csv"))), None), None);
        compare_data(&mut tested, set, &report, expected);
    }
    tested.finish(100);
}
