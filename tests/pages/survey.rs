//! What a survey says of a ledger, held against what the verbs say of it.

use hitl::dataset::{At, Dataset};
use hitl::ops::survey::survey;
use hitl::survey::TaskSurvey;
use serde_json::{Value, json};

use crate::repo::Repo;
use crate::{surveyed, world};

/// Fails unless every week has the value that `hitl agreement --by week` gives it, with its interval.
#[track_caller]
fn weeks_are_as_measured(task: &TaskSurvey, report: &Value) {
    let weeks = report["views"].as_array().unwrap().iter().find(|view| view["by"] == "week").unwrap();
    let groups = weeks["groups"].as_array().unwrap();
    assert!(!groups.is_empty());
    for group in groups {
        let week = task.weeks.iter().find(|week| group["group"] == json!(week.monday));
        let week = week.unwrap_or_else(|| panic!("{group}"));
        let metrics = group["metrics"].as_array().unwrap();
        let of_all = |metric: &&Value| {
            metric["metric"].as_str().unwrap().starts_with(task.metric) && metric["params"]["pair"].is_null()
        };
        let measured = metrics.iter().find(of_all).unwrap_or_else(|| panic!("{group}"));
        assert_eq!(
            json!(week.agreement.map(|value| value.value)),
            measured["value"],
            "{}: {group}",
            task.task
        );
        let ends = [measured["ci_low"].clone(), measured["ci_high"].clone()];
        let interval = week.agreement.and_then(|value| value.interval);
        assert_eq!(interval.map_or([Value::Null, Value::Null], |ends| ends.map(|end| json!(end))), ends);
    }
}

#[test]
fn a_survey_tells_what_people_did() {
    let survey = surveyed();
    let tasks: Vec<&str> = survey.tasks.iter().map(|task| task.task.as_str()).collect();
    assert_eq!(tasks, ["fluency", "stars", "tone"]);
    let tone = &survey.tasks[2];
    assert_eq!((tone.volume.labels, tone.volume.items, tone.volume.labelers), (484, 160, 4));
    assert_eq!(tone.weeks.len(), 8);
    assert_eq!(tone.weeks[0].monday, "2025-04-07");
    assert_eq!(tone.weeks[0].volume.labelers, 3);
    let revised: u64 = tone.revised.cells.iter().map(|cell| cell.count).sum();
    assert_eq!(revised, 4, "{:?}", tone.revised);
    let adjudicated: u64 = tone.adjudicated.cells.iter().map(|cell| cell.count).sum();
    assert_eq!(adjudicated, 5, "three who labelled one item, and two the other: {:?}", tone.adjudicated);
    let follower = tone.labelers.iter().find(|labeler| labeler.labeler == world::SCRIPT).unwrap();
    assert_eq!((follower.labels, follower.confirmed), (80, 80));
    // Labels without a time are of the week they were recorded in.
    assert_eq!(survey.tasks[1].weeks[0].monday, "2025-06-02");
}

/// What each part of the survey says is what the verbs say of it.
#[test]
fn a_survey_agrees_with_the_verbs() {
    let repo = world::ledger();
    let dataset = Dataset::open(repo.dir()).unwrap();
    let survey = survey(&dataset, &At::default(), Some(&["tone".to_owned()].into())).unwrap();
    let [tone] = &survey.tasks[..] else { panic!("one task") };
    let report = repo.json("agreement --task tone --by week");
    weeks_are_as_measured(tone, &report);
    for pair in &tone.grid.pairs {
        let metric = report["metrics"].as_array().unwrap().iter().find(|metric| {
            metric["metric"] == "cohen_kappa.pair" && metric["params"]["pair"] == json!([pair.a, pair.b])
        });
        let metric = metric.unwrap_or_else(|| panic!("{pair:?}"));
        assert_eq!(
            (json!(pair.kappa), json!(pair.items)),
            (metric["value"].clone(), metric["n_items"].clone())
        );
    }
    let disputed = report["disputed"].as_array().unwrap();
    for (ours, theirs) in tone.disputed.iter().zip(disputed) {
        assert_eq!(
            (json!(ours.item), json!(ours.agreement)),
            (theirs["item"].clone(), theirs["agreement"].clone())
        );
    }
}

#[test]
fn labels_of_every_type_are_measured() {
    let types =
        ["ordinal", "rating", "numeric", "multilabel", "span", "box", "ranking", "preference", "text"];
    let classes = |kind: &str| match kind {
        "ordinal" | "multilabel" | "span" | "box" => "    classes: [a, b, c]\n",
        "rating" => "    min: 0\n    max: 9\n",
        _ => "",
    };
    let task = |kind: &&str| format!("  {kind}s:\n    type: {kind}\n{}", classes(kind));
    let tasks: String = types.iter().map(task).collect();
    let repo = Repo::with_config(&format!("format: 1\ntasks:\n{tasks}"));
    for kind in types {
        let label = |number: usize| match kind {
            "preference" => json!(["a", "b", "tie"][number % 3]),
            "ordinal" | "text" => json!(["a", "b", "c"][number % 3]),
            "rating" | "numeric" => json!(number),
            "multilabel" => json!([["a"], ["b"], ["c"]][number % 3]),
            "span" => json!([{ "start": number, "end": 9, "label": "a" }]),
            "box" => json!([{ "x": 1, "y": number, "width": 4, "height": 6, "label": "a" }]),
            _ => json!([["x", "y", "z"], ["y", "x", "z"], ["z", "y", "x"]][number % 3]),
        };
        let row = |item: usize, labeler: &str, number: usize| {
            let day = 5 + item % 2 * 7;
            let (item, at) = (format!("i{item}"), format!("2025-05-{day:02}"));
            json!({ "item": item, "labeler": labeler, "label": label(number), "created_at": at }).to_string()
                + "\n"
        };
        let rows: String =
            (0..8).flat_map(|item| [row(item, "ana", item), row(item, "bo", item - item % 4 / 3)]).collect();
        repo.file("labels.jsonl", rows);
        repo.ok(&format!("commit labels.jsonl --task {kind}s"));
    }
    let dataset = Dataset::open(repo.dir()).unwrap();
    let survey = survey(&dataset, &At::default(), None).unwrap();
    assert_eq!(survey.tasks.len(), types.len());
    for task in &survey.tasks {
        assert_eq!((task.volume.labels, task.weeks.len(), task.disagreeing), (16, 2, 2), "{}", task.task);
        assert!(task.weeks[0].agreement.is_some(), "{}", task.task);
        let [pair] = &task.grid.pairs[..] else { panic!("one pair: {:?}", task.grid) };
        assert_eq!((pair.items, pair.agreeing), (8, 6), "{}", task.task);
        weeks_are_as_measured(task, &repo.json(&format!("agreement --by week --task {}", task.task)));
    }
}
