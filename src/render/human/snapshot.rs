//! Snapshots: made, listed, shown, verified, compared.

use std::io::{self, Write};

use super::corrected::correction_line;
use super::{Cell, Style, Table, Tone, percent, sanitize, shell_word};
use crate::base::text::{count, plural, thousands};
use crate::ops::authority::LeftOut;
use crate::ops::snapshot::{AttestReport, ExportReport, FewShotReport};
use crate::record::Policy;
use crate::snapshot::{Change, Lock, SnapshotDiff, VerifyReport};

/// Labels, transitions, differences and buckets that are listed.
const LISTED: usize = 12;

/// Writes a snapshot that was just made: what it left out, and the fingerprint of the key that signed it.
///
/// # Errors
/// Whatever writing meets.
pub fn create(
    lock: &Lock,
    (left_out, signed_by): (&[LeftOut], Option<&str>),
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    show(lock, style, out)?;
    if !left_out.is_empty() {
        let count = plural(left_out.len(), "record does not", "records do not");
        writeln!(out, "\n{} {count} count by labelers.yaml", style.paint(Tone::Warn, "left out:"))?;
        super::left_out(left_out, out)?;
    }
    super::signed_by(signed_by, style, out)?;
    let name = shell_word(&lock.made.name);
    writeln!(out, "\nNext: {}", style.paint(Tone::Id, &format!("hitl snapshot export {name} -o DIR")))
}

/// Writes a snapshot in full.
///
/// # Errors
/// Whatever writing meets.
pub fn show(lock: &Lock, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let name = style.paint(Tone::Heading, &format!("snapshot {}", sanitize(&lock.made.name)));
    let holds = match lock.rule.policy.name {
        Policy::Accepted => {
            let items = count(lock.counts.resolved as usize, "item");
            format!("{} of {items}", count(lock.rows() as usize, "correction"))
        }
        _ => count(lock.counts.resolved as usize, "labelled item"),
    };
    writeln!(out, "{name}: {holds} of task {}", sanitize(&lock.rule.task))?;
    facts(lock, out)?;
    left_out(lock, style, out)?;
    let labels: Vec<(&str, u64)> = lock.labels.iter().map(|(name, items)| (name.as_str(), *items)).collect();
    let label = if lock.rule.policy.name == Policy::Accepted { "verdict" } else { "label" };
    shares(label, &labels, lock, style, out)?;
    let parts = lock.rule.split.iter().flat_map(|split| &split.parts);
    let parts: Vec<(&str, u64)> =
        parts.map(|part| (part.name.as_str(), lock.splits.get(&part.name).copied().unwrap_or(0))).collect();
    shares("split", &parts, lock, style, out)
}

fn facts(lock: &Lock, out: &mut impl Write) -> io::Result<()> {
    let policy = &lock.rule.policy;
    let least = match policy.min_labels {
        0 | 1 => String::new(),
        least => format!(" of at least {least} labels"),
    };
    let adjudicated = match lock.counts.adjudicated {
        0 => String::new(),
        items => format!("; {} settled by adjudication", thousands(items as usize)),
    };
    writeln!(out, "  digest  {}", lock.digest)?;
    writeln!(out, "  policy  {}{least}{adjudicated}", policy.name.as_str())?;
    if !policy.parameters.is_empty() {
        let parameters = policy.parameters.iter().map(|(name, value)| format!("{name} {value}"));
        writeln!(out, "          {}", sanitize(&parameters.collect::<Vec<_>>().join(", ")))?;
    }
    if let Some(split) = &lock.rule.split {
        let parts: Vec<String> =
            split.parts.iter().map(|part| format!("{}={}", part.name, part.weight)).collect();
        writeln!(out, "  split   {} seed {}", sanitize(&parts.join(",")), shell_word(&split.seed))?;
    }
    let without = match lock.inert.len() {
        0 => String::new(),
        inert => format!(", of which {} count", plural(inert, "does not", "do not")),
    };
    writeln!(out, "  from    {}{without}", count(lock.records as usize, "record"))?;
    writeln!(out, "  made    {} by {}", lock.made.created_at.minute(), sanitize(&lock.made.actor))
}

fn left_out(lock: &Lock, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let counts = &lock.counts;
    let parts: Vec<String> = [
        (counts.ties, "tied"),
        (counts.disagreements, "not unanimous"),
        (counts.conflicts, "in conflict"),
        (
            counts.too_few,
            match lock.rule.policy.name {
                Policy::Accepted => "with nothing that is to be learned",
                _ => "with too few labels",
            },
        ),
    ]
    .iter()
    .filter(|(items, _)| *items > 0)
    .map(|(items, why)| format!("{} {why}", thousands(*items as usize)))
    .collect();
    if parts.is_empty() {
        return Ok(());
    }
    let all = count((counts.items - counts.resolved) as usize, "item");
    writeln!(out, "  {}", style.paint(Tone::Warn, &format!("without {all}: {}", parts.join(", "))))
}

/// Writes a table of counts and shares; nothing of nothing.
fn shares(
    what: &str,
    counts: &[(&str, u64)],
    lock: &Lock,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    if counts.is_empty() {
        return Ok(());
    }
    let rows = if lock.rule.policy.name == Policy::Accepted { ">corrections" } else { ">items" };
    let mut table = Table::new(&[what, rows, ">share"]);
    for (name, items) in counts.iter().take(LISTED) {
        let share = *items as f64 / lock.rows().max(1) as f64;
        table.row([Cell::from(name), thousands(*items as usize).into(), percent(share).into()]);
    }
    writeln!(out)?;
    table.write(style, out)?;
    and_more(counts.len(), out)
}

fn and_more(all: usize, out: &mut impl Write) -> io::Result<()> {
    if all > LISTED { writeln!(out, "  and {} more", thousands(all - LISTED)) } else { Ok(()) }
}

/// Writes the list of snapshots, in the order given.
///
/// # Errors
/// Whatever writing meets.
pub fn list(locks: &[Lock], style: &Style, out: &mut impl Write) -> io::Result<()> {
    if locks.is_empty() {
        let command = style.paint(Tone::Id, "hitl snapshot create NAME");
        return writeln!(out, "No snapshots. Make one with {command}");
    }
    let mut table = Table::new(&["snapshot", "task", ">rows", "policy", "made", "digest"]).indented(0);
    for lock in locks {
        table.row([
            Cell::toned(Tone::Id, &lock.made.name),
            Cell::from(&lock.rule.task),
            thousands(lock.rows() as usize).into(),
            lock.rule.policy.name.as_str().into(),
            lock.made.created_at.date().into(),
            lock.digest.short(10).into(),
        ]);
    }
    table.write(style, out)
}

/// Writes what came of verifying a snapshot.
///
/// # Errors
/// Whatever writing meets.
pub fn verify(report: &VerifyReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let name = style.paint(Tone::Heading, &format!("snapshot {}", sanitize(&report.name)));
    let items = count(report.resolved as usize, "item");
    let from = count(report.records as usize, "record");
    if report.ok {
        let verdict = style.paint(Tone::Good, "verified");
        writeln!(out, "{name}: {verdict}, {items} rebuilt from {from}")?;
        return writeln!(out, "  digest {}", report.digest);
    }
    let verdict = style.paint(Tone::Bad, "not what its records say");
    writeln!(out, "{name}: {verdict}, {items} rebuilt from {from}")?;
    let mut table = Table::new(&["", "lock", "rebuilt"]);
    for one in report.differences.iter().take(LISTED) {
        table.row([Cell::from(&one.what), Cell::from(&one.lock), Cell::from(&one.rebuilt)]);
    }
    table.write(style, out)?;
    and_more(report.differences.len(), out)?;
    if report.buckets.is_empty() {
        return Ok(());
    }
    let (named, more) = report.buckets.split_at(report.buckets.len().min(LISTED));
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    writeln!(out, "  Items differ whose id has a SHA-256 that begins with {}{more}", named.join(" "))
}

/// Writes what changed between two snapshots.
///
/// # Errors
/// Whatever writing meets.
pub fn diff(report: &SnapshotDiff, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let names = format!("{} → {}", sanitize(&report.base), sanitize(&report.head));
    let names = style.paint(Tone::Heading, &names);
    let same = count(report.unchanged as usize, "item");
    if report.same {
        return writeln!(out, "{names}: the same {same}, labels and splits");
    }
    let parts: Vec<String> = [
        (report.added, "added", Tone::Good),
        (report.removed, "removed", Tone::Bad),
        (report.label_changed, "with another label", Tone::Warn),
        (report.split_changed, "in another split", Tone::Warn),
    ]
    .iter()
    .filter(|(items, ..)| *items > 0)
    .map(|(items, what, tone)| style.paint(*tone, &format!("{} {what}", thousands(*items as usize))))
    .collect();
    writeln!(out, "{names}: {}; {same} as before", parts.join(", "))?;
    if !report.transitions.is_empty() {
        let mut table = Table::new(&[">items", "label", "", ""]);
        for cell in report.transitions.iter().take(LISTED) {
            let name = |label: &Option<String>| Cell::from(said(label.as_deref().unwrap_or("(not in it)")));
            table.row([
                thousands(cell.items as usize).into(),
                name(&cell.before),
                "→".into(),
                name(&cell.after),
            ]);
        }
        writeln!(out)?;
        table.write(style, out)?;
        and_more(report.transitions.len(), out)?;
    }
    changes(report, style, out)
}

fn changes(report: &SnapshotDiff, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let mut table = Table::new(&["", "item", "label", "split"]);
    for row in &report.rows {
        let label = pair(&row.label_before, &row.label_after);
        let split = pair(&row.split_before, &row.split_after);
        table.row([op(row), Cell::from(&row.item), label.into(), split.into()]);
    }
    if !table.is_empty() {
        writeln!(out)?;
        table.write(style, out)?;
    }
    let more = report.rows_total - report.rows.len() as u64;
    if more > 0 {
        let note = format!("{} not listed; --limit lists more", count(more as usize, "more item"));
        writeln!(out, "\n{}", style.paint(Tone::Dim, &note))?;
    }
    Ok(())
}

fn op(row: &Change) -> Cell {
    let tone = match row.op {
        "added" => Tone::Good,
        "removed" => Tone::Bad,
        _ => Tone::Warn,
    };
    Cell::toned(tone, row.op)
}

fn pair(before: &Option<String>, after: &Option<String>) -> String {
    match (before, after) {
        (Some(before), Some(after)) if before != after => format!("{} → {}", said(before), said(after)),
        (Some(one), _) | (None, Some(one)) => said(one),
        (None, None) => String::new(),
    }
}

/// Returns a label as people read it: of a correction, the change.
fn said(label: &str) -> String {
    correction_line(label, &Style::PLAIN).unwrap_or_else(|| label.to_owned())
}

/// Writes which files hold how many rows.
///
/// # Errors
/// Whatever writing meets.
pub fn export(report: &ExportReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{}  digest {}",
        style.paint(Tone::Heading, &sanitize(&report.name)),
        &report.digest[..16]
    )?;
    for (path, rows) in &report.files {
        writeln!(
            out,
            "  {}  {}",
            style.paint(Tone::Id, &sanitize(&path.display().to_string())),
            count(*rows, "row")
        )?;
    }
    for (reason, rows) in &report.left_out {
        let note = format!("{} left out: {}", count(*rows as usize, "row"), reason.words());
        writeln!(out, "  {}", style.paint(Tone::Dim, &note))?;
    }
    Ok(())
}

/// Writes few-shot examples as they go into a prompt, with what could steer a terminal written out.
///
/// # Errors
/// Whatever writing meets.
pub fn few_shot(report: &FewShotReport, _: &Style, out: &mut impl Write) -> io::Result<()> {
    report.pack.text.lines().try_for_each(|line| writeln!(out, "{}", sanitize(line)))
}

/// Says where the attestation of a snapshot lies.
///
/// # Errors
/// Whatever writing meets.
pub fn attest(report: &AttestReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let signed =
        report.signed_by.as_ref().map_or_else(|| "unsigned".to_owned(), |by| format!("signed by {by}"));
    writeln!(
        out,
        "attested {}, digest {}, {} in {}",
        style.paint(Tone::Id, &sanitize(&report.name)),
        report.digest.short(16),
        sanitize(&signed),
        sanitize(&report.file)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Digest;
    use crate::record::{Policy, Task, TaskType};
    use crate::snapshot::{Counts, Difference, Made, Move, Rule, Split};

    fn lock() -> Lock {
        let task = Task::new("tone", TaskType::Categorical, vec!["no".into(), "yes".into()]);
        let split = Split::parse("train=0.8,test=0.2", "0").unwrap();
        Lock {
            made: Made {
                name: "v7".into(),
                created_at: "2026-05-04T10:20:30Z".parse().unwrap(),
                actor: "Ana <ana@example.org>".into(),
                tool: "hitl 0.1.0".into(),
            },
            heads: vec![],
            records: 12,
            records_sha256: Digest::of(b""),
            inert: Vec::new(),
            rule: Rule::new(&task, Policy::Majority, 2, Some(split)),
            counts: Counts {
                items: 1016,
                resolved: 1000,
                ties: 12,
                too_few: 4,
                adjudicated: 3,
                ..Counts::default()
            },
            labels: [("no".to_owned(), 400), ("yes".to_owned(), 600)].into(),
            splits: [("train".to_owned(), 805), ("test".to_owned(), 195)].into(),
            buckets: vec![],
            digest: Digest::of(b"digest"),
        }
    }

    fn text(write: impl Fn(&Style, &mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&Style::PLAIN, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_new_snapshot_says_what_it_holds_and_what_next() {
        insta::assert_snapshot!(text(|style, out| create(&lock(), (&[], None), style, out)), @"
        snapshot v7: 1,000 labelled items of task tone
          digest  0bf474896363505e5ea5e5d6ace8ebfb13a760a409b1fb467d428fc716f9f284
          policy  majority of at least 2 labels; 3 settled by adjudication
          split   train=0.8,test=0.2 seed 0
          from    12 records
          made    2026-05-04 10:20 by Ana <ana@example.org>
          without 16 items: 12 tied, 4 with too few labels

          label  items  share
          no       400  40.0%
          yes      600  60.0%

          split  items  share
          train    805  80.5%
          test     195  19.5%

        Next: hitl snapshot export v7 -o DIR
        ");
    }

    #[test]
    fn a_list_is_one_line_each() {
        insta::assert_snapshot!(text(|style, out| list(&[lock()], style, out)), @"
        snapshot  task   rows  policy    made        digest
        v7        tone  1,000  majority  2026-05-04  0bf4748963
        ");
        insta::assert_snapshot!(text(|style, out| list(&[], style, out)), @"No snapshots. Make one with hitl snapshot create NAME");
    }

    #[test]
    fn verifying_says_what_differs() {
        let good = VerifyReport {
            schema: "hitl.snapshot-verify/1",
            name: "v7".into(),
            ok: true,
            digest: Digest::of(b"digest"),
            rebuilt_digest: Digest::of(b"digest"),
            resolved: 1000,
            records: 12,
            differences: vec![],
            buckets: vec![],
        };
        insta::assert_snapshot!(text(|style, out| verify(&good, style, out)), @"
        snapshot v7: verified, 1,000 items rebuilt from 12 records
          digest 0bf474896363505e5ea5e5d6ace8ebfb13a760a409b1fb467d428fc716f9f284
        ");
        let difference = |what: &str, lock: &str, rebuilt: &str| Difference {
            what: what.into(),
            lock: lock.into(),
            rebuilt: rebuilt.into(),
        };
        let digests = [b"digest", b"forged"].map(|bytes| Digest::of(bytes).to_string());
        let bad = VerifyReport {
            ok: false,
            differences: vec![
                difference("digest", &digests[0], &digests[1]),
                difference("counts.labels.yes", "600", "599"),
            ],
            buckets: vec!["0a".into(), "f3".into()],
            ..good
        };
        insta::assert_snapshot!(text(|style, out| verify(&bad, style, out)), @"
        snapshot v7: not what its records say, 1,000 items rebuilt from 12 records
                             lock                           rebuilt
          digest             0bf474896363505e5ea5e5d6ace8…  ccdd35168ab474fa5764a526cfb…
          counts.labels.yes  600                            599
          Items differ whose id has a SHA-256 that begins with 0a f3
        ");
    }

    #[test]
    fn two_snapshots_are_compared() {
        let change = |op, item: &str, before: Option<&str>, after: Option<&str>| Change {
            op,
            item: item.into(),
            label_before: before.map(str::to_owned),
            label_after: after.map(str::to_owned),
            split_before: before.map(|_| "train".to_owned()),
            split_after: after.map(|_| "train".to_owned()),
        };
        let cell = |before: Option<&str>, after: Option<&str>, items| Move {
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
            items,
        };
        let report = SnapshotDiff {
            schema: "hitl.snapshot-diff/1",
            base: "before".into(),
            head: "after".into(),
            same: false,
            added: 0,
            removed: 1,
            label_changed: 31,
            split_changed: 0,
            unchanged: 968,
            transitions: vec![cell(Some("no"), Some("yes"), 31), cell(Some("no"), None, 1)],
            rows: vec![
                change("label", "demo-003", Some("no"), Some("yes")),
                change("removed", "demo-009", Some("no"), None),
            ],
            rows_total: 32,
        };
        insta::assert_snapshot!(text(|style, out| diff(&report, style, out)), @"
        before → after: 1 removed, 31 with another label; 968 items as before

          items  label
             31  no     →  yes
              1  no     →  (not in it)

                   item      label     split
          label    demo-003  no → yes  train
          removed  demo-009  no        train

        30 more items not listed; --limit lists more
        ");
        let same = SnapshotDiff { same: true, rows: vec![], rows_total: 0, ..report };
        insta::assert_snapshot!(text(|style, out| diff(&same, style, out)), @"before → after: the same 968 items, labels and splits");
    }
}
