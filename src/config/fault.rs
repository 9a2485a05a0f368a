//! What is wrong with a file that people edit, and where.

use std::fmt;

use crate::base::yaml;

/// A stretch of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1; 0 when the fault is the file as a whole.
    pub line: usize,
    /// In characters, from 1; 0 when the fault is the file as a whole.
    pub column: usize,
    /// Characters, at least 1.
    pub length: usize,
}

/// One thing wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `hitl.yaml` or `labelers.yaml`.
    pub file: &'static str,
    /// Where.
    pub place: Place,
    /// The line it stands on, without its end.
    pub line_text: String,
    /// What is wrong.
    pub message: String,
    /// What may have been meant, or what to do.
    pub help: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place { line: 0, .. } => write!(f, "{}: {}", self.file, self.message)?,
            Place { line, column, .. } => write!(f, "{}:{line}:{column}: {}", self.file, self.message)?,
        }
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

/// Everything wrong with a file, in the order of its lines; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            write!(f, "{}{fault}", if index > 0 { "\n" } else { "" })?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Collects the faults of one file while it is read on.
pub(super) struct Collector<'a> {
    file: &'static str,
    text: &'a str,
    faults: Vec<Fault>,
}

impl<'a> Collector<'a> {
    pub fn new(file: &'static str, text: &'a str) -> Self {
        Self { file, text, faults: Vec::new() }
    }

    pub fn add(&mut self, place: Place, message: impl Into<String>, help: Option<String>) {
        let line_text = self.text.lines().nth(place.line.wrapping_sub(1)).unwrap_or_default().to_owned();
        self.faults.push(Fault { file: self.file, place, line_text, message: message.into(), help });
    }

    /// Adds what the YAML reader found, which ends the reading.
    pub fn yaml(&mut self, error: yaml::Error) {
        let yaml::Error { line, column, message } = error;
        let twice =
            message.strip_prefix("duplicate mapping key: ").and_then(|rest| rest.split(", set ").next());
        let message = twice.map_or(message.clone(), |key| format!("`{key}` is written twice"));
        self.add(Place { line, column, length: 1 }, message, None);
    }

    /// Returns `value`, or the faults in the order of their places if there are any.
    pub fn finish<T>(mut self, value: T) -> Result<T, Faults> {
        if self.faults.is_empty() {
            return Ok(value);
        }
        self.faults.sort_by_key(|fault| (fault.place.line, fault.place.column));
        Err(Faults(self.faults))
    }
}

/// Returns `did you mean …?` when a known word is near, else all known words.
pub(super) fn suggestion(word: &str, known: &[&str]) -> Option<String> {
    match crate::base::text::did_you_mean(word, known.iter().copied()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if known.is_empty() => None,
        None => Some(format!("one of {}", known.join(", "))),
    }
}
