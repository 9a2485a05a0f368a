//! What changed between two ledgers: counts first, then the matrices, then row by row.

use std::io::{self, Write};

use super::corrected::correction_row;
use super::{Cell, Style, Table, Tone, elide, sanitize, width};
use crate::base::text::{count, thousands};
use crate::diff::{Counts, DiffReport, Op, Row, TaskDiff, Transition, Value};
use crate::record::Kind;

/// Labels that are shown as a matrix; more are listed cell by cell.
const MATRIX: usize = 7;
/// Listed cells, labelers, guidelines.
const LISTED: usize = 10;
/// Columns of a label where several share a line.
const LABEL: usize = 24;

/// Writes `report` for people; with `stat` its counts alone.
///
/// # Errors
/// Whatever writing meets.
pub fn diff(report: &DiffReport, stat: bool, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let names = format!("{} → {}", sanitize(&report.base), sanitize(&report.head));
    writeln!(out, "{}: {}", style.paint(Tone::Heading, &names), records(report))?;
    if report.tasks.is_empty() {
        return writeln!(out, "\nNo label differs.");
    }
    for task in &report.tasks {
        writeln!(out)?;
        task_counts(task, style, out)?;
        if !stat {
            rows(report.rows.iter().filter(|row| row.task == task.task), style, out)?;
        }
    }
    let more = report.rows_total - report.rows.len() as u64;
    if !stat && more > 0 {
        let note = format!("{} not listed; --limit lists more", count(more as usize, "more row"));
        writeln!(out, "\n{}", style.paint(Tone::Dim, &note))?;
    }
    Ok(())
}

fn records(report: &DiffReport) -> String {
    match (report.records.head_only.len(), report.records.base_only.len()) {
        (0, 0) => "the same records".to_owned(),
        (more, 0) => format!("{} more", count(more, "record")),
        (0, fewer) => format!("{} fewer", count(fewer, "record")),
        (more, fewer) => format!("{} more, {} fewer", count(more, "record"), thousands(fewer)),
    }
}

pub(super) fn tone(op: Op) -> Tone {
    match op {
        Op::Added | Op::Restored => Tone::Good,
        Op::TakenBack | Op::Removed => Tone::Bad,
        Op::Changed => Tone::Warn,
        Op::Superseded => Tone::Dim,
    }
}

fn task_counts(task: &TaskDiff, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let present: Vec<Op> = Op::ALL.into_iter().filter(|op| task.counts.get(*op) > 0).collect();
    let told = present.iter().map(|op| {
        let count = thousands(task.counts.get(*op) as usize);
        style.paint(tone(*op), &format!("{count} {}", op.words()))
    });
    let told = told.collect::<Vec<_>>().join(", ");
    let items = count(task.items as usize, "item");
    let name = style.paint(Tone::Heading, &sanitize(&task.task));
    match told.as_str() {
        "" => writeln!(out, "{name}: no label differs")?,
        told => writeln!(out, "{name}: {told}, on {items}")?,
    }
    let people = task.labelers.iter().map(|one| (one.labeler.as_str(), &one.counts)).collect();
    parts("labeler", people, &present, style, out)?;
    if task.guidelines.iter().any(|one| one.guideline.is_some()) {
        let guidelines = task
            .guidelines
            .iter()
            .map(|one| (one.guideline.as_deref().unwrap_or("(none given)"), &one.counts));
        parts("guideline", guidelines.collect(), &present, style, out)?;
    }
    if !task.transitions.is_empty() {
        writeln!(out, "\n  What labelers say, from the row's label to the column's")?;
        matrix(&task.transitions, "(none)", style, out)?;
    }
    resolved(task, style, out)
}

/// Writes the counts of each labeler, or of each guideline, most first.
fn parts(
    what: &str,
    mut parts: Vec<(&str, &Counts)>,
    present: &[Op],
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    if parts.is_empty() {
        return Ok(());
    }
    parts.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.total()));
    let heads: Vec<String> = present.iter().map(|op| format!(">{}", op.words())).collect();
    let heads: Vec<&str> = [what].into_iter().chain(heads.iter().map(String::as_str)).collect();
    let mut table = Table::new(&heads);
    for (name, counts) in parts.iter().take(LISTED) {
        let cells = present.iter().map(|op| number(counts.get(*op)));
        table.row([Cell::toned(Tone::Id, name)].into_iter().chain(cells));
    }
    writeln!(out)?;
    table.write(style, out)?;
    and_more(parts.len(), out)
}

fn and_more(all: usize, out: &mut impl Write) -> io::Result<()> {
    if all > LISTED { writeln!(out, "  and {} more", thousands(all - LISTED)) } else { Ok(()) }
}

fn number(count: u64) -> Cell {
    if count == 0 { Cell::toned(Tone::Dim, "·") } else { thousands(count as usize).into() }
}

fn resolved(task: &TaskDiff, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let resolved = &task.resolved;
    if resolved.joint {
        return writeln!(
            out,
            "\n  What items resolve to depends on all items at once ({}):\n  snapshots of both sides tell",
            resolved.policy
        );
    }
    let parts: Vec<String> = [
        (resolved.changed, "changed"),
        (resolved.became_resolved, "became resolved"),
        (resolved.became_unresolved, "became unresolved"),
    ]
    .iter()
    .filter(|(items, _)| *items > 0)
    .map(|(items, what)| format!("{} {what}", thousands(*items as usize)))
    .collect();
    let policy = resolved.policy;
    if parts.is_empty() {
        return writeln!(out, "\n  No item resolves to another label ({policy})");
    }
    writeln!(out, "\n  What items resolve to ({policy}): {}", parts.join(", "))?;
    matrix(&resolved.transitions, "(unresolved)", style, out)
}

/// Writes the changed cells of a matrix, or a list of them when it would be too wide.
pub(super) fn matrix(
    cells: &[Transition],
    none: &str,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut labels: Vec<Option<&str>> =
        cells.iter().flat_map(|cell| [cell.before.as_deref(), cell.after.as_deref()]).collect();
    labels.sort_by_key(|label| (label.is_none(), *label));
    labels.dedup();
    let names: Vec<&str> = labels.iter().map(|label| label.unwrap_or(none)).collect();
    let wide: usize = names.iter().map(|name| width(&sanitize(name)) + 2).sum();
    if labels.len() > MATRIX
        || wide + names.iter().map(|name| width(name)).max().unwrap_or(0) + 2 > style.width
    {
        return list(cells, none, style, out);
    }
    let heads: Vec<String> = names.iter().map(|name| format!(">{}", sanitize(name))).collect();
    let heads: Vec<&str> = [""].into_iter().chain(heads.iter().map(String::as_str)).collect();
    let mut table = Table::new(&heads);
    for (before, name) in labels.iter().zip(&names) {
        let count = |after: &Option<&str>| {
            let same =
                |cell: &&Transition| cell.before.as_deref() == *before && cell.after.as_deref() == *after;
            cells.iter().find(same).map_or(0, |cell| cell.count)
        };
        let line: Vec<u64> = labels.iter().map(count).collect();
        if line.iter().any(|count| *count > 0) {
            table.row([Cell::from(name)].into_iter().chain(line.into_iter().map(number)));
        }
    }
    table.write(style, out)
}

fn list(cells: &[Transition], none: &str, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let mut largest: Vec<&Transition> = cells.iter().collect();
    largest.sort_by_key(|cell| std::cmp::Reverse(cell.count));
    let mut table = Table::new(&[">", "", "", ""]);
    for cell in largest.iter().take(LISTED) {
        let name = |label: &Option<String>| Cell::from(label.as_deref().unwrap_or(none));
        table.row([number(cell.count), name(&cell.before), "→".into(), name(&cell.after)]);
    }
    table.write(style, out)?;
    and_more(cells.len(), out)
}

fn rows<'a>(rows: impl Iterator<Item = &'a Row>, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new(&["", "item", "labeler", "label"]);
    let (corrections, rows): (Vec<&Row>, Vec<&Row>) = rows.partition(|row| row.kind == Kind::Corrections);
    if !corrections.is_empty() {
        writeln!(out)?;
        corrections.into_iter().try_for_each(|row| correction_row(row, style, out))?;
    }
    for row in rows {
        let op = Cell::toned(tone(row.op), row.op.words());
        table.row([op, Cell::from(&row.item), Cell::from(&row.labeler), change(row).into()]);
    }
    if table.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    table.write(style, out)
}

/// Returns what a row's key came from and went to.
fn change(row: &Row) -> String {
    let (before, after) = (value(&row.before), value(&row.after));
    let text = match row.op {
        Op::Added | Op::Restored if row.before == Value::None => after,
        Op::TakenBack | Op::Removed if row.after == Value::None => before,
        Op::Superseded => format!("{after}, said again"),
        _ if row.before == row.after => format!("{after} still stands"),
        _ => format!("{before} → {after}"),
    };
    format!("{text}{}", because(row))
}

/// Returns what made a change happen, where that is not a later judgement.
pub(super) fn because(row: &Row) -> &'static str {
    match (row.op, row.cause) {
        (Op::Changed, Op::TakenBack) => " (taken back)",
        (Op::Changed, Op::Removed) => " (removed)",
        (Op::Changed, Op::Restored) => " (restored)",
        _ => "",
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::None => "(none)".to_owned(),
        Value::Label { label } => elide(&sanitize(label), LABEL).into_owned(),
        Value::Abstained => "(abstained)".to_owned(),
        Value::Conflict { labels } => {
            let label =
                |label: &Option<String>| sanitize(label.as_deref().unwrap_or("(abstained)")).into_owned();
            let all = labels.iter().map(label).collect::<Vec<_>>().join(" or ");
            format!("in conflict: {}", elide(&all, LABEL))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{GuidelineCounts, LabelerCounts, Records, Resolutions};

    fn label(text: &str) -> Value {
        Value::Label { label: text.into() }
    }

    fn row(op: Op, cause: Op, item: &str, labeler: &str, before: Value, after: Value) -> Row {
        Row {
            op,
            cause,
            task: "tone".into(),
            item: item.into(),
            kind: Kind::Labels,
            labeler: labeler.into(),
            guideline: Some("tone@2".into()),
            before,
            after,
            base: None,
            head: None,
        }
    }

    fn cell(before: Option<&str>, after: Option<&str>, count: u64) -> Transition {
        Transition { before: before.map(str::to_owned), after: after.map(str::to_owned), count }
    }

    fn report() -> DiffReport {
        let rows = vec![
            row(Op::Changed, Op::Superseded, "demo-003", "ana", label("neutral"), label("positive")),
            row(Op::Added, Op::Added, "demo-007", "bob\u{1b}[2J", Value::None, label("negative")),
            row(Op::TakenBack, Op::TakenBack, "demo-009", "eve", label("positive"), Value::None),
            row(Op::Changed, Op::TakenBack, "demo-010", "eve", label("positive"), label("neutral")),
            row(Op::Superseded, Op::Superseded, "demo-011", "ana", label("neutral"), label("neutral")),
        ];
        let counts = Counts { added: 1200, changed: 2, superseded: 1, taken_back: 1, ..Counts::default() };
        let ana = Counts { changed: 1, superseded: 1, ..Counts::default() };
        let eve = Counts { changed: 1, taken_back: 1, ..Counts::default() };
        let task = TaskDiff {
            task: "tone".into(),
            counts,
            items: 1203,
            labelers: vec![
                LabelerCounts { labeler: "ana".into(), counts: ana },
                LabelerCounts { labeler: "eve".into(), counts: eve },
            ],
            guidelines: vec![GuidelineCounts { guideline: Some("tone@2".into()), counts }],
            transitions: vec![
                cell(None, Some("negative"), 1200),
                cell(Some("neutral"), Some("positive"), 1),
                cell(Some("positive"), None, 1),
                cell(Some("positive"), Some("neutral"), 1),
            ],
            resolved: Resolutions {
                policy: "majority",
                min_labels: 1,
                changed: 2,
                joint: false,
                became_resolved: 0,
                became_unresolved: 1,
                transitions: vec![
                    cell(Some("neutral"), Some("positive"), 2),
                    cell(Some("positive"), None, 1),
                ],
            },
        };
        DiffReport {
            schema: "hitl.diff/1",
            base: "main".into(),
            head: "week 46".into(),
            same: false,
            records: Records::default(),
            counts,
            tasks: vec![task],
            rows,
            rows_total: 1204,
        }
    }

    fn text(report: &DiffReport, stat: bool) -> String {
        let mut out = Vec::new();
        diff(report, stat, &Style::PLAIN, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn counts_then_matrices_then_rows() {
        insta::assert_snapshot!(text(&report(), false), @r#"
        main → week 46: the same records

        tone: 1,200 added, 2 changed, 1 superseded, 1 taken back, on 1,203 items

          labeler  added  changed  superseded  taken back
          ana          ·        1           1           ·
          eve          ·        1           ·           1

          guideline  added  changed  superseded  taken back
          tone@2     1,200        2           1           1

          What labelers say, from the row's label to the column's
                    negative  neutral  positive  (none)
          neutral          ·        ·         1       ·
          positive         ·        1         ·       1
          (none)       1,200        ·         ·       ·

          What items resolve to (majority): 2 changed, 1 became unresolved
                    neutral  positive  (unresolved)
          neutral         ·         2             ·
          positive        ·         ·             1

                      item      labeler       label
          changed     demo-003  ana           neutral → positive
          added       demo-007  bob\u{1b}[2J  negative
          taken back  demo-009  eve           positive
          changed     demo-010  eve           positive → neutral (taken back)
          superseded  demo-011  ana           neutral, said again

        1,199 more rows not listed; --limit lists more
        "#);
    }

    #[test]
    fn stat_has_no_rows() {
        let stat = text(&report(), true);
        assert!(!stat.contains("demo-003") && stat.contains("1,200 added"), "{stat}");
    }

    #[test]
    fn wide_matrices_are_listed() {
        let mut report = report();
        report.tasks[0].transitions =
            (0..12).map(|n| cell(None, Some(&format!("class number {n}")), 12 - n)).collect();
        assert!(text(&report, true).contains("and 2 more"));
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        let report = DiffReport { tasks: vec![], rows: vec![], rows_total: 0, ..report() };
        insta::assert_snapshot!(text(&report, false), @"
        main → week 46: the same records

        No label differs.
        ");
    }
}
