//! Failures: what, where, what to do next.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Style, Tone, sanitize};

/// A place in a file and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// Line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// Column in characters, from 1; 0 for the line as a whole.
    pub column: usize,
    /// Characters from there on that are meant.
    pub length: usize,
    /// The line's text, to be shown with the place marked.
    pub source: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Place {
    /// Returns a fault of a file as a whole.
    pub fn file(file: String, message: String) -> Self {
        Self { file, line: 0, column: 0, length: 0, source: None, message, help: None }
    }
}

/// Writes a failure: its message, the places, how many more there are, and hints.
///
/// # Errors
/// Whatever writing meets.
pub fn error(
    message: &str,
    places: &[Place],
    more: usize,
    hints: &[String],
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    told("error:", Tone::Bad, message, style, out)?;
    for place in places {
        match &place.source {
            Some(source) => snippet(place, source, style, out)?,
            None => line(place, style, out)?,
        }
    }
    if more > 0 {
        writeln!(out, "  … and {} more", crate::base::text::thousands(more))?;
    }
    for hint in hints {
        told("hint:", Tone::Good, hint, style, out)?;
    }
    Ok(())
}

/// Writes `text` after its title; what a hook or git said has lines of its own, which stay lines.
fn told(title: &str, tone: Tone, text: &str, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let mut lines = text.lines();
    writeln!(out, "{} {}", style.paint(tone, title), sanitize(lines.next().unwrap_or_default()))?;
    lines.try_for_each(|line| writeln!(out, "  {}", sanitize(line)))
}

/// Writes `file:line:column: message`, and the help below it.
fn line(place: &Place, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let file = sanitize(&place.file);
    let at = match (place.line, place.column) {
        (0, _) => file.into_owned(),
        (line, 0) => format!("{file}:{line}"),
        (line, column) => format!("{file}:{line}:{column}"),
    };
    writeln!(out, "  {}: {}", style.paint(Tone::Id, &at), sanitize(&place.message))?;
    if let Some(help) = &place.help {
        writeln!(out, "    {}", style.paint(Tone::Dim, &sanitize(help)))?;
    }
    Ok(())
}

/// Draws the offending line with the place marked.
fn snippet(place: &Place, source: &str, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let source = sanitize(source);
    let byte = |character: usize| source.char_indices().nth(character).map_or(source.len(), |(at, _)| at);
    let first = place.column.saturating_sub(1);
    let (start, end) = (byte(first), byte(first + place.length.max(1)));
    let message = sanitize(&place.message);
    let file = sanitize(&place.file);
    let marked = Snippet::source(source.as_ref())
        .line_start(place.line.max(1))
        .path(file.as_ref())
        .annotation(AnnotationKind::Primary.span(start..end));
    let help = place.help.as_deref().map(sanitize);
    let mut report = vec![Level::ERROR.primary_title(message.as_ref()).element(marked)];
    if let Some(help) = &help {
        report.push(annotate_snippets::Group::with_title(Level::HELP.secondary_title(help.as_ref())));
    }
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    writeln!(out, "{}", renderer.render(&report))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(places: &[Place], hints: &[&str]) -> String {
        let hints: Vec<String> = hints.iter().map(|hint| (*hint).to_owned()).collect();
        let mut out = Vec::new();
        error("week1.csv has 3 faults: nothing was committed", places, 2, &hints, &Style::PLAIN, &mut out)
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_failure_says_what_where_and_what_next() {
        let place = Place {
            file: "week1.csv".into(),
            line: 3,
            column: 7,
            length: 8,
            source: None,
            message: "`Postive\u{1b}` is not a class".into(),
            help: Some("did you mean `positive`?".into()),
        };
        insta::assert_snapshot!(text(&[place], &["mend the file"]), @r"
        error: week1.csv has 3 faults: nothing was committed
          week1.csv:3:7: `Postive\u{1b}` is not a class
            did you mean `positive`?
          … and 2 more
        hint: mend the file
        ");
    }

    #[test]
    fn what_a_hook_said_keeps_its_lines() {
        let said = text(&[], &["it said:\nline one\nline \u{1b}two"]);
        assert!(said.ends_with("hint: it said:\n  line one\n  line \\u{1b}two\n"), "{said}");
    }

    #[test]
    fn a_config_fault_shows_its_line() {
        let place = Place {
            file: "hitl.yaml".into(),
            line: 4,
            column: 5,
            length: 6,
            source: Some("    clases: [a, b]".into()),
            message: "unknown field `clases`".into(),
            help: Some("did you mean `classes`?".into()),
        };
        let drawn = text(&[place], &[]);
        assert!(drawn.contains("hitl.yaml:4:5"), "{drawn}");
        assert!(drawn.contains("    clases: [a, b]"), "{drawn}");
        assert!(drawn.contains("did you mean `classes`?"), "{drawn}");
    }
}
