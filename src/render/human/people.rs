//! `labelers add`, `retire`, `suspend`, `resume`, `key`, `names` and `forget`.

use std::io::{self, Write};

use super::lines::paragraph;
use super::unified::file_unified;
use super::{Cell, Style, Table, Tone, sanitize};
use crate::base::text;
use crate::config::LABELERS_FILE;
use crate::ops::people::{ChangeReport, ForgetReport, KeyReport, NameReport, NamesReport, PersonReport};

/// Writes what was changed of one labeler; before it is, how the file would change.
///
/// # Errors
/// Whatever writing meets.
pub fn change(report: &ChangeReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if report.dry_run {
        file_unified(LABELERS_FILE, &report.before, &report.after, style, out)?;
        writeln!(out)?;
        notes(report, style, out)?;
        return writeln!(out, "would commit {LABELERS_FILE}; leave out --dry-run to do it");
    }
    writeln!(out, "{}", sanitize(&report.did))?;
    if report.schema == "hitl.labelers-add/1" {
        person(&report.labeler, style, out)?;
    }
    if let Some(file) = &report.named_in {
        writeln!(out, "  name    in {}, outside history", sanitize(&file.display().to_string()))?;
    }
    if let Some(commit) = &report.commit {
        let place = report.branch.as_ref().map_or("no branch".into(), |branch| sanitize(branch));
        writeln!(out, "committed as {} on {place}", style.paint(Tone::Id, super::short_commit(commit)))?;
    }
    super::swept(report.swept_by.as_ref(), style, out)?;
    notes(report, style, out)
}

fn notes(report: &ChangeReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    report.notes.iter().try_for_each(|note| paragraph("note: ", note, None, style, out))
}

/// Writes what a labeler is, a line each.
fn person(person: &PersonReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let tasks = if person.tasks.is_empty() { "all".to_owned() } else { person.tasks.join(", ") };
    let mut line = |name: &str, value: &str| match value.is_empty() {
        true => Ok(()),
        false => writeln!(out, "  {name:<7} {}", sanitize(value)),
    };
    line("kind", person.kind.as_str())?;
    line("roles", &person.roles.join(", "))?;
    line("tasks", &tasks)?;
    line("aliases", &person.aliases.join(", "))?;
    for key in &person.keys {
        line("key", &style.paint(Tone::Id, &key.fingerprint))?;
    }
    Ok(())
}

/// Writes everybody, a line each.
///
/// # Errors
/// Whatever writing meets.
pub fn names(report: &NamesReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if report.labelers.is_empty() {
        return writeln!(
            out,
            "nobody is listed; next: {}",
            style.paint(Tone::Id, "hitl labelers add ID --name NAME")
        );
    }
    let mut table = Table::new(&["labeler", "name", "kind", "status", "roles", "keys"]).indented(0);
    for named in &report.labelers {
        let of = |field: fn(&PersonReport) -> String| named.declared.as_ref().map_or_else(String::new, field);
        table.row([
            Cell::toned(Tone::Id, &named.id),
            named.name.as_deref().unwrap_or("-").into(),
            of(|person| person.kind.to_string()).into(),
            named.declared.as_ref().map_or("not listed", |person| person.status).into(),
            of(|person| person.roles.join(", ")).into(),
            of(|person| keys(&person.keys)).into(),
        ]);
    }
    table.write(style, out)?;
    let named = report.labelers.iter().filter(|labeler| labeler.name.is_some()).count();
    let file = report.file.display().to_string();
    let note = match named {
        0 => "no names are kept here; `hitl labelers names ID NAME` keeps one, outside history".to_owned(),
        named => format!("{} in {file}, outside history", text::count(named, "name")),
    };
    writeln!(out, "\n{}", style.paint(Tone::Dim, &sanitize(&note)))
}

/// Returns how many keys there are, and how many of them have an end.
fn keys(keys: &[KeyReport]) -> String {
    let ended = keys.iter().filter(|key| key.valid_until.is_some()).count();
    match (keys.len(), ended) {
        (0, _) => String::new(),
        (all, 0) => all.to_string(),
        (all, ended) => format!("{all}, {ended} ended"),
    }
}

/// Writes where a name was put.
///
/// # Errors
/// Whatever writing meets.
pub fn name(report: &NameReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let (id, file) = (style.paint(Tone::Id, &sanitize(&report.id)), report.file.display().to_string());
    let what = if report.replaced { "replaced" } else { "kept" };
    writeln!(out, "{what} the name of {id} in {}, outside history", sanitize(&file))
}

/// Writes what was erased, and what is not.
///
/// # Errors
/// Whatever writing meets.
pub fn forget(report: &ForgetReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let id = sanitize(&report.id);
    if let Some(file) = &report.name_erased {
        writeln!(out, "erased the name of {id} from {}", sanitize(&file.display().to_string()))?;
    }
    if let Some(file) = &report.addresses_erased {
        let addresses = text::plural(report.addresses, "address", "addresses");
        writeln!(out, "erased {addresses} of {id} from {}", sanitize(&file.display().to_string()))?;
        let note = "an export that still has the address gets a new pseudonym";
        paragraph("note: ", note, None, style, out)?;
    }
    let listed =
        if report.listed { "; labelers.yaml lists them: `hitl labelers retire` ends it" } else { "" };
    let rest = format!(
        "other clones and backups may hold the same files. What history holds stays: labels under the id `{id}`, author \
         lines of commits, texts{listed}. docs/privacy.md says what can be done"
    );
    paragraph("note: ", &rest, None, style, out)
}
