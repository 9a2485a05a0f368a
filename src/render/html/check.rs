//! A check as a page: the verdict and why, what the change adds, what was measured, what was found, and pictures of the
//! ledger.

use std::io::{self, Write};

use super::survey::survey;
use super::{Page, escape_text, many, name, page_of, prose, table, wide};
use crate::base::text::count;
use crate::check::{
    Added, CheckReport, Finding, Measure, Outcome, Said, Sample, Scale, Side, Status, Verdict, When,
};
use crate::config::Level;
use crate::render::check::{metric_words, moved, turned_back};
use crate::render::human::{number, percent};
use crate::survey::Survey;

/// Writes `report` as a page of its own, with pictures of the ledger where `survey` has them.
///
/// # Errors
/// Whatever writing meets.
pub fn check(report: &CheckReport, of_ledger: Option<&Survey>, out: &mut impl Write) -> io::Result<()> {
    let page = Page {
        title: &format!("{}: {} into {}", verdict(report.verdict), report.head.rev, report.base.rev),
        heading: &format!("{} into {}", name(&report.head.rev), name(&report.base.rev)),
        look: include_str!("check.css"),
    };
    page_of(&page, out, |out| {
        header(report, out)?;
        added(&report.added, out)?;
        measures(&report.measures, out)?;
        findings(&report.findings, out)?;
        checks(&report.checks, out)?;
        of_ledger.map_or(Ok(()), |of_ledger| survey(of_ledger, out))
    })
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NoChanges => "No changes",
        Verdict::Passed => "Passed",
        Verdict::Failed => "Failed",
    }
}

/// Returns a word in a coloured box. Its sign tells apart what its colour does.
fn badge(class: &str, sign: &str, word: &str) -> String {
    format!("<span class=\"badge {class}\"><span aria-hidden=\"true\">{sign}</span> {word}</span>")
}

fn header(report: &CheckReport, out: &mut impl Write) -> io::Result<()> {
    let (class, sign) = match report.verdict {
        Verdict::NoChanges => ("plain", "="),
        Verdict::Passed => ("good", "✓"),
        Verdict::Failed => ("bad", "✗"),
    };
    let reason = prose(&report.reason);
    writeln!(
        out,
        "<div class=\"verdict {class}\">\n<p class=\"word\"><span aria-hidden=\"true\">{sign}</span> {}</p>\n\
         <p>{reason}</p>\n</div>",
        verdict(report.verdict)
    )?;
    if report.bootstrap {
        writeln!(
            out,
            "<p class=\"note\">{} has no <code>hitl.yaml</code>, so the change was judged by its own. A maintainer \
             must look at it.</p>",
            name(&report.base.rev)
        )?;
    }
    let side = |side: &Side| format!("{} <code>{}</code>", name(&side.rev), short(&side.commit));
    let parted = match &report.merge_base {
        Some(commit) => format!("They part at <code>{}</code>.", short(commit)),
        None => "They have nothing in common.".to_owned(),
    };
    writeln!(out, "<p class=\"who\">Head {}, base {}. {parted}</p>", side(&report.head), side(&report.base))
}

/// Returns the beginning of a commit's id.
fn short(commit: &str) -> String {
    super::escape(&commit.chars().take(12).collect::<String>())
}

fn added(added: &Added, out: &mut impl Write) -> io::Result<()> {
    if *added == Added::default() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>What it adds</h2>")?;
    let mut counts = vec![
        (added.records, "records"),
        (added.rows, "rows"),
        (added.items, "items"),
        (added.labelers.len() as u64, "labelers"),
    ];
    let rare = [
        (added.taken_back.judgements, "taken back"),
        (added.brought_back.judgements, "brought back"),
        (added.removed, "removed"),
    ];
    counts.extend(rare.into_iter().filter(|(count, _)| *count > 0));
    super::tiles(&counts, out)?;
    for (verb, turned) in [("It takes back", &added.taken_back), ("It brings back", &added.brought_back)] {
        if let Some(told) = turned_back(verb, turned, name) {
            writeln!(out, "<p>{told}.</p>")?;
        }
    }
    writeln!(out, "<div class=\"pair\">")?;
    if !added.batches.is_empty() {
        let rows: Vec<Vec<String>> = added
            .batches
            .iter()
            .map(|batch| {
                let task = batch.task.as_deref().map_or_else(|| "–".to_owned(), name);
                vec![batch.kind.to_string(), task, many(batch.records), many(batch.rows)]
            })
            .collect();
        wide("Records added", out, |out| table(&["kind", "task", ">records", ">rows"], &rows, out))?;
    }
    if !added.labelers.is_empty() {
        let row = |labeler: &crate::check::LabelerRows| {
            vec![name(&labeler.id), labeler.kind.to_string(), many(labeler.rows)]
        };
        let rows: Vec<Vec<String>> = added.labelers.iter().map(row).collect();
        wide("Labelers of what is added", out, |out| table(&["labeler", "kind", ">rows"], &rows, out))?;
    }
    writeln!(out, "</div>")?;
    for (what, names) in [
        ("Guideline versions", &added.guidelines),
        ("Snapshots", &added.snapshots),
        ("Files that differ", &added.files),
    ] {
        if !names.is_empty() {
            let names: Vec<String> = names.iter().map(|one| name(one)).collect();
            writeln!(out, "<p>{what}: {}.</p>", names.join(", "))?;
        }
    }
    writeln!(out, "</section>")
}

fn value(scale: Scale, value: Option<f64>) -> String {
    match (scale, value) {
        (_, None) => "–".to_owned(),
        (Scale::Coefficient, Some(value)) => number(value),
        (Scale::Share, Some(value)) => super::escape(&percent(value)),
    }
}

/// Returns a difference, which has its sign.
fn difference(scale: Scale, delta: Option<f64>) -> String {
    delta.map_or_else(|| "–".to_owned(), |delta| moved(scale, delta))
}

fn interval(interval: Option<[f64; 2]>, written: impl Fn(f64) -> String) -> String {
    let Some([low, high]) = interval else { return String::new() };
    format!("<br><span class=\"left\">{} to {}</span>", written(low), written(high))
}

fn measures(measures: &[Measure], out: &mut impl Write) -> io::Result<()> {
    if measures.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>What was measured</h2>")?;
    let row = |measure: &Measure| {
        let of = |part: Option<f64>| value(measure.scale, part);
        let holds = match measure.holds {
            Some(true) => badge("good", "✓", "holds"),
            Some(false) => badge("bad", "✗", "does not hold"),
            None if measure.wanted.is_some() => badge("plain", "·", "not measured"),
            None => String::new(),
        };
        let wanted = measure.wanted.as_deref().map(name).unwrap_or_default();
        let of_task = measure.task.as_deref().map(|task| format!("{}: ", name(task))).unwrap_or_default();
        vec![
            format!(
                "{of_task}{}<br><span class=\"left\">{}</span>",
                name(&metric_words(&measure.metric)),
                measure.over.words()
            ),
            of(measure.before),
            format!("{}{}", of(measure.after), interval(measure.interval, |end| of(Some(end)))),
            format!(
                "{}{}",
                difference(measure.scale, measure.delta),
                interval(measure.delta_interval, |end| difference(measure.scale, Some(end)))
            ),
            many(measure.overlap),
            format!("{wanted}{}{holds}", if wanted.is_empty() { "" } else { "<br>" }),
        ]
    };
    let heads = ["measure", ">before", ">after", ">difference", ">items", "wanted"];
    let rows: Vec<Vec<String>> = measures.iter().map(row).collect();
    wide("What was measured before and after", out, |out| table(&heads, &rows, out))?;
    writeln!(out, "<p class=\"who\">Ranges are 95 % intervals.</p>\n</section>")
}

fn findings(findings: &[Finding], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "<section>\n<h2>What was found</h2>")?;
    if findings.is_empty() {
        writeln!(out, "<p>Nothing.</p>")?;
    }
    findings.iter().try_for_each(|one| finding(one, out))?;
    writeln!(out, "</section>")
}

fn weight(level: Level) -> String {
    match level {
        Level::Error => badge("bad", "✗", "error"),
        Level::Warning => badge("warn", "!", "warning"),
        Level::Off => badge("plain", "·", "off"),
    }
}

fn finding(finding: &Finding, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "<article>\n<p class=\"who\">{} <code>{}</code>: {}</p>\n<h3>{}</h3>",
        weight(finding.level),
        finding.check.as_str(),
        super::escape(&finding.code.replace('_', " ")),
        prose(&finding.message)
    )?;
    let mut places = Vec::new();
    places.extend(finding.task.as_deref().map(|task| format!("task {}", name(task))));
    places.extend(finding.record.map(|record| format!("record <code>{}</code>", record.short())));
    places.extend(finding.commit.as_ref().map(|commit| {
        let (author, subject) = (name(&commit.author), name(&commit.subject));
        format!("commit <code>{}</code> by {author}: {subject}", short(&commit.id))
    }));
    places.extend(finding.path.as_deref().map(|path| format!("file {}", name(path))));
    if !places.is_empty() {
        writeln!(out, "<ul class=\"places\">")?;
        places.iter().try_for_each(|place| writeln!(out, "<li>{place}</li>"))?;
        writeln!(out, "</ul>")?;
    }
    finding.samples.iter().try_for_each(|one| sample(one, out))?;
    if finding.more > 0 {
        let more = usize::try_from(finding.more).unwrap_or(usize::MAX);
        writeln!(out, "<p class=\"left\">and {}</p>", count(more, "more item"))?;
    }
    writeln!(
        out,
        "<p class=\"remedy\"><strong>What to do:</strong> {}</p>\n</article>",
        prose(&finding.remedy)
    )
}

fn sample(sample: &Sample, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "<div class=\"item\">\n<p class=\"who\">{}</p>", name(&sample.item))?;
    if let Some(text) = &sample.text {
        writeln!(out, "<bdi class=\"text\" dir=\"auto\">{}</bdi>", escape_text(text))?;
    }
    let said = |said: &Said| {
        let label = said.label.as_deref().map_or_else(|| "<em>abstained</em>".to_owned(), name);
        match said.when {
            When::Before => (label, name(&said.labeler)),
            When::Added => (format!("<ins>{label}</ins>"), format!("{}, added", name(&said.labeler))),
            When::TakenBack => {
                (format!("<del>{label}</del>"), format!("{}, taken back", name(&said.labeler)))
            }
            When::Replaced => (format!("<del>{label}</del>"), format!("{}, until now", name(&said.labeler))),
        }
    };
    super::chips(sample.labels.iter().map(said), out)?;
    if sample.more > 0 {
        writeln!(out, "<p class=\"left\">and {} more</p>", many(sample.more))?;
    }
    writeln!(out, "</div>")
}

fn checks(checks: &[Outcome], out: &mut impl Write) -> io::Result<()> {
    if checks.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>What was checked</h2>")?;
    writeln!(out, "<ul class=\"checks\">")?;
    for outcome in checks {
        let status = match outcome.status {
            Status::Passed => badge("good", "✓", "passed"),
            Status::Failed => badge("bad", "✗", "failed"),
            Status::Warned => badge("warn", "!", "warned"),
            Status::NotMeasured => badge("plain", "·", "not measured"),
        };
        let level = match outcome.level {
            Level::Error => "",
            Level::Warning => " <span class=\"left\">only warns</span>",
            Level::Off => " <span class=\"left\">off</span>",
        };
        let (check, message) = (outcome.check.as_str(), prose(&outcome.message));
        writeln!(out, "<li><span>{status}</span> <span><code>{check}</code>{level}</span> {message}</li>")?;
    }
    writeln!(out, "</ul>\n</section>")
}
