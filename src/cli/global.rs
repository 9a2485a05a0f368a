//! Options of every command.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Options of every command.
#[derive(Args, Debug)]
pub struct Global {
    /// Run as if started in DIR
    // An id of its own: commands have arguments named `dir`, and clap would take the two for one.
    #[arg(id = "run-in", short = 'C', value_name = "DIR", global = true)]
    pub dir: Option<PathBuf>,
    /// How to print: for people, or for programs
    #[arg(long, value_enum, default_value = "human", global = true, help_heading = "Output")]
    pub format: Format,
    /// When to use colour
    #[arg(long, value_enum, default_value = "auto", global = true, help_heading = "Output")]
    pub color: Color,
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people
    Human,
    /// One JSON document, its version in `schema`
    Json,
    /// Markdown, for pull requests
    Md,
    /// One HTML page that needs nothing else
    Html,
    /// Comma-separated values, a row each
    Csv,
    /// W3C PROV as JSON
    Prov,
}

impl Format {
    /// Returns what `--format` calls it.
    pub fn option(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Md => "md",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Prov => "prov",
        }
    }

    /// Returns its name in a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "JSON",
            Self::Md => "Markdown",
            Self::Html => "HTML",
            Self::Csv => "CSV",
            Self::Prov => "PROV",
        }
    }
}

/// When colour is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
