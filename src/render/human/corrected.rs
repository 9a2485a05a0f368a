//! Rows of a diff that are corrections: the verdict, and on a line below what became of the text.

use std::io::{self, Write};

use serde::Deserialize;

use super::diff::{because, tone};
use super::inline::{as_it_is, inline};
use super::{Style, Tone, sanitize};
use crate::diff::{Op, Row, Value};
use crate::record::Verdict;

/// A correction, as a diff states it.
#[derive(Deserialize)]
struct Stated {
    verdict: Verdict,
    original: Option<String>,
    corrected: Option<String>,
}

impl Stated {
    /// Returns the corrections that a value holds, of several all that contradict each other.
    fn of(value: &Value) -> Vec<Self> {
        let read = |label: &String| serde_json::from_str(label).ok();
        match value {
            Value::None | Value::Abstained => Vec::new(),
            Value::Label { label } => read(label).into_iter().collect(),
            Value::Conflict { labels } => labels.iter().flatten().filter_map(read).collect(),
        }
    }

    /// Returns the text that comes of it.
    fn text(&self) -> Option<&str> {
        self.verdict.wanted(self.original.as_deref(), self.corrected.as_deref())
    }

    fn line(&self, style: &Style) -> String {
        match (self.original.as_deref(), self.text()) {
            (Some(original), Some(text)) => inline(original, text, style),
            (Some(text), None) | (None, Some(text)) => as_it_is(text, style),
            (None, None) => String::new(),
        }
    }
}

/// Returns the correction that `label` states, on one line; none where it is no correction's.
pub(super) fn correction_line(label: &str, style: &Style) -> Option<String> {
    if !label.starts_with('{') {
        return None;
    }
    serde_json::from_str(label).ok().map(|stated: Stated| stated.line(style))
}

/// Writes one row.
///
/// # Errors
/// Whatever writing meets.
pub(super) fn correction_row(row: &Row, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let (before, after) = (Stated::of(&row.before), Stated::of(&row.after));
    let op = style.paint(tone(row.op), row.op.words());
    let who = format!("{}  {}", style.paint(Tone::Id, &sanitize(&row.item)), sanitize(&row.labeler));
    let (what, lines) = told(row, &before, &after, style);
    writeln!(out, "{}", format!("  {op}  {who}  {}{}", sanitize(&what), because(row)).trim_end())?;
    let shown = lines.iter().filter(|line| !line.is_empty());
    shown.into_iter().try_for_each(|line| writeln!(out, "    {line}"))
}

/// Returns what happened in a few words, and the texts to show.
fn told(row: &Row, before: &[Stated], after: &[Stated], style: &Style) -> (String, Vec<String>) {
    let verdicts =
        |side: &[Stated]| side.iter().map(|one| one.verdict.as_str()).collect::<Vec<_>>().join(" or ");
    let lines = |side: &[Stated]| side.iter().map(|one| one.line(style)).collect();
    match (before, after) {
        _ if row.op == Op::Superseded => (format!("{}, said again", verdicts(after)), lines(after)),
        _ if row.before == row.after => (format!("{} still stands", verdicts(after)), lines(after)),
        ([], after) => (verdicts(after), lines(after)),
        (before, []) => (verdicts(before), lines(before)),
        ([was], [is]) => {
            let what = match was.verdict == is.verdict {
                true => format!("{} otherwise", is.verdict),
                false => format!("{} → {}", was.verdict, is.verdict),
            };
            match (was.text(), is.text()) {
                (Some(one), Some(other)) => (what, vec![inline(one, other, style)]),
                _ => (what, vec![was.line(style), is.line(style)]),
            }
        }
        (before, after) => {
            let what = format!("{} → {}, in conflict", verdicts(before), verdicts(after));
            (what, before.iter().chain(after).map(|one| one.line(style)).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Kind;

    fn value(verdict: &str, corrected: Option<&str>) -> Value {
        let label =
            serde_json::json!({ "corrected": corrected, "original": "I has a cat", "verdict": verdict });
        Value::Label { label: label.to_string() }
    }

    fn said(op: Op, before: Value, after: Value) -> String {
        let row = Row {
            op,
            cause: op,
            task: "fluency".into(),
            item: "s\u{1b}1".into(),
            kind: Kind::Corrections,
            labeler: "ana".into(),
            guideline: None,
            before,
            after,
            base: None,
            head: None,
        };
        let mut out = Vec::new();
        correction_row(&row, &Style::PLAIN, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_row_tells_the_verdict_and_what_became_of_the_text() {
        let fixed = || value("corrected", Some("I have a cat"));
        let all = [
            said(Op::Added, Value::None, fixed()),
            said(Op::TakenBack, fixed(), Value::None),
            said(Op::Changed, fixed(), value("corrected", Some("I had a cat"))),
            said(Op::Changed, fixed(), value("approved", None)),
            said(Op::Changed, fixed(), value("rejected", None)),
            said(Op::Superseded, fixed(), fixed()),
            said(Op::Added, Value::None, Value::Label { label: "no JSON".into() }),
        ];
        insta::assert_snapshot!(all.concat(), @r"
        added  s\u{1b}1  ana  corrected
          I [-has-]{+have+} a cat
        taken back  s\u{1b}1  ana  corrected
          I [-has-]{+have+} a cat
        changed  s\u{1b}1  ana  corrected otherwise
          I [-have-]{+had+} a cat
        changed  s\u{1b}1  ana  corrected → approved
          I [-have-]{+has+} a cat
        changed  s\u{1b}1  ana  corrected → rejected
          I [-has-]{+have+} a cat
          I has a cat
        superseded  s\u{1b}1  ana  corrected, said again
          I [-has-]{+have+} a cat
        added  s\u{1b}1  ana
        ");
    }
}
