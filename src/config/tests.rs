//! Every fault is found in one go and stands where it is.

use proptest::prelude::*;

use super::*;
use crate::record::{Acceptance, LabelerKind, Policy, Task, TaskType};

fn faults(text: &str) -> String {
    Config::parse(text).unwrap_err().to_string()
}

#[test]
fn a_config_is_read() {
    let config = Config::parse(
        "format: 1\ntasks:\n  tone:\n    type: ordinal\n    classes: [1, 02, high]\n    question: How?\n    \
         require_guideline: true\n    policy: latest\n  score: {type: rating, min: 1, max: 5.5}\n  free: {type: text}\n",
    )
    .unwrap();
    let [tone, score, free] = &config.tasks[..] else { panic!("three tasks") };
    let classes = ["1", "02", "high"].map(str::to_owned).to_vec();
    assert_eq!(
        *tone,
        Task {
            question: Some("How?".into()),
            require_guideline: true,
            policy: Policy::Latest,
            ..Task::new("tone", TaskType::Ordinal, classes)
        }
    );
    assert_eq!((score.min, score.max), (Some(1.0), Some(5.5)));
    assert_eq!(config.task("free"), Some(free));
    assert_eq!(config.task("Free"), None);
    assert_eq!(Config::parse("format: 1\ntasks:\n").unwrap(), Config::default());
    let windows = "\u{feff}format: 1\r\ntasks:\r\n  free: {type: text, max: 3}\r\n";
    let fault = Config::parse(windows).unwrap_err().0[0].clone();
    assert_eq!((fault.place.line, fault.line_text.as_str()), (3, "  free: {type: text, max: 3}"));
}

#[test]
fn what_is_accepted_of_corrections_has_defaults_and_bounds() {
    let of =
        |accept: &str| Config::parse(&format!("format: 1\ntasks: {{}}\ncorrections:\n  accept: {accept}\n"));
    assert_eq!(of("{}").unwrap().accept, Acceptance::default());
    let given = of("{max_similarity: 1, min_length: 0, min_labeler_agreement: 0.5}").unwrap().accept;
    assert_eq!(given, Acceptance { max_similarity: 1.0, min_length: 0, min_labeler_agreement: 0.5 });
    let faults =
        of("{max_similarity: 95, min_length: 1.5, min_labeler_agreement: -1, min_lenght: 3}").unwrap_err();
    assert_eq!(faults.0.len(), 4, "{faults}");
    assert!(faults.to_string().contains("`max_similarity` is a share from 0 to 1, not 95"), "{faults}");
    assert!(Config::parse("format: 1\ntasks: {}\ncorrections: {acept: {}}\n").is_err());
}

#[test]
fn checks_are_read_and_the_rest_keep_their_defaults() {
    let of = |checks: &str| {
        Config::parse(&format!("format: 1\ntasks: {{tone: {{type: text}}}}\nchecks: {checks}\n"))
    };
    assert_eq!(of("").unwrap().checks, Checks::default());
    let given = of("{authorisation: error, conflicts: off, integrity: warning}").unwrap().checks;
    let wanted = Checks {
        authorisation: Level::Error,
        conflicts: Level::Off,
        integrity: Level::Warning,
        ..Checks::default()
    };
    assert_eq!(given, wanted);
    let usual = AgreementRule {
        task: None,
        metric: "krippendorff_alpha".into(),
        over: Over::Changed,
        floor: Some(0.667),
        bound: Bound::Low,
        max_drop: None,
        min_overlap: 20,
        required: false,
        level: Level::Error,
    };
    assert_eq!(of("{agreement: {floor: 0.667}}").unwrap().checks.agreement, std::slice::from_ref(&usual));
    let second = AgreementRule {
        task: Some("tone".into()),
        metric: "gwet_ac1".into(),
        over: Over::All,
        floor: None,
        bound: Bound::Value,
        max_drop: Some(0.05),
        min_overlap: 7,
        required: true,
        level: Level::Warning,
    };
    let two = "{agreement: [{floor: 0.667}, {task: tone, metric: gwet_ac1, over: all, bound: value, max_drop: 0.05, \
               min_overlap: 7, required: true, level: warning}], gold: {min_accuracy: 0.8}, unresolved: {max_share: 0, \
               level: warning}, confirmed: {max_share: 1, min_rows: 9}, balance: {max_shift: 0.1}}";
    let checks = of(two).unwrap().checks;
    assert_eq!(checks.agreement, [usual, second]);
    let rule = |share, at_least, level| Some(ShareRule { share, at_least, level });
    assert_eq!(checks.gold, rule(0.8, 20, Level::Error));
    assert_eq!(checks.unresolved, rule(0.0, 20, Level::Warning));
    assert_eq!(checks.confirmed, rule(1.0, 9, Level::Error));
    assert_eq!(checks.balance, rule(0.1, 50, Level::Error));
}

#[test]
fn every_fault_of_checks_is_placed() {
    let text = "\
format: 1
checks:
  integrity: off
  append_only: off
  authorization: error
  conflicts: maybe
  complete: [error]
  agreement:
    - {task: tome, metric: kappa, over: every, bound: high, floor: 2, max_drop: -1, min_overlap: 0, required: 1}
    - {min_overlap: 2.5, level: fatal}
    - floor
    - {task: tags, floor: 0.5}
  gold: {min_acuracy: 0.8}
  unresolved: {max_share: 80}
  confirmed: error
  balance: {max_shift: much, min_rows: many}
tasks:
  tone: {type: text}
  tags: {type: multilabel, classes: [a, b]}
";
    insta::assert_snapshot!(faults(text), @"
    hitl.yaml:3:14: `integrity` cannot be switched off; without it nobody can tell what else holds; `warning` lets a change pass
    hitl.yaml:4:16: `append_only` cannot be switched off; without it nobody can tell what else holds; `warning` lets a change pass
    hitl.yaml:5:3: unknown field `authorization`; did you mean `authorisation`?
    hitl.yaml:6:14: `maybe` is no level; one of error, warning, off
    hitl.yaml:7:13: `level` is a word, not a list; one of error, warning, off
    hitl.yaml:9:14: `tome` is no task of this file; did you mean `tone`?
    hitl.yaml:9:28: `kappa` is no metric; one of krippendorff_alpha, fleiss_kappa, gwet_ac1, brennan_prediger, percent_agreement
    hitl.yaml:9:41: `every` is no word for `over`; one of changed, all
    hitl.yaml:9:55: `high` is no word for `bound`; one of low, value
    hitl.yaml:9:68: `floor` is from -1 to 1, not 2
    hitl.yaml:9:81: `max_drop` is from 0 to 2, not -1
    hitl.yaml:9:98: `min_overlap` is a whole number from 1 on, not 0
    hitl.yaml:9:111: `required` is true or false, not `1`
    hitl.yaml:10:7: a rule for agreement that asks nothing; write `floor: 0.667`, or `max_drop: 0.05`
    hitl.yaml:10:21: `min_overlap` is a whole number from 1 on, not 2.5
    hitl.yaml:10:33: `fatal` is no level; one of error, warning, off
    hitl.yaml:11:7: `floor` where a rule for agreement should be
    hitl.yaml:12:14: labels of task `tags` are lists: `hitl agreement` has coefficients of their own, and no rule names them; leave the rule out: without `task`, a rule passes over such tasks
    hitl.yaml:13:9: `gold` without `min_accuracy`; write `gold: {min_accuracy: 0.8}`
    hitl.yaml:13:10: unknown field `min_acuracy`; did you mean `min_accuracy`?
    hitl.yaml:14:27: `max_share` is from 0 to 1, not 80
    hitl.yaml:15:14: `error` where a table with `max_share` should be
    hitl.yaml:16:24: `max_shift` is a number, not `much`
    hitl.yaml:16:40: `min_rows` is a number, not `many`
    ");
}

#[test]
fn all_faults_are_reported_at_once() {
    let text = "\
format: 1
taks: {}
tasks:
  Tone:
    type: catgorical
    classes: [a]
  score:
    type: rating
    min: 5
    max: 1
    clases: [a, b]
  kind:
    type: categorical
    classes: [Cat, dog, cat, dog, ~, \"\", \" x\"]
    require_guideline: yes
    policy: majorty
  empty:
    type: ordinal
  none: 3
  free:
    type: text
    classes: [a]
    min: many
";
    insta::assert_snapshot!(faults(text), @r#"
    hitl.yaml:2:1: unknown field `taks`; did you mean `tasks`?
    hitl.yaml:4:3: `Tone` is not a task name: lowercase letters, digits, `-` and `_`, starting with a letter or digit, at most 63
    hitl.yaml:5:11: `catgorical` is no task type; did you mean `categorical`?
    hitl.yaml:10:10: `max` 1 is below `min` 5
    hitl.yaml:11:5: unknown field `clases`; did you mean `classes`?
    hitl.yaml:14:25: classes `Cat` and `cat` differ in case alone
    hitl.yaml:14:30: class `dog` is listed twice
    hitl.yaml:14:35: nothing in the list `classes`; a word that YAML takes for nothing needs quotes: "null"
    hitl.yaml:14:38: a class without a name
    hitl.yaml:14:42: class " x" holds white space at its ends or hidden characters
    hitl.yaml:15:24: `require_guideline` is true or false, not `yes`
    hitl.yaml:16:13: `majorty` is no policy; did you mean `majority`?
    hitl.yaml:17:3: task `empty` is ordinal and has no `classes`; write `classes: [first, second]`
    hitl.yaml:19:9: `3` where a task's fields should be
    hitl.yaml:22:14: a task of type text has no classes
    hitl.yaml:23:10: `min` is a number, not `many`
    hitl.yaml:23:10: a task of type text has no range
    "#);
    let fault = Config::parse(text).unwrap_err().0[3].clone();
    assert_eq!(
        (fault.line_text.as_str(), fault.place),
        ("    max: 1", Place { line: 10, column: 10, length: 1 })
    );
}

#[test]
fn a_text_that_is_no_yaml_has_one_fault() {
    let texts = [
        "format: 1\ntasks: [\n",
        "format: 1\nformat: 1\n",
        "",
        "format: 2\n",
        "- a\n",
        "format: 1\ntasks:\n  a: {type: text}\n  a: {type: text}\n",
        "format: 1\ntasks: &a {b: *a}\n",
        "format: 1\ntasks: {t: {type: text, question: {a: b}, policy: [a]}}\n",
    ];
    let all: Vec<String> = texts.into_iter().map(faults).collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    hitl.yaml:2:8: unclosed bracket '['
    hitl.yaml:2:1: `format` is written twice
    hitl.yaml:1:1: `format` is missing; write `format: 1` first
    hitl.yaml:1:9: format 2 was written for a newer hitl; upgrade
    hitl.yaml:1:1: a list where a table of fields should be
    hitl.yaml:4:3: `a` is written twice
    hitl.yaml:2:15: recursive references require weak recursion types
    hitl.yaml:2:35: `question` is text, not a table
    hitl.yaml:2:51: `policy` is a word, not a list; one of majority, unanimous, latest, weighted, dawid-skene, one-coin, glad, mace
    "#);
}

#[test]
fn labelers_are_read() {
    let text = "closed: true\nlabelers:\n  w01: {aliases: [ana@tool, 17], tasks: [tone], status: suspended}\n  m-1: {kind: model}\n";
    let config = Config { tasks: vec![Task::new("tone", TaskType::Text, vec![])], ..Config::default() };
    let labelers = Labelers::parse(text, Some(&config)).unwrap();
    assert!(labelers.closed);
    assert_eq!(labelers.labelers["w01"].status, Status::Suspended);
    assert_eq!(labelers.labelers["m-1"].kind, LabelerKind::Model);
    let aliases: Vec<_> = labelers.aliases().into_iter().collect();
    assert_eq!(aliases, [("17".into(), "w01".into()), ("ana@tool".into(), "w01".into())]);
    assert_eq!(Labelers::parse("", None).unwrap(), Labelers::default());
}

#[test]
fn faults_of_labelers_are_placed() {
    let text = "\
closed: maybe
labelers:
  ana: {aliases: [a1, bob, ana], kind: person}
  bob: {aliases: [a1], alias: [b], tasks: [tome]}
  \"c\\u202ed\": {status: gone, roles: lead}
";
    let config = Config { tasks: vec![Task::new("tone", TaskType::Text, vec![])], ..Config::default() };
    insta::assert_snapshot!(Labelers::parse(text, Some(&config)).unwrap_err(), @r#"
    labelers.yaml:1:9: `closed` is true or false, not `maybe`
    labelers.yaml:3:23: `bob` is another labeler's id
    labelers.yaml:3:28: `ana` is this labeler's own id
    labelers.yaml:3:40: `person` is no labeler kind; one of human, model, gold
    labelers.yaml:4:19: `a1` is already an alias of `ana`
    labelers.yaml:4:24: unknown field `alias`; did you mean `aliases`?
    labelers.yaml:4:44: `tome` is no task of hitl.yaml; did you mean `tone`?
    labelers.yaml:5:3: the labeler id holds the hidden character U+202E
    labelers.yaml:5:24: `gone` is no status; one of active, suspended, retired
    labelers.yaml:5:37: `roles` is a list, not `lead`; write [lead]
    "#);
}

#[test]
fn initial_files_are_read_back() {
    let classes = ["negative", "no", "4", "très bon", "a b", "x: y", "\"q\""].map(str::to_owned).to_vec();
    let tasks = vec![
        Task { question: Some("How so?".into()), ..Task::new("tone", TaskType::Ordinal, classes) },
        Task {
            min: Some(1.0),
            max: Some(5.5),
            policy: Policy::Unanimous,
            ..Task::new("null", TaskType::Rating, vec![])
        },
        Task {
            require_guideline: true,
            require_rationale: true,
            ..Task::new("free", TaskType::Text, vec![])
        },
    ];
    let text = emit_initial(&tasks);
    assert_eq!(Config::parse(&text).unwrap().tasks, tasks, "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    assert_eq!(Config::parse(&emit_initial(&[])).unwrap(), Config::default());
    assert_eq!(Labelers::parse(&emit_initial_labelers(), None).unwrap(), Labelers::default());
}

#[test]
fn what_the_format_shows_as_examples_holds() {
    let page = include_str!("../../docs/format.md").split_once("## 8. ").unwrap().1;
    let block = |field: &str| {
        let mut blocks = page.split("```yaml\n").filter_map(|rest| rest.split("```").next());
        blocks.find(|block| block.lines().any(|line| line == field)).unwrap().to_owned()
    };
    let task = "format: 1\ntasks: {sentiment: {type: categorical, classes: [a, b]}}\n";
    let config = Config::parse(&format!("{task}{}", block("checks:"))).unwrap();
    let Checks { agreement, gold, unresolved, confirmed, balance, .. } = &config.checks;
    assert_eq!((agreement.len(), &agreement[0].task), (1, &Some("sentiment".to_owned())));
    assert!(gold.is_some() && unresolved.is_some() && confirmed.is_some() && balance.is_some());
    let levels = |checks: Checks| Checks {
        agreement: Vec::new(),
        gold: None,
        unresolved: None,
        confirmed: None,
        balance: None,
        ..checks
    };
    assert_eq!(levels(config.checks.clone()), levels(Checks::default()));
    let key = |c: char| format!("AAAAC3NzaC1lZDI1NTE5AAAAIJh8gxH6v3lq2yHh0m0yq5bZ0zqk6X0nq0Q2s0m0yq5{c}");
    let text = block("labelers:").replacen("AAAA...", &key('b'), 1).replacen("AAAA...", &key('c'), 1);
    let labelers = Labelers::parse(&text, Some(&config)).unwrap();
    assert_eq!(labelers.labelers["w01"].keys.len(), 2);
    assert_eq!(labelers.require_signed, Some(SignedAfter::Start));
}

#[test]
fn what_initial_files_show_as_examples_holds() {
    let example = |text: &str, from: &str| {
        let lines = text.split_once(from).unwrap().1.lines();
        let lines = lines.skip(1).map_while(|line| line.strip_prefix("# ")).collect::<Vec<_>>();
        format!("{}\n{}\n", from.trim_start_matches("# "), lines.join("\n"))
    };
    let checks =
        Config::parse(&format!("format: 1\n{}", example(&emit_initial(&[]), "# checks:"))).unwrap().checks;
    assert_eq!(
        (checks.authorisation, checks.agreement.len(), checks.gold.is_some()),
        (Level::Error, 1, true)
    );
    let key = "AAAAC3NzaC1lZDI1NTE5AAAAIJh8gxH6v3lq2yHh0m0yq5bZ0zqk6X0nq0Q2s0m0yq5b";
    let labelers = example(&emit_initial_labelers(), "# labelers:").replace("AAAA...", key);
    let labelers = Labelers::parse(&labelers, None).unwrap().labelers;
    assert_eq!((labelers["w01"].roles.len(), labelers["w01"].keys.len()), (1, 1));
}

proptest! {
    #[test]
    fn any_class_survives_the_initial_file(class in any::<String>(), question in any::<String>()) {
        let class = crate::base::text::nfc(&class).into_owned();
        prop_assume!(!class.trim().is_empty() && class.trim() == class && !class.chars().any(crate::base::text::is_hidden));
        prop_assume!(!question.is_empty());
        let task = Task { question: Some(question), ..Task::new("t", TaskType::Categorical, vec![class]) };
        let text = emit_initial(std::slice::from_ref(&task));
        prop_assert_eq!(Config::parse(&text).map(|config| config.tasks), Ok(vec![task]), "{}", text);
    }

    #[test]
    fn no_text_panics(text in "[a-z:\\- \n\\[\\]{},\"'&*!|>%@`~#0-9]{0,60}", any in any::<String>()) {
        for text in [text.clone(), any, format!("format: 1\ntasks:\n  {text}"), format!("format: 1\nchecks:\n  {text}"), format!("labelers: {{a: {text}}}")] {
            for fault in Config::parse(&text).err().into_iter().flat_map(|faults| faults.0) {
                prop_assert!(fault.place.line <= text.lines().count() + 1);
            }
            let _ = Labelers::parse(&text, None);
        }
    }
}
