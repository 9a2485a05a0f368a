//! The main job on real crowd data, against values that other programs computed: agreement, majority, taking a labeler
//! back, re-answers. Needs `../shared/data`; prints what it skips without it.

#[path = "faults/project.rs"]
mod project;
#[path = "faults/sealed.rs"]
mod sealed;

use std::collections::BTreeMap;
use std::path::Path;

use project::{Project, shared};
use serde_json::Value;

/// A labeler of snow-rte who answered at random: 760 answers, 49.6 % of them right.
const CARELESS: &str = "A11GX90QFWDLMM";

fn expected(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap()
}

/// The value of a metric of an agreement report.
fn metric(report: &Value, name: &str, parameter: Option<(&str, &str)>) -> f64 {
    let fits = |metric: &&Value| {
        metric["metric"] == name && parameter.is_none_or(|(key, value)| metric["params"][key] == value)
    };
    let found = report["metrics"].as_array().unwrap().iter().find(fits);
    let found = found.unwrap_or_else(|| panic!("no {name} {parameter:?} in {}", report["metrics"]));
    found["value"].as_f64().unwrap_or_else(|| panic!("{found}"))
}

#[track_caller]
fn near(found: f64, wanted: &Value, what: &str) {
    let wanted = wanted.as_f64().unwrap_or_else(|| panic!("{what} is not in expected.json"));
    assert!((found - wanted).abs() < 1e-9, "{what}: {found}, expected {wanted}");
}

fn commit(project: &Project, file: &Path, args: &[&str]) -> Value {
    project.json(&[&["commit", file.to_str().unwrap()], args].concat())
}

/// New rows of a commit's report.
fn new_rows(report: &Value) -> u64 {
    let files = report["files"].as_array().unwrap();
    let batches = files.iter().flat_map(|file| file["batches"].as_array().unwrap());
    batches.map(|batch| batch["new"].as_u64().unwrap()).sum()
}

fn task<'a>(kind: &'a str, classes: &'a str) -> Vec<&'a str> {
    vec!["--task", "t", "--type", kind, "--classes", classes]
}

/// The columns of a small CSV file without quotes, by the first one.
fn by_first(csv: &str, column: &str) -> BTreeMap<String, String> {
    let mut lines = csv.lines();
    let position = lines.next().unwrap().split(',').position(|name| name == column).unwrap();
    let pair = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        (cells[0].to_owned(), cells[position].to_owned())
    };
    lines.map(pair).collect()
}

#[test]
fn agreement_on_snow_rte_is_what_other_programs_compute() {
    let Some(data) = shared("data") else { return };
    let folder = data.join("snow-rte");
    let project = Project::new(&task("categorical", "0,1"));
    commit(&project, &folder.join("items.jsonl"), &["--kind", "items"]);
    let report = commit(&project, &folder.join("labels.csv"), &[]);
    assert_eq!(new_rows(&report), 8000);
    let gold = commit(&project, &folder.join("gold.csv"), &["--labeler", "gold", "--labeler-kind", "gold"]);
    assert_eq!(new_rows(&gold), 800);

    let wanted = &expected(&folder)["agreement"];
    let labels = folder.join("labels.csv");
    let straight = project.json(&["agreement", labels.to_str().unwrap()]);
    for report in [project.json(&["agreement"]), straight] {
        near(
            metric(&report, "krippendorff_alpha", None),
            &wanted["krippendorff_alpha"]["nominal"]["value"],
            "α",
        );
        near(metric(&report, "fleiss_kappa", None), &wanted["fleiss_kappa"]["value"], "Fleiss");
        let observed = &wanted["observed_agreement"];
        for (average, name) in [(None, "mean_over_items"), (Some("pair_weighted"), "pooled_over_pairs")] {
            let average = average.map(|average| ("average", average));
            near(metric(&report, "percent_agreement", average), &observed[name], name);
        }
        let pairs = &wanted["cohen_kappa_pairwise"]["by_min_common_items"]["2"];
        near(metric(&report, "light_kappa", None), &pairs["mean"], "mean κ");
        let rated = report["metrics"].as_array().unwrap().iter();
        let rated =
            rated.filter(|metric| metric["metric"] == "cohen_kappa.pair" && !metric["value"].is_null());
        assert_eq!(rated.count() as u64, pairs["pairs"].as_u64().unwrap());
    }
}

#[test]
fn majority_on_snow_rte_has_the_known_ties_and_accuracy() {
    let Some(data) = shared("data") else { return };
    let folder = data.join("snow-rte");
    let project = Project::new(&task("categorical", "0,1"));
    commit(&project, &folder.join("labels.csv"), &[]);
    let snapshot = project.json(&["snapshot", "create", "v1", "--policy", "majority"]);
    let wanted = &expected(&folder)["consensus"]["majority_vote"];
    assert_eq!(snapshot["counts"]["ties"], wanted["items_with_tied_top"]);
    let out = project.repo.scratch().join("out");
    project.ok(&["snapshot", "export", "v1", "-o", out.to_str().unwrap(), "--to", "csv"]);
    let resolved = by_first(&std::fs::read_to_string(out.join("v1.csv")).unwrap(), "label");
    let gold = by_first(&std::fs::read_to_string(folder.join("gold.csv")).unwrap(), "gold");
    let right = resolved.iter().filter(|(item, label)| gold[*item] == **label).count();
    assert_eq!(resolved.len(), 735);
    let accuracy = right as f64 / resolved.len() as f64;
    near((accuracy * 1e10).round() / 1e10, &wanted["accuracy_untied_items_only"], "accuracy");
}

#[test]
fn reverting_a_labeler_equals_never_having_had_her() {
    let Some(data) = shared("data") else { return };
    let labels = data.join("snow-rte/labels.csv");
    let project = Project::new(&task("categorical", "0,1"));
    commit(&project, &labels, &[]);
    let split = ["--split", "train=0.8,val=0.1,test=0.1"];
    let digest = |project: &Project, name: &str| {
        project.json(&[&["snapshot", "create", name], &split[..]].concat())["digest"].clone()
    };
    let before = digest(&project, "before");
    let revert = project.json(&["revert", "--labeler", CARELESS, "-m", "answers at random"]);
    assert_eq!(revert["taken_back"], 760);
    let after = digest(&project, "after");
    assert_ne!(before, after);

    let text = std::fs::read_to_string(&labels).unwrap();
    let without: String =
        text.lines().filter(|line| !line.contains(CARELESS)).map(|line| format!("{line}\n")).collect();
    let never = Project::new(&task("categorical", "0,1"));
    let report = never.commit("without.csv", &without, &[]);
    assert_eq!(new_rows(&report), 8000 - 760);
    assert_eq!(digest(&never, "never"), after);

    // The next full export does not bring her back, and says so by its exit code.
    let again = project.hitl(&["commit", labels.to_str().unwrap(), "--format", "json"]);
    assert_eq!(again.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(new_rows(&report), 0);
    assert_eq!(report["files"][0]["batches"][0]["taken_back"][0]["rows"], 760);
    assert_eq!(report["files"][0]["batches"][0]["already_there"], 8000 - 760);
    // Nor do the exports of others that come later; and what was frozen before can still be rebuilt.
    assert_eq!(digest(&project, "later"), after);
    for name in ["before", "after"] {
        assert_eq!(project.json(&["snapshot", "verify", name])["ok"], true);
    }
    // Taking back the taking back is as if nothing had been.
    project.ok(&["revert", revert["record"].as_str().unwrap(), "-m", "she was not at random after all"]);
    assert_eq!(digest(&project, "restored"), before);
    project.sound();
}

#[test]
fn prodigy_re_answers_are_superseded_by_time() {
    let Some(data) = shared("data") else { return };
    let folder = data.join("prodigy");
    let project = Project::new(&task("categorical", "accept,reject,ignore"));
    let report = commit(&project, &folder.join("labels.csv"), &[]);
    let wanted = expected(&folder);
    let repeated = wanted["repeated_judgements"]["item_labeler_pairs"].as_u64().unwrap();
    assert_eq!((new_rows(&report), repeated), (3372, 55));
    let status = &project.json(&["status"])["tasks"][0];
    assert_eq!(status["labelers"]["human"], 42);
    assert_eq!((&status["judgements"], &status["conflicts"]), (&3372.into(), &0.into()));
    assert_eq!((&status["superseded"], &status["current"]), (&repeated.into(), &(3372 - repeated).into()));
    let alpha = |report: &Value| metric(report, "krippendorff_alpha", None);
    near(
        alpha(&project.json(&["agreement"])),
        &wanted["agreement"]["krippendorff_alpha"]["nominal"]["value"],
        "α",
    );

    // Where `ignore` is no answer: the same export with those rows left out, and with their labels left empty.
    let text = std::fs::read_to_string(folder.join("labels.csv")).unwrap();
    let left_out: String =
        text.lines().filter(|line| !line.contains(",ignore,")).map(|line| format!("{line}\n")).collect();
    let left_out_project = Project::new(&task("categorical", "accept,reject"));
    let report = left_out_project.commit("answers.csv", &left_out, &[]);
    assert_eq!(new_rows(&report), wanted["accept_reject_only"]["counts"]["rows"]);
    near(
        alpha(&left_out_project.json(&["agreement"])),
        &wanted["accept_reject_only"]["alpha"]["value"],
        "α of accept and reject",
    );
    let skipped = Project::new(&task("categorical", "accept,reject"));
    let report = skipped.commit("skips.csv", &text.replace(",ignore,", ",,"), &[]);
    assert_eq!(new_rows(&report), 3372, "a skip is a judgement too");
    let found = alpha(&skipped.json(&["agreement"]));
    assert!((0.5..0.54).contains(&found), "a later skip takes an answer's place: {found}");
}

#[test]
fn alpha_of_other_sets_is_what_other_programs_compute() {
    let Some(data) = shared("data") else { return };
    let nli =
        "contradiction,entailment,neutral,contradiction|entailment,contradiction|neutral,entailment|neutral";
    let likert = "-5,-4,-3,-2,-1,0,1,2,3,4,5";
    for (name, kind, classes) in [
        ("popquorn-offensiveness", "ordinal", "1,2,3,4,5"),
        ("bluebirds", "categorical", "0,1"),
        ("dog-4class", "categorical", "0,1,2,3"),
        ("hs-brexit", "categorical", "0,1"),
        ("crowdflower-relex", "categorical", "false,true"),
        ("paraphrase-likert", "ordinal", likert),
        ("varierr-nli", "categorical", nli),
    ] {
        let folder = data.join(name);
        let wanted = expected(&folder);
        let project = Project::new(&["--task", "t", "--type", kind, &format!("--classes={classes}")]);
        let report = commit(&project, &folder.join("labels.csv"), &[]);
        assert_eq!(new_rows(&report), wanted["counts"]["rows"], "{name}");
        let report = project.json(&["agreement"]);
        let alpha = metric(&report, "krippendorff_alpha", None);
        let level = if kind == "ordinal" { "ordinal" } else { "nominal" };
        near(alpha, &wanted["agreement"]["krippendorff_alpha"][level]["value"], name);
        assert_eq!(report["counts"]["items"], wanted["counts"]["items"], "{name}");
        project.sound();
    }
}

/// A folder of corrections: how many people there are, and who goes into the first of two batches.
type People = (&'static str, &'static str, &'static str, &'static [&'static str]);

#[test]
fn corrections_side_by_side_are_as_far_apart_as_other_programs_compute() {
    let Some(data) = shared("data") else { return };
    let sets: [People; 3] = [
        ("jfleg", "corrections_dev.jsonl", "dev", &["ref0", "ref1"]),
        ("jfleg", "corrections_test.jsonl", "test", &["ref0", "ref3"]),
        ("mucgec-dev", "corrections.jsonl", "", &["ref1", "ref3", "ref5", "ref7"]),
    ];
    for (name, file, part, first) in sets {
        let folder = data.join(name);
        let wanted = &expected(&folder)["text"];
        let wanted = if part.is_empty() { wanted } else { &wanted[part] };
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let of_first =
            |line: &&str| first.iter().any(|labeler| line.contains(&format!("\"labeler\": \"{labeler}\"")));
        let (one, other): (Vec<&str>, Vec<&str>) = text.lines().partition(of_first);
        let project = Project::new(&["--task", "fluency", "--type", "text"]);
        project.commit("one.jsonl", &one.join("\n"), &["--kind", "corrections"]);
        project.commit("other.jsonl", &other.join("\n"), &["--kind", "corrections"]);
        let report = project.json(&["diff", "HEAD~", "HEAD", "--limit", "1"]);
        let [a, b] = ["a", "b"].map(|side| report["parts"][0]["corrections"][side].clone());
        let count = |value: &Value| value.as_u64().unwrap();
        assert_eq!(count(&a["rows"]) + count(&b["rows"]), count(&wanted["rows"]), "{name}");
        assert_eq!(count(&a["changed"]) + count(&b["changed"]), count(&wanted["changed_rows"]), "{name}");
        let sum = |side: &Value| side["mean_distance"].as_f64().unwrap() * side["rows"].as_f64().unwrap();
        let rounded = |value: f64| (value * 1e10).round() / 1e10;
        let mean = (sum(&a) + sum(&b)) / wanted["rows"].as_f64().unwrap();
        near(rounded(mean), &wanted["mean_levenshtein_original_to_corrected"], "from the original");
        let together = &report["parts"][0]["corrections"]["together"];
        for (ours, theirs) in [
            ("items", "items_with_2_or_more_corrections"),
            ("items_some_equal", "items_where_2_or_more_agree_exactly"),
            ("items_all_equal", "items_where_all_agree_exactly"),
            ("pairs", "correction_pairs"),
            ("equal", "identical_pairs"),
        ] {
            assert_eq!(together[ours], wanted[theirs], "{name}: {ours}");
        }
        for (ours, theirs) in [
            ("share_equal", "share_identical_pairs"),
            ("mean_distance", "mean_levenshtein_between_corrections_of_one_item"),
        ] {
            near(rounded(together[ours].as_f64().unwrap()), &wanted[theirs], ours);
        }
        let states = project.json(&["diff", "HEAD..HEAD", "--kind", "corrections"]);
        assert_eq!((&states["same"], &states["a"]["rows"]), (&Value::Bool(true), &wanted["rows"]));
    }
}

/// Exports of choices: the file and the task it answers.
const LABEL_STUDIO: [(&str, &[&str]); 2] = [
    ("csv_test2.json", &["--task", "uri_selection", "--type", "text"]),
    ("csv_test_history.json", &["--task", "sentiment", "--classes", "Positive,Negative,Neutral"]),
];

#[test]
fn label_studio_choices_need_no_flag_but_for_the_people() {
    let Some(data) = shared("data") else { return };
    let folder = data.join("labelstudio-fixtures/test_export_csv");
    for (name, task) in LABEL_STUDIO {
        let file = folder.join(name);
        let project = Project::new(task);
        let said = project.fails(3, &["commit", file.to_str().unwrap()]);
        assert!(said.contains("--pseudonymize"), "{said}");
        let report = commit(&project, &file, &["--pseudonymize"]);
        assert_eq!(new_rows(&report), 1, "{name}: {report}");
        let labels = project.ok(&["labels", "--to", "csv"]);
        assert!(!labels.contains('@'), "{labels}");
        // The same person has the same pseudonym the next time, so nothing is new.
        assert_eq!(new_rows(&commit(&project, &file, &["--pseudonymize"])), 0);
        project.sound();
    }
}
