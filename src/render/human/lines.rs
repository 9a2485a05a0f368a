//! Lines that fit the terminal: paragraphs, and the command to run next.

use std::io::{self, Write};

use super::text::{sanitize, width, wrap};
use super::{Style, Tone};

/// Writes a command to run, and what it is for; on a line of its own where both are too long for one.
pub(super) fn command(
    word: &str,
    command: &str,
    purpose: &str,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let (painted, lead) = (style.paint(Tone::Id, command), format!("{word}:"));
    if lead.len() + 4 + width(command) + width(purpose) <= style.width {
        writeln!(out, "{lead:<5} {painted}   {}", style.paint(Tone::Dim, purpose))
    } else {
        writeln!(out, "{lead:<5} {painted}\n      {}", style.paint(Tone::Dim, purpose))
    }
}

/// Writes `text`, in the look of `tone`, in lines that fit: the first after `lead`, the others below it.
pub(super) fn paragraph(
    lead: &str,
    text: &str,
    tone: Option<Tone>,
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let text = sanitize(text);
    for (index, line) in wrap(&text, style.width.saturating_sub(lead.len()).max(20)).iter().enumerate() {
        let lead = if index == 0 { lead.to_owned() } else { " ".repeat(lead.len()) };
        let line = tone.map_or_else(|| line.clone(), |tone| style.paint(tone, line));
        writeln!(out, "{lead}{line}")?;
    }
    Ok(())
}
