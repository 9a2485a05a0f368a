//! What every rendering of a check says: names and numbers in words, what speaks for a finding, and what tells two findings
//! apart from one run to the next.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::agreement::name_of;
use super::human::{number, percent, sanitize};
use crate::base::{Digest, text};
use crate::check::{
    Added, CheckName, CheckReport, Culprit, Finding, LabelerRows, Measure, Said, Sample, Scale, Status,
    Turned, Verdict, When,
};
use crate::config::Level;
use crate::record::{Kind, LabelerKind};

/// All there is to say where nothing differs.
pub(super) const NO_CHANGES: &str = "no label changes";
/// Where rules of a check stand that no one file breaks.
pub(super) const RULES: &str = "hitl.yaml";
/// Labelers that are named.
const LABELERS: usize = 5;
/// Characters of a label, and of an item's text.
const LABEL: usize = 40;
const TEXT: usize = 120;

/// Returns `text`, made safe to see, in at most `limit` characters, which is fewer bytes than five times as many in any
/// rendering; where it is cut, it ends in `…`. A limit in columns would let marks without width through.
pub(super) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    let text = sanitize(text);
    match text.char_indices().nth(limit) {
        Some(_) => {
            let end = text.char_indices().nth(limit.saturating_sub(1)).map_or(0, |(end, _)| end);
            format!("{}…", text[..end].trim_end()).into()
        }
        None => text,
    }
}

/// Returns the verdict in a word or three, for people.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NoChanges => NO_CHANGES,
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
    }
}

/// Returns what came of a check, in a word or two.
pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Passed => "passed",
        Status::Failed => "failed",
        Status::Warned => "warned",
        Status::NotMeasured => "not measured",
    }
}

/// Returns how much a finding weighs, in one word.
pub(super) fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Off => "note",
    }
}

/// Returns what a check asks, in one sentence.
pub(super) fn asks(check: CheckName) -> &'static str {
    match check {
        CheckName::Integrity => "Every added record is what it says.",
        CheckName::AppendOnly => "No file of the ledger is removed, edited or moved.",
        CheckName::Complete => "No record is named as a parent and absent.",
        CheckName::Authorisation => "Everybody did only what they may.",
        CheckName::Policy => "Who may do what, and what is checked, is changed by those who may.",
        CheckName::Conflicts => "No labeler contradicts themself without saying which label is later.",
        CheckName::Agreement => "Labelers agree as far as hitl.yaml asks.",
        CheckName::Gold => "Added labels are right on gold items as often as hitl.yaml asks.",
        CheckName::Unresolved => "No more items come to no label than hitl.yaml allows.",
        CheckName::Confirmed => "No more labels only confirm a guess than hitl.yaml allows.",
        CheckName::SupersededGuideline => {
            "No label is made under a guideline version that another had followed."
        }
        CheckName::Balance => "The shares of the classes move no further than hitl.yaml allows.",
        CheckName::Lookalikes => "No two labelers have ids that people cannot tell apart.",
        CheckName::DatedAhead => "No record is dated ahead of the commit that brings it.",
        CheckName::Snapshots => "Added snapshots rebuild, and old ones stay as they were.",
    }
}

/// Returns what a change does: `adds 48 rows on 24 items by ana (24), gpt-4 (model, 24)`, `takes back 24 judgements of bob on 24
/// items`. `name` writes an id.
pub(super) fn added(added: &Added, name: impl Fn(&str) -> String) -> String {
    let Added { rows, items, records, removed, taken_back, brought_back, .. } = added;
    let on = format!("on {}", text::count(*items as usize, "item"));
    let turns = taken_back.judgements + brought_back.judgements > 0;
    let mut parts = Vec::new();
    match (rows, turns) {
        (0, true) => {}
        (0, false) if *records == 0 && *removed > 0 => {}
        (0, false) => parts.push(format!("adds {}", text::count(*records as usize, "record"))),
        (rows, turns) => {
            let rows = text::count(*rows as usize, "row");
            let by = match people(&added.labelers, &name) {
                Some(people) => format!(" by {people}"),
                None => String::new(),
            };
            parts.push(if turns { format!("adds {rows}{by}") } else { format!("adds {rows} {on}{by}") });
        }
    }
    for (verb, turned) in [("takes back", taken_back), ("brings back", brought_back)] {
        parts.extend(turned_back(verb, turned, &name));
    }
    match (parts.as_mut_slice(), turns) {
        ([one], true) => one.push_str(&format!(" {on}")),
        (_, true) => parts.push(format!("touches {}", text::count(*items as usize, "item"))),
        (_, false) => {}
    }
    if *removed > 0 {
        parts.push(format!("removes {}", text::count(*removed as usize, "record")));
    }
    parts.join("; ")
}

/// Returns what a change takes or brings back and whose that is, if anything: `takes back 24 judgements of bob`.
pub(super) fn turned_back(verb: &str, turned: &Turned, name: impl Fn(&str) -> String) -> Option<String> {
    let whose = match turned.labelers.as_slice() {
        [one] if one.kind == LabelerKind::Human => name(&one.id),
        several => people(several, name)?,
    };
    Some(format!("{verb} {} of {whose}", text::count(turned.judgements as usize, "judgement")))
}

/// Returns the first of the labelers, each with the rows.
fn people(labelers: &[LabelerRows], name: impl Fn(&str) -> String) -> Option<String> {
    let one = |one: &LabelerRows| {
        let rows = text::thousands(one.rows as usize);
        match one.kind {
            LabelerKind::Human => format!("{} ({rows})", name(&one.id)),
            kind => format!("{} ({kind}, {rows})", name(&one.id)),
        }
    };
    let mut people: Vec<String> = labelers.iter().take(LABELERS).map(one).collect();
    if labelers.len() > LABELERS {
        people.push(format!("{} more", text::thousands(labelers.len() - LABELERS)));
    }
    (!people.is_empty()).then(|| people.join(", "))
}

/// Returns what a change brings besides rows, if anything: `1 revert, guideline tone@3, a changed labelers.yaml`.
pub(super) fn besides(added: &Added, name: impl Fn(&str) -> String) -> Option<String> {
    let records = |kind: Kind| -> usize {
        added.batches.iter().filter(|batch| batch.kind == kind).map(|batch| batch.records as usize).sum()
    };
    let mut parts = Vec::new();
    for kind in [Kind::Reverts, Kind::Joins] {
        if records(kind) > 0 {
            parts.push(format!("{} {}", text::thousands(records(kind)), kind.noun(records(kind))));
        }
    }
    for (one, many, names) in [
        ("guideline", "guidelines", &added.guidelines),
        ("snapshot", "snapshots", &added.snapshots),
        ("a changed", "changed", &added.files),
    ] {
        let mut listed: Vec<String> = names.iter().take(LABELERS).map(|one| name(one)).collect();
        if names.len() > LABELERS {
            listed.push(format!("{} more", text::thousands(names.len() - LABELERS)));
        }
        match names.len() {
            0 => {}
            1 => parts.push(format!("{one} {}", listed[0])),
            _ => parts.push(format!("{many} {}", listed.join(", "))),
        }
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Returns what was compared with what: `checked labels (0a1b2c3d4e) against main (9f31c2ab01)`. `name` writes a revision.
pub(super) fn sides(report: &CheckReport, name: impl Fn(&str) -> String) -> String {
    let short = |commit: &str| sanitize(commit).chars().take(10).collect::<String>();
    let (base, head) = (&report.base, &report.head);
    let parting = match &report.merge_base {
        None => "; they have no commit in common".to_owned(),
        Some(merge_base) if *merge_base != base.commit => format!("; they part at {}", short(merge_base)),
        Some(_) => String::new(),
    };
    let (head_commit, base_commit) = (short(&head.commit), short(&base.commit));
    format!(
        "checked {} ({head_commit}) against {} ({base_commit}){parting}",
        name(&head.rev),
        name(&base.rev)
    )
}

/// What must be said of a change that was judged by its own rules.
pub(super) const BOOTSTRAP: &str =
    "base has no hitl.yaml, so this change is judged by its own: a maintainer must look at it";

/// Returns what people call a metric of a check.
pub(super) fn metric_words(metric: &str) -> String {
    match metric {
        "confirmed" => "confirmed guesses".to_owned(),
        other => match name_of(other) {
            unknown if unknown == other => other.replace('_', " "),
            known => known.to_owned(),
        },
    }
}

/// Returns what a measure is of: `Krippendorff's α of tone`. `words` writes the metric, `name` a task.
pub(super) fn measured(
    measure: &Measure,
    words: impl Fn(&str) -> String,
    name: impl Fn(&str) -> String,
) -> String {
    let metric = words(&metric_words(&measure.metric));
    match &measure.task {
        Some(task) => format!("{metric} of {}", name(task)),
        None => metric,
    }
}

/// Returns before, after, the difference with its sign, the interval and the overlap of a measure; `–` where there is none.
pub(super) fn cells(measure: &Measure) -> [String; 5] {
    let value =
        |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| written(measure.scale, value));
    let delta = measure.delta.map_or_else(|| "–".to_owned(), |delta| moved(measure.scale, delta));
    let interval = measure.interval.map_or_else(
        || "–".to_owned(),
        |[low, high]| format!("{} to {}", written(measure.scale, low), written(measure.scale, high.min(1.0))),
    );
    [value(measure.before), value(measure.after), delta, interval, text::thousands(measure.overlap as usize)]
}

fn written(scale: Scale, value: f64) -> String {
    match scale {
        Scale::Coefficient => number(value),
        Scale::Share => percent(value),
    }
}

/// Returns a difference with its sign; of shares in percentage points.
pub(super) fn moved(scale: Scale, delta: f64) -> String {
    let (text, unit) = match scale {
        Scale::Coefficient => (format!("{delta:+.3}"), ""),
        Scale::Share => (format!("{:+.1}", delta * 100.0), " pp"),
    };
    let nothing = text.chars().all(|c| "+-0.".contains(c));
    format!("{}{unit}", if nothing { text.trim_start_matches(['+', '-']) } else { &text })
}

/// Returns what a rule asks of a measure, and whether that holds.
pub(super) fn wanted(measure: &Measure) -> Option<String> {
    let holds = match measure.holds {
        Some(true) => "holds",
        Some(false) => "does not hold",
        None => "too little to tell",
    };
    measure.wanted.as_deref().map(|wanted| format!("wanted: {} ({holds})", sanitize(wanted)))
}

/// Returns what is said of an item, by whom: `bob: positive (new) · ana: negative · and 3 more`.
pub(super) fn side_by_side(sample: &Sample, name: impl Fn(&str) -> String) -> String {
    let one = |said: &Said| {
        let label = match &said.label {
            Some(label) => name(&cut(label, LABEL)),
            None => "abstained".to_owned(),
        };
        let when = match said.when {
            When::Before => "",
            When::Added => " (new)",
            When::TakenBack => " (taken back)",
            When::Replaced => " (until now)",
        };
        format!("{}: {label}{when}", name(&cut(&said.labeler, LABEL)))
    };
    let more = (sample.more > 0).then(|| format!("and {} more", text::thousands(sample.more as usize)));
    sample.labels.iter().map(one).chain(more).collect::<Vec<_>>().join(" · ")
}

/// Returns an item's text, cut where it is long.
pub(super) fn excerpt(item: &str) -> String {
    cut(item, TEXT).into_owned()
}

/// Returns who did it: `77aa01b2c3 "tidy up" by Bob <bob@example.org>`.
pub(super) fn culprit(commit: &Culprit) -> String {
    let id: String = sanitize(&commit.id).chars().take(10).collect();
    format!("{id} \"{}\" by {}", excerpt(&commit.subject), excerpt(&commit.author))
}

/// Returns what speaks for a finding, a line each with its depth: where it lies, who did it, the items with what is said of
/// each side by side.
pub(super) fn evidence(finding: &Finding) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    match (&finding.path, &finding.record) {
        (Some(path), _) => lines.push((0, format!("in {}", sanitize(path)))),
        (None, Some(record)) => lines.push((0, format!("in record {}", record.short()))),
        (None, None) => {}
    }
    lines.extend(finding.commit.as_ref().map(|commit| (0, format!("in commit {}", culprit(commit)))));
    for sample in &finding.samples {
        let said = sample.text.as_deref().map_or_else(String::new, |text| format!("  \"{}\"", excerpt(text)));
        lines.push((0, format!("{}{said}", sanitize(&sample.item))));
        if !sample.labels.is_empty() {
            lines.push((2, side_by_side(sample, |name| sanitize(name).into_owned())));
        }
    }
    if finding.more > 0 {
        lines.push((0, format!("and {}", text::count(finding.more as usize, "more item"))));
    }
    lines
}

/// Returns that so many findings are not shown, and where they are.
pub(super) fn more_findings(count: usize) -> String {
    format!("{}: see the JSON or HTML report", text::count(count, "more finding"))
}

/// Returns for each finding what is the same in the next run, though its numbers, lines or the order of others are not.
/// Findings of one check and code in one place are numbered.
pub(super) fn fingerprints(findings: &[Finding]) -> Vec<String> {
    let mut seen: BTreeMap<Digest, u32> = BTreeMap::new();
    let one = |finding: &Finding| {
        let record = finding.record.map(|record| record.to_string());
        let parts = [
            Some(finding.check.as_str()),
            Some(finding.code),
            finding.path.as_deref(),
            record.as_deref(),
            finding.task.as_deref(),
        ];
        // Told as JSON, two lists of parts are never one text.
        let told = serde_json::json!(parts).to_string();
        let nth = seen.entry(Digest::tagged("hitl finding 1", &[told.as_bytes()])).or_default();
        *nth += 1;
        Digest::tagged("hitl finding 1", &[told.as_bytes(), &nth.to_be_bytes()]).to_string()
    };
    findings.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_have_a_sign_unless_they_are_none() {
        let coefficients = [0.1, -0.0312, -0.0001, 0.0].map(|delta| moved(Scale::Coefficient, delta));
        assert_eq!(coefficients, ["+0.100", "-0.031", "0.000", "0.000"]);
        let shares = [0.1, -0.1042, 0.0001, -0.0].map(|delta| moved(Scale::Share, delta));
        assert_eq!(shares, ["+10.0 pp", "-10.4 pp", "0.0 pp", "0.0 pp"]);
    }
}
