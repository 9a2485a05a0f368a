//! How text may look: whether in colour, and how wide.

use anstyle::{AnsiColor, Style as Ansi};

/// What a terminal, or whatever takes its place, can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether colours may be used.
    pub color: bool,
    /// How many columns a line may have.
    pub width: usize,
}

/// What a stretch of text is, from which its look follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The head of a section.
    Heading,
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// To be looked at.
    Warn,
    /// Beside the point: units, column heads, notes.
    Dim,
    /// A name or id that another command takes; also a command itself.
    Id,
}

impl Style {
    /// Without colour, 80 columns: what a pipe gets.
    pub const PLAIN: Self = Self { color: false, width: 80 };

    /// Returns `text` in the look of `tone`; as it is where there is no colour.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let look = match tone {
            Tone::Heading => Ansi::new().bold(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Bad => AnsiColor::Red.on_default(),
            Tone::Warn => AnsiColor::Yellow.on_default(),
            Tone::Dim => Ansi::new().dimmed(),
            Tone::Id => AnsiColor::Cyan.on_default(),
        };
        format!("{look}{text}{look:#}")
    }
}
