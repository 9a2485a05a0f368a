//! `commit`: the plan of each file, and what was written.

use std::io::{self, Write};
use std::sync::LazyLock;

use super::{Cell, Style, Table, Tone, elide, sanitize};
use crate::base::text;
use crate::ingest::ALIASES;
use crate::ops::commit::{BatchPlan, CommitReport, FilePlan};
use crate::record::{Kind, LabelerKind};

/// A label is cut to this many columns: one may be a whole text.
const LABEL: usize = 40;

/// At most this many labelers or labels are named.
const LISTED: usize = 8;

/// The table of column names that are understood, for `hitl commit --help`.
pub static ALIASES_HELP: LazyLock<String> = LazyLock::new(|| {
    let mut out = String::from(
        "Columns are understood by name; case, `_`, `-` and spaces do not matter. Of the lines of one field the first \
         that matches decides; two columns of one line are settled with --map. Other columns are not kept.\n\n",
    );
    let mut last = "";
    for alias in ALIASES {
        let field = if alias.field == last { "" } else { alias.field };
        let rows = match alias.rows {
            crate::ingest::For::Judgements | crate::ingest::For::Labels => "",
            crate::ingest::For::Adjudications => " (adjudications)",
            crate::ingest::For::Corrections => " (corrections)",
            crate::ingest::For::Items => " (items)",
        };
        let columns = format!("{}{rows}", alias.columns.join(", "));
        for (index, part) in super::wrap(&columns, 61).into_iter().enumerate() {
            let field = if index == 0 { field } else { "" };
            out.push_str(&format!("  {field:13} {part}\n"));
        }
        last = alias.field;
    }
    out
});

/// Writes what a commit did, or would do.
///
/// # Errors
/// Whatever writing meets.
pub fn commit(report: &CommitReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    for file in &report.files {
        file_plan(file, report.dry_run, style, out)?;
    }
    outcome(report, style, out)
}

/// Writes what was written, or would be.
pub(super) fn outcome(report: &CommitReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let new = report.new_rows();
    if report.dry_run {
        return match new {
            0 => writeln!(out, "nothing would be committed"),
            new => writeln!(out, "would commit {}; leave out --dry-run to do it", text::count(new, "row")),
        };
    }
    let Some(commit) = &report.commit else {
        return writeln!(out, "nothing new: nothing was committed");
    };
    for record in &report.records {
        let task = record.task.as_ref().map_or(String::new(), |task| format!("{} ", sanitize(task)));
        let rows =
            if record.rows == 0 { String::new() } else { format!("{} ", text::thousands(record.rows)) };
        let noun = record.kind.noun(record.rows);
        writeln!(out, "record {}  {rows}{task}{noun}", style.paint(Tone::Id, &record.id[..10]))?;
    }
    let place = report.branch.as_ref().map_or_else(|| "on no branch".into(), |branch| sanitize(branch));
    let place = if report.branch.is_some() { format!("on {place}") } else { place.into_owned() };
    writeln!(
        out,
        "committed {} as {} {place}",
        text::count(new, "row"),
        style.paint(Tone::Id, super::short_commit(commit))
    )?;
    super::signed_by(report.signed_by.as_deref(), style, out)?;
    super::swept(report.swept_by.as_ref(), style, out)?;
    if let Some(file) = &report.pseudonyms {
        writeln!(
            out,
            "{} who stands behind which pseudonym is in {}, and nowhere in history: keep it safe",
            style.paint(Tone::Warn, "note:"),
            sanitize(&file.display().to_string())
        )?;
    }
    if report.branch.is_none() {
        writeln!(
            out,
            "{} HEAD is detached: {} keeps this commit",
            style.paint(Tone::Warn, "note:"),
            style.paint(Tone::Id, "git switch -c NAME")
        )?;
    }
    Ok(())
}

/// Writes what one file comes to.
pub(super) fn file_plan(
    file: &FilePlan,
    dry_run: bool,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let name = if file.file == "-" { "standard input".into() } else { sanitize(&file.file) };
    writeln!(out, "{}  {}", style.paint(Tone::Heading, &name), sanitize(&file.detected))?;
    if dry_run {
        columns(file, style, out)?;
    }
    for batch in &file.batches {
        batch_plan(batch, style, out)?;
    }
    for note in &file.notes {
        writeln!(out, "  {} {}", style.paint(Tone::Warn, "note:"), sanitize(note))?;
    }
    if let Some(refused) = &file.refused {
        let to = match (dry_run, refused.rows) {
            (true, _) => "would go to",
            (false, 1) => "is in",
            (false, _) => "are in",
        };
        writeln!(
            out,
            "  {} {} left out; {} {to} {}",
            style.paint(Tone::Warn, "refused:"),
            text::count(refused.rows, "row"),
            if refused.rows == 1 { "it" } else { "they" },
            sanitize(&refused.to)
        )?;
        for fault in &refused.faults {
            writeln!(out, "    {}", sanitize(fault))?;
        }
    }
    Ok(())
}

fn columns(file: &FilePlan, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new(&["column", "means"]);
    for column in file.columns.iter().filter(|column| column.meaning.is_some()) {
        table.row([Cell::from(&column.column), column.meaning.as_deref().unwrap_or_default().into()]);
    }
    table.write(style, out)?;
    let dropped: Vec<String> = file
        .columns
        .iter()
        .filter(|column| column.meaning.is_none())
        .map(|column| sanitize(&column.column).into_owned())
        .collect();
    if !dropped.is_empty() {
        writeln!(out, "  {} {}", style.paint(Tone::Dim, "not kept:"), dropped.join(", "))?;
    }
    Ok(())
}

fn batch_plan(batch: &BatchPlan, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let kind = batch.kind.map_or("rows", crate::record::Kind::as_str);
    let task =
        batch.task.as_ref().map_or_else(|| kind.to_owned(), |task| format!("{} {kind}", sanitize(task)));
    let mut parts = vec![format!("{} new", text::thousands(batch.new))];
    if batch.returned > 0 {
        parts.push(format!("{} of them return to an earlier value", text::thousands(batch.returned)));
    }
    if batch.amended > 0 {
        parts.push(format!("{} of them amended", text::thousands(batch.amended)));
    }
    if batch.already_there > 0 {
        parts.push(format!("{} already there", text::thousands(batch.already_there)));
    }
    writeln!(out, "  {task}: {}", parts.join(", "))?;
    if batch.attributes_differ > 0 {
        writeln!(
            out,
            "    {} of those there differ in guideline, origin or other attributes; {} records that",
            text::thousands(batch.attributes_differ),
            style.paint(Tone::Id, "--amend")
        )?;
    }
    for taken in &batch.taken_back {
        writeln!(
            out,
            "    {} {} taken back by {} \"{}\"; {} commits them",
            style.paint(Tone::Warn, "skipped:"),
            text::count(taken.rows, "row"),
            &taken.by[..10],
            sanitize(&taken.message),
            style.paint(Tone::Id, "--again")
        )?;
    }
    if batch.new == 0 || batch.task.is_none() {
        return Ok(());
    }
    labelers(batch, style, out)?;
    let mut line = |name: &str, counts: Vec<(String, usize)>| -> io::Result<()> {
        if counts.is_empty() {
            return Ok(());
        }
        let more = counts.len().saturating_sub(LISTED);
        let mut shown: Vec<String> = counts
            .iter()
            .take(LISTED)
            .map(|(value, count)| format!("{} {}", elide(&sanitize(value), LABEL), text::thousands(*count)))
            .collect();
        if more > 0 {
            shown.push(format!("{more} more"));
        }
        writeln!(out, "    {} {}", style.paint(Tone::Dim, &format!("{name:9}")), shown.join(" · "))
    };
    let mut labels: Vec<(String, usize)> = batch.labels.clone().into_iter().collect();
    labels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    if batch.abstentions > 0 {
        labels.push(("(skipped)".to_owned(), batch.abstentions));
    }
    line(if batch.kind == Some(Kind::Corrections) { "verdicts" } else { "labels" }, labels)?;
    let name = |key: String| if key.is_empty() { "none".to_owned() } else { key };
    line("guideline", batch.guidelines.clone().into_iter().map(|(key, count)| (name(key), count)).collect())?;
    line("origin", batch.origins.clone().into_iter().collect())
}

fn labelers(batch: &BatchPlan, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let mut sorted: Vec<_> = batch.labelers.iter().collect();
    sorted.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.id.cmp(&b.id)));
    let shown: Vec<String> = sorted
        .iter()
        .take(LISTED)
        .map(|labeler| {
            let kind = if labeler.kind == LabelerKind::Human {
                String::new()
            } else {
                format!(" ({})", labeler.kind)
            };
            format!("{}{kind} {}", sanitize(&labeler.id), text::thousands(labeler.rows))
        })
        .collect();
    let more = sorted.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(" · {} more", text::thousands(more)) } else { String::new() };
    wrapped("labelers", &(shown.join(" · ") + &more), style, out)?;
    let new: Vec<_> = sorted.iter().filter(|labeler| !labeler.known).collect();
    if new.is_empty() {
        return Ok(());
    }
    if new.len() == sorted.len() && new.len() > 1 {
        return wrapped("first met", "all of them", style, out);
    }
    let named =
        new.iter().take(LISTED).map(|labeler| format!("{} ({})", sanitize(&labeler.id), labeler.kind));
    let more = (new.len() > LISTED).then(|| format!("{} more", text::thousands(new.len() - LISTED)));
    wrapped("first met", &named.chain(more).collect::<Vec<_>>().join(" · "), style, out)
}

fn wrapped(name: &str, text: &str, style: &Style, out: &mut impl Write) -> io::Result<()> {
    for (index, part) in super::wrap(text, style.width.saturating_sub(15)).into_iter().enumerate() {
        let name = if index == 0 { name } else { "" };
        writeln!(out, "    {} {part}", style.paint(Tone::Dim, &format!("{name:9}")))?;
    }
    Ok(())
}
