//! `adjudicate`: what a decision changes, what was recorded; the items that need one.

use std::io::{self, Write};

use super::commit::{file_plan, outcome};
use super::{Cell, Style, Table, Tone, elide, percent, sanitize, shell_word, wrap};
use crate::adjudicate::{Decision, Disputed, Earlier, Given, State};
use crate::base::text;
use crate::ops::adjudicate::{AdjudicateReport, ListReport, TaskList};
use crate::record::Policy;

/// A label is cut to this many columns: one may be a whole text.
const LABEL: usize = 40;
/// Columns of an item's text that are shown, over several lines.
const TEXT: usize = 240;
/// At most this many decisions are told of one by one.
const LISTED: usize = 20;

/// Writes what was decided, or would be, and what that changes.
///
/// # Errors
/// Whatever writing meets.
pub fn adjudicate(report: &AdjudicateReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if report.one {
        one(report, style, out)?;
    } else {
        for file in &report.commit.files {
            file_plan(file, report.commit.dry_run, style, out)?;
        }
        several(report, style, out)?;
    }
    outcome(&report.commit, style, out)?;
    match &report.decisions[..] {
        [] => Ok(()),
        [first, ..] if report.commit.commit.is_some() => {
            let next = format!("hitl trace {}", shell_word(&first.item));
            writeln!(out, "its story: {}", style.paint(Tone::Id, &next))
        }
        _ => Ok(()),
    }
}

fn one(report: &AdjudicateReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let task = sanitize(&report.task);
    let Some(decision) = report.decisions.first() else {
        for stands in &report.stands {
            let (label, place) = (shown(stands.label.as_deref()), place(stands, style));
            writeln!(out, "{task}: {label} was decided before, {place}")?;
        }
        if report.attributes_differ() {
            let amend = style.paint(Tone::Id, "--amend");
            writeln!(out, "  its reason or another attribute differs; {amend} records that")?;
        }
        return Ok(());
    };
    let head = format!("{} of {}", task, sanitize(&decision.item));
    writeln!(out, "{}", style.paint(Tone::Heading, &head))?;
    writeln!(out, "  {}  {}", style.paint(Tone::Dim, "labels"), said(&decision.given))?;
    writeln!(out, "  {}  {}", style.paint(Tone::Dim, "before"), state(&decision.before, report.policy))?;
    writeln!(out, "  {}   {}", style.paint(Tone::Dim, "after"), state(&decision.after, report.policy))?;
    by(report, style, out)?;
    for earlier in &decision.supersedes {
        writeln!(out, "  supersedes {}, decided {}", shown(earlier.label.as_deref()), place(earlier, style))?;
    }
    not_settled(decision, style, out)
}

/// Says who decided, and by which guideline.
fn by(report: &AdjudicateReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    for batch in report.commit.files.iter().flat_map(|file| &file.batches) {
        let who = batch.labelers.iter().map(|one| sanitize(&one.id)).collect::<Vec<_>>().join(", ");
        let under = batch.guidelines.keys().filter(|key| !key.is_empty());
        let under: String = under.map(|key| format!(", under {}", sanitize(key))).collect();
        writeln!(out, "  {}      {who}{under}", style.paint(Tone::Dim, "by"))?;
    }
    Ok(())
}

/// Says where a decision does not settle its item.
fn not_settled(decision: &Decision, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if decision.settles {
        return Ok(());
    }
    let why = match decision.after.why {
        "conflict" => "another decision contradicts it, and neither is later",
        _ => "another decision has a later time",
    };
    let (note, item) = (style.paint(Tone::Warn, "note:"), sanitize(&decision.item));
    writeln!(out, "  {note} {} does not settle {item}: {why}", shown(decision.decided.as_deref()))
}

fn several(report: &AdjudicateReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if report.decisions.is_empty() {
        return Ok(());
    }
    let (all, changed) = (report.decisions.len(), report.decisions.iter().filter(|one| one.changes_label()));
    let changed = changed.count();
    writeln!(
        out,
        "  {}",
        text::plural(changed, "item comes to another label", "items come to another label")
    )?;
    let unknown = report.decisions.iter().filter(|one| one.is_unknown()).count();
    if unknown > 0 {
        let what = text::plural(unknown, "item is", "items are");
        let policy = report.policy.as_str();
        writeln!(out, "  {what} decided where {policy}, which looks at all items, chose before")?;
    }
    if changed + unknown < all {
        let rest = all - changed - unknown;
        writeln!(
            out,
            "  {}",
            text::plural(rest, "item keeps the one it had", "items keep the one they had")
        )?;
    }
    if report.superseding() > 0 {
        let what = text::plural(
            report.superseding(),
            "supersedes an earlier decision",
            "supersede earlier decisions",
        );
        writeln!(out, "  {what}")?;
    }
    let mut table = Table::new(&["", "", "", ""]).indented(4);
    for decision in report.decisions.iter().filter(|one| one.changes_label()).take(LISTED) {
        let side = |state: &State| match &state.label {
            Some(label) => Cell::from(elide(label, LABEL)),
            None => Cell::toned(Tone::Dim, format!("({})", none(state.why))),
        };
        let arrow = Cell::toned(Tone::Dim, "→");
        table.row([Cell::from(&decision.item), side(&decision.before), arrow, side(&decision.after)]);
    }
    table.write(style, out)?;
    if changed > LISTED {
        writeln!(out, "    … and {} more", text::thousands(changed - LISTED))?;
    }
    report.decisions.iter().try_for_each(|decision| not_settled(decision, style, out))
}

/// Returns when and where an earlier decision was made.
fn place(earlier: &Earlier, style: &Style) -> String {
    let when = earlier.created_at.map_or_else(|| "at a time not known".to_owned(), |time| time.minute());
    format!("{when} in record {}", style.paint(Tone::Id, &earlier.record.short()))
}

/// Returns a label, or that there is none.
fn shown(label: Option<&str>) -> String {
    label.map_or_else(|| "no label".to_owned(), |label| elide(&sanitize(label), LABEL).into_owned())
}

fn state(state: &State, policy: Policy) -> String {
    match &state.label {
        Some(label) => {
            let by = if state.why == "adjudication" {
                "decided".into()
            } else {
                format!("by {}", policy.as_str())
            };
            format!("{}, {by}", elide(&sanitize(label), LABEL))
        }
        None if state.why == "unknown" => format!("by {}, over all items: not told here", policy.as_str()),
        None => format!("no label: {}", none(state.why)),
    }
}

/// Returns why an item has no label.
fn none(why: &str) -> &'static str {
    match why {
        "tie" => "a tie",
        "disagreement" => "not unanimous",
        "conflict" => "in conflict",
        "no_label" => "decided to have none",
        "unknown" => "only all items together tell",
        _ => "nobody labelled it",
    }
}

/// Returns `positive 3 · negative 2`.
fn said(given: &[Given]) -> String {
    if given.is_empty() {
        return "none".to_owned();
    }
    let one = |given: &Given| format!("{} {}", shown(given.label.as_deref()), text::thousands(given.count));
    given.iter().map(one).collect::<Vec<_>>().join(" · ")
}

/// Writes the items that need a decision, the most disputed first.
///
/// # Errors
/// Whatever writing meets.
pub fn adjudicate_list(report: &ListReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if report.tasks.is_empty() {
        return writeln!(out, "nothing is disputed: there are no labels");
    }
    for (index, task) in report.tasks.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        task_list(task, style, out)?;
    }
    let next = report.tasks.iter().find_map(|task| Some((task, task.items.first()?)));
    let Some((task, first)) = next else { return Ok(()) };
    let chosen = match report.tasks.len() {
        1 => String::new(),
        _ => format!(" --task {}", shell_word(&task.task)),
    };
    let one = format!("hitl adjudicate {} LABEL -m WHY{chosen}", shell_word(&first.item));
    let form = format!("hitl adjudicate --list{chosen} --to FILE.csv");
    writeln!(out, "\nto decide one: {}", style.paint(Tone::Id, &one))?;
    writeln!(out, "to decide many: {} writes a form", style.paint(Tone::Id, &form))
}

fn task_list(task: &TaskList, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let settled = match task.settled {
        0 => String::new(),
        settled => format!(", {} settled before", text::thousands(settled)),
    };
    let need = text::plural(task.disputed, "item needs a decision", "items need a decision");
    let need = if task.disputed == 0 { "no item needs a decision".to_owned() } else { need };
    let name = style.paint(Tone::Heading, &sanitize(&task.task));
    writeln!(out, "{name}  {need}{settled}")?;
    if task.items.is_empty() {
        return Ok(());
    }
    if let Some(question) = &task.question {
        writeln!(out, "  {}", style.paint(Tone::Dim, &sanitize(question)))?;
    }
    task.items.iter().try_for_each(|disputed| item(disputed, task.policy, style, out))?;
    match task.left {
        0 => Ok(()),
        left => writeln!(out, "\n  … and {} more; --limit N lists them", text::thousands(left)),
    }
}

fn item(disputed: &Disputed, policy: Policy, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let name = style.paint(Tone::Id, &sanitize(&disputed.item));
    writeln!(out, "\n  {name}  {}", said(&disputed.given))?;
    if !disputed.decided.is_empty() {
        writeln!(out, "    {} {}", style.paint(Tone::Warn, "decided:"), said(&disputed.decided))?;
    }
    let until = match &disputed.label {
        Some(label) => format!("{} by {} until then", elide(&sanitize(label), LABEL), policy.as_str()),
        None if policy.is_joint() => format!("by {} until then", policy.as_str()),
        None => format!("no label until then: {}", none(disputed.needs.as_str())),
    };
    let line = format!("{} of pairs agree; {until}", percent(disputed.agreement));
    writeln!(out, "    {}", style.paint(Tone::Dim, &line))?;
    let Some(words) = &disputed.text else { return Ok(()) };
    for line in wrap(&elide(&sanitize(words), TEXT), style.width.saturating_sub(4)) {
        writeln!(out, "    {line}")?;
    }
    Ok(())
}
