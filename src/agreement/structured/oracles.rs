//! Worked examples with expected values of other libraries, where the folders are at hand.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;

/// Returns the text of a shared file; says so and returns nothing where it is absent.
#[expect(clippy::print_stderr, reason = "a test that checks nothing must say so")]
fn shared(path: &str) -> Option<String> {
    let above = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let text =
        above.map(|dir| dir.join("shared").join(path)).find_map(|path| std::fs::read_to_string(path).ok());
    if text.is_none() {
        eprintln!("skipped: needs shared/{path} in a folder above the crate");
    }
    text
}

fn oracle(name: &str) -> Option<Value> {
    Some(serde_json::from_str(&shared(&format!("oracles/{name}.json"))?).unwrap())
}

/// Numbers names in the order of the names.
fn numbered<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, u32> {
    let sorted: std::collections::BTreeSet<&str> = names.collect();
    (0..).zip(sorted).map(|(number, name)| (name, number)).collect()
}

/// The rows of an oracle, grouped.
struct Sheet {
    labels: Lists<Span>,
    labelers: BTreeMap<String, u32>,
    classes: Vec<String>,
}

fn sheet(oracle: &Value) -> Sheet {
    let rows: Vec<Vec<Value>> = serde_json::from_value(oracle["rows"].clone()).unwrap();
    let column = |at: usize| rows.iter().map(move |row| row[at].as_str().unwrap());
    let (documents, labelers) = (numbered(column(0)), numbered(column(1)));
    let mut names = Names::default();
    let mut cells = BTreeMap::<(u32, u32), Vec<Span>>::new();
    for document in documents.values() {
        labelers.values().for_each(|labeler| drop(cells.insert((*document, *labeler), vec![])));
    }
    for row in &rows {
        let label = serde_json::json!([{ "start": row[2], "end": row[3], "label": row[4] }]).to_string();
        let key = (documents[row[0].as_str().unwrap()], labelers[row[1].as_str().unwrap()]);
        cells.get_mut(&key).unwrap().extend(parse_spans(&label, &mut names).unwrap());
    }
    let cells = cells.into_iter().map(|((item, who), spans)| (item, who, spans)).collect();
    let (labels, classes) = Lists::of_named(cells, names).unwrap();
    let labelers = labelers.into_iter().map(|(name, number)| (name.to_owned(), number)).collect();
    Sheet { labels, labelers, classes }
}

fn expected(oracle: &Value) -> &[Value] {
    oracle["expected"].as_array().unwrap()
}

#[track_caller]
fn check(expected: &Value, value: f64) {
    let (wanted, tolerance) = (expected["value"].as_f64().unwrap(), expected["tolerance"].as_f64().unwrap());
    assert!((value - wanted).abs() <= tolerance, "{value} is not {expected}");
}

/// Checks every value of a span oracle.
fn check_spans(name: &str) {
    let Some(oracle) = oracle(name) else { return };
    let sheet = sheet(&oracle);
    for expected in expected(&oracle) {
        let params = &expected["params"];
        let label = params["match"] == "exact+label";
        let all = span_f1(&sheet.labels, Match { overlap: Overlap::Exact, label });
        let pair = || {
            let who = |at: usize| sheet.labelers[params["pair"][at].as_str().unwrap()];
            all.pairs.iter().find(|pair| pair.pair == (who(0), who(1))).unwrap()
        };
        match expected["metric"].as_str().unwrap() {
            "span_f1" => {
                let pair = pair();
                check(expected, pair.total.f1().unwrap());
                if let Some(matched) = expected["tp"].as_u64() {
                    let counts = [pair.total.matched, pair.total.first, pair.total.second];
                    assert_eq!(
                        counts,
                        [matched, expected["n_a"].as_u64().unwrap(), expected["n_b"].as_u64().unwrap()]
                    );
                    let rates = (pair.total.precision(), pair.total.recall());
                    let rate = |key: &str| Ok(expected[key].as_f64().unwrap());
                    assert_eq!(rates, (rate("precision_b_vs_a"), rate("recall_b_vs_a")));
                }
            }
            "span_f1.per_class" => {
                let class = |number: u32| sheet.classes[number as usize] == params["class"].as_str().unwrap();
                check(
                    expected,
                    pair().classes.iter().find(|(number, _)| class(*number)).unwrap().1.f1().unwrap(),
                );
            }
            "span_f1.mean_pairwise" => check(expected, all.mean_pairwise().unwrap().value),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn span_f1_is_that_of_seqeval() {
    check_spans("syn_spans_s31");
    check_spans("seqeval_readme");
}

/// Checks γ at five seeds, with as many samples as the peer drew, and no more.
fn check_value(expected: &Value, spans: &[&[Span]], weights: Dissimilarity) {
    let samples = expected["params"]["n_samples"].as_u64().unwrap() as u32;
    for seed in 0..5 {
        let gamma = gamma(spans, &GammaOptions { weights, samples, precision: 10.0, seed }).unwrap();
        check(expected, gamma.value);
        assert!(gamma.samples == samples || gamma.expected.is_none());
    }
}

/// Checks every value of a γ oracle.
fn check_gamma(name: &str) {
    let Some(oracle) = oracle(name) else { return };
    let sheet = sheet(&oracle);
    let param = |key: &str| oracle["params"][key].as_f64().unwrap();
    let weights =
        Dissimilarity { alpha: param("alpha"), beta: param("beta"), delta_empty: param("delta_empty") };
    let document = sheet.labels.items().next().unwrap();
    let spans: Vec<&[Span]> = document.labels().map(|(_, spans)| spans).collect();
    let continuum = Continuum::of(spans.iter().copied());
    for expected in expected(&oracle) {
        match expected["metric"].as_str().unwrap() {
            "gamma.dissimilarity" => {
                let [one, other] = [0, 1].map(|at| {
                    let unit = &expected["params"]["pair"][at];
                    let labeler = sheet.labelers[unit[0].as_str().unwrap()];
                    continuum.labelers()[labeler as usize][unit[1].as_u64().unwrap() as usize]
                });
                check(expected, weights.between(&one, &other));
                let part = |key: &str, value: f64| {
                    assert!(
                        expected[key].as_f64().is_none_or(|wanted| (value - wanted).abs() <= 1e-5),
                        "{key}"
                    );
                };
                part("positional", weights.positional(&one, &other));
                part("categorical", weights.categorical(&one, &other));
            }
            "gamma.best_alignment_disorder" => {
                check(expected, best_alignment(&continuum, &weights).unwrap().disorder);
            }
            "gamma" => check_value(expected, &spans, weights),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn gamma_is_that_of_pygamma() {
    for name in [
        "gamma_01_two_annotators_simple",
        "gamma_02_unequal_counts",
        "gamma_03_identical_perfect",
        "gamma_06_weighted_alpha3_beta2",
    ] {
        check_gamma(name);
    }
}

const CROWD: &str = "data/crowdflower-event-spans";

/// The crowd's spans, grouped, and the length of each sentence.
fn crowd() -> Option<(Lists<Span>, BTreeMap<u32, u32>)> {
    let read = |file: &str| shared(&format!("{CROWD}/{file}"));
    let (judgements, spans, items) = (read("judgements.csv")?, read("spans.jsonl")?, read("items.jsonl")?);
    let lines =
        |text: &str| -> Vec<Value> { text.lines().map(|line| serde_json::from_str(line).unwrap()).collect() };
    let keys: Vec<Vec<&str>> = judgements.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let column = |at: usize| numbered(keys.iter().map(|key| key[at]));
    let (documents, labelers) = (column(0), column(1));
    let mut cells: BTreeMap<(u32, u32), Vec<Value>> =
        keys.iter().map(|key| ((documents[key[0]], labelers[key[1]]), vec![])).collect();
    for span in lines(&spans) {
        let text = |key: &str| span[key].as_str().unwrap();
        let key = (documents[text("item_id")], labelers[text("labeler")]);
        cells.get_mut(&key).unwrap().push(span);
    }
    let mut names = Names::default();
    let read = |((item, who), spans): ((u32, u32), Vec<Value>)| {
        (item, who, parse_spans(&Value::from(spans).to_string(), &mut names).unwrap())
    };
    let rows = cells.into_iter().map(read).collect();
    let (labels, classes) = Lists::of_named(rows, names).unwrap();
    assert_eq!(classes, ["EVENT"]);
    let length = |item: &Value| {
        let text = |key: &str| item[key].as_str().unwrap();
        (documents[text("item_id")], text("text").chars().count() as u32)
    };
    Some((labels, lines(&items).iter().map(length).collect()))
}

/// 840 judgements of 42 sentences; 20 of them mark nothing.
#[test]
fn crowdflower_event_spans() {
    let (Some((labels, lengths)), Some(expected)) = (crowd(), shared(&format!("{CROWD}/expected.json")))
    else {
        return;
    };
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let expected = &expected["span_agreement"];
    let close = |value: f64, wanted: &Value| {
        assert!((value - wanted.as_f64().unwrap()).abs() < 1e-9, "{value} {wanted}")
    };
    let alpha = char_alpha(&labels, |item| lengths.get(&item).copied()).unwrap();
    close(alpha.value, &expected["character_alpha_nominal"]["value"]);
    assert_eq!(alpha.characters, expected["character_alpha_nominal"]["characters"].as_u64().unwrap());
    // The peer counted sets: ten spans that a labeler marked twice count once there, as a multiset twice here.
    let sets = labels.items().flat_map(|document| {
        document.labels().map(move |(who, spans)| {
            let mut spans = spans.to_vec();
            spans.dedup();
            (document.item(), who, spans)
        })
    });
    let sets = Lists::of(sets.collect::<Vec<_>>()).unwrap();
    let f1 = span_f1(&sets, Match { overlap: Overlap::Exact, label: false });
    let wanted = &expected["exact_span_pair_f1"];
    close(f1.pooled().f1().unwrap(), &wanted["pooled"]);
    let mean = f1.mean_documents().unwrap();
    assert_eq!(mean.of, wanted["pairs"].as_u64().unwrap());
    // The peer gave 1 to the four in which both marked nothing; here they have no F1.
    let (defined, of) = (mean.defined as f64, mean.of as f64);
    close((mean.value * defined + of - defined) / of, &wanted["mean_over_item_and_labeler_pairs"]);
}

/// 3355 votes between six models; strengths and errors of their logarithms by Newton's method in numpy.
#[test]
fn mtbench_human() {
    const PEER: [(&str, f64, f64); 6] = [
        ("alpaca-13b", 0.057_309, 0.062_681_2),
        ("claude-v1", 0.233_447, 0.060_804_35),
        ("gpt-3.5-turbo", 0.223_567_17, 0.049_744_8),
        ("gpt-4", 0.340_783_84, 0.062_977_16),
        ("llama-13b", 0.028_933_91, 0.072_390_35),
        ("vicuna-13b-v1.2", 0.115_959_09, 0.055_925_44),
    ];
    let Some(text) = shared("data/mtbench-human/preferences.csv") else { return };
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let models = numbered(rows.iter().flat_map(|row| [row[2], row[3]]));
    let contests = rows.iter().map(|row| Contest {
        a: models[row[2]],
        b: models[row[3]],
        outcome: Outcome::of(row[4]).unwrap(),
        count: 1,
    });
    let fit = bradley_terry(&contests.collect::<Vec<_>>()).unwrap();
    assert_eq!(fit.comparisons.iter().sum::<u64>(), 2 * 3_355);
    for (at, (model, strength, error)) in PEER.into_iter().enumerate() {
        assert_eq!(models[model] as usize, at);
        assert!((fit.strengths[at] - strength).abs() < 1e-8, "{model}: {}", fit.strengths[at]);
        assert!((fit.log_error(at).unwrap() - error).abs() < 1e-8, "{model}: {:?}", fit.log_error(at));
    }
}
