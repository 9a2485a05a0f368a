//! The files that `hitl init` writes: short, commented, ready to be edited.

use std::fmt::Write as _;

use crate::record::{Policy, Task, TaskType};

const HEAD: &str = "\
# What is asked about items, and which labels are valid. `hitl commit` checks every label against it.
# Edit it, then `git commit` it: each batch keeps the digest of the schema it was made under.
format: 1
";

const EXAMPLE: &str = "
# One question per task. For example:
#
# tasks:
#   sentiment:
#     type: categorical
#     classes: [negative, neutral, positive]
#     question: How does the writer feel about the product?
#
# Types: categorical, multilabel, ordinal (classes from lowest to highest), rating and numeric (min, max), span, box,
# preference, ranking, text.
tasks: {}
";

const ACCEPT: &str = "
# Which corrections are learned from; `hitl status` says which are not. These are the defaults:
# corrections:
#   accept:
#     max_similarity: 0.95         # more similar changes too little; 1 lets every change pass
#     min_length: 10               # characters of the corrected text
#     min_labeler_agreement: 0.7   # share of a labeler's judged corrections that were upheld
";

const CHECKS: &str = "
# What `hitl check` asks of a change before it is merged: error, warning or off. For example:
# checks:
#   authorisation: error         # everybody does only what their role in labelers.yaml lets them
#   agreement: {floor: 0.667}    # Krippendorff's alpha of the items a change touches, by the low end of its interval
#   gold: {min_accuracy: 0.8}    # right answers on items with a known label
";

const OPTIONS: &str =
    "    # require_guideline: true   # every new label names the guideline version it was made under
    # require_rationale: true   # every new label says why
";

const LABELERS: &str = "\
# Who labels. Ids stand in the ledger for good: use pseudonyms, and keep real names elsewhere.
format: 1

# true refuses labels of anybody who is not listed here.
closed: false

# For example:
#
# labelers:
#   w01:
#     kind: human               # human, model or gold
#     aliases: [w01@tool]       # what exports call them
#     status: active            # suspended and retired refuse new labels
#     roles: [labeler]          # or adjudicator, curator, validator, maintainer; asked for once anybody has one
#     keys:                     # public keys that sign for them; whoever has one must sign
#       - ssh-ed25519 AAAA...
#
# `hitl labelers add w01` adds one, and keeps their name outside history with --name.
labelers: {}
";

/// Returns a commented `hitl.yaml` that declares `tasks`; reading it gives them back.
pub fn emit_initial(tasks: &[Task]) -> String {
    if tasks.is_empty() {
        return format!("{HEAD}{EXAMPLE}{CHECKS}");
    }
    let mut out = format!("{HEAD}\n# One question per task.\ntasks:\n");
    for task in tasks {
        write_task(&mut out, task).expect("writing to a String never fails");
    }
    if tasks.iter().any(|task| task.kind == TaskType::Text) {
        out.push_str(ACCEPT);
    }
    out.push_str(CHECKS);
    out
}

/// Returns a commented `labelers.yaml` that declares nobody.
pub fn emit_initial_labelers() -> String {
    LABELERS.to_owned()
}

fn write_task(out: &mut String, task: &Task) -> std::fmt::Result {
    writeln!(out, "  {}:\n    type: {}", scalar(&task.name), task.kind.as_str())?;
    if !task.classes.is_empty() {
        let classes: Vec<String> = task.classes.iter().map(|class| scalar(class)).collect();
        let order = if task.kind.as_str() == "ordinal" { "   # from lowest to highest" } else { "" };
        writeln!(out, "    classes: [{}]{order}", classes.join(", "))?;
    }
    for (name, bound) in [("min", task.min), ("max", task.max)] {
        if let Some(bound) = bound {
            writeln!(out, "    {name}: {bound}")?;
        }
    }
    match &task.question {
        Some(question) => writeln!(out, "    question: {}", scalar(question))?,
        None => writeln!(out, "    # question: What are labelers asked?")?,
    }
    for (name, flag) in
        [("require_guideline", task.require_guideline), ("require_rationale", task.require_rationale)]
    {
        if flag {
            writeln!(out, "    {name}: true")?;
        }
    }
    if task.policy != Policy::default() {
        writeln!(out, "    policy: {}", task.policy.as_str())?;
    } else {
        writeln!(
            out,
            "    # policy: majority          # or unanimous, latest: how an item's labels become one"
        )?;
    }
    if !task.require_guideline && !task.require_rationale {
        out.push_str(OPTIONS);
    }
    Ok(())
}

/// Returns `text` plain where every YAML reader takes it for that text, else in double quotes.
pub(super) fn scalar(text: &str) -> String {
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(' ')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.' | '?' | '/' | '+' | '='));
    let taken =
        ["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(&text.to_lowercase().as_str());
    if word && !taken { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if crate::base::text::is_hidden(c) || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
