//! Names and ids, and what each may look like.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::digest::NotADigest;
use crate::base::{Digest, text};

/// A record's id: the domain-separated SHA-256 of its exact manifest bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(pub Digest);

impl RecordId {
    /// Returns the id of the record whose manifest is `manifest`, byte for byte.
    pub fn of(manifest: &[u8]) -> Self {
        Self(Digest::tagged("hitl record 1", &[manifest]))
    }

    /// Returns the first 10 hexadecimal digits, for people.
    pub fn short(&self) -> String {
        self.0.short(10)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

impl FromStr for RecordId {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        text.parse().map(Self)
    }
}

/// A name or id that breaks its rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// The id is empty, or white space alone.
    #[error("the {what} id is empty")]
    Empty {
        /// `item` or `labeler`.
        what: &'static str,
    },
    /// The id is longer than 1,024 bytes.
    #[error("the {what} id is {bytes} bytes long; at most 1024 are kept")]
    TooLong {
        /// `item` or `labeler`.
        what: &'static str,
        /// Its length.
        bytes: usize,
    },
    /// The id holds a character that hides or reorders text.
    #[error("the {what} id holds the hidden character U+{code:04X}")]
    Hidden {
        /// `item` or `labeler`.
        what: &'static str,
        /// The character.
        code: u32,
    },
    /// A task or guideline name that cannot be a folder everywhere.
    #[error(
        "`{name}` is not a {what} name: lowercase letters, digits, `-` and `_`, starting with a letter or digit, at most 63"
    )]
    NotASlug {
        /// `task` or `guideline`.
        what: &'static str,
        /// The name as given.
        name: String,
    },
    /// A guideline version that cannot be a file name everywhere.
    #[error(
        "`{version}` is not a version: letters, digits, `.`, `-` and `_`, starting with a letter or digit, at most 63"
    )]
    NotAVersion {
        /// The version as given.
        version: String,
    },
}

fn check_id(what: &'static str, id: &str) -> Result<(), InvalidName> {
    if id.trim().is_empty() {
        return Err(InvalidName::Empty { what });
    }
    if id.len() > 1024 {
        return Err(InvalidName::TooLong { what, bytes: id.len() });
    }
    // Nearly all ids are printable ASCII, which hides nothing.
    if id.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(());
    }
    match id.chars().find(|c| text::is_hidden(*c)) {
        Some(c) => Err(InvalidName::Hidden { what, code: c as u32 }),
        None => Ok(()),
    }
}

/// Checks an item id: 1 to 1,024 bytes without control or hidden characters. It is stored in NFC.
///
/// # Errors
/// The rule it breaks.
pub fn check_item(id: &str) -> Result<(), InvalidName> {
    check_id("item", id)
}

/// Checks a labeler id: 1 to 1,024 bytes without control or hidden characters. It is stored in NFC.
///
/// # Errors
/// The rule it breaks.
pub fn check_labeler(id: &str) -> Result<(), InvalidName> {
    check_id("labeler", id)
}

/// Checks the name of a task or guideline (`what`): it becomes a folder on every file system.
///
/// # Errors
/// [`InvalidName::NotASlug`].
pub fn check_slug(what: &'static str, name: &str) -> Result<(), InvalidName> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fits = name.len() <= 63
        && name.starts_with(letter)
        && name.chars().all(|c| letter(c) || c == '-' || c == '_');
    if fits { Ok(()) } else { Err(InvalidName::NotASlug { what, name: name.to_owned() }) }
}

/// Checks a guideline version: it becomes a file name on every file system.
///
/// # Errors
/// [`InvalidName::NotAVersion`].
pub fn check_version(version: &str) -> Result<(), InvalidName> {
    let letter = |c: char| c.is_ascii_alphanumeric();
    let fits = version.len() <= 63
        && version.starts_with(letter)
        && version.chars().all(|c| letter(c) || matches!(c, '.' | '-' | '_'));
    if fits { Ok(()) } else { Err(InvalidName::NotAVersion { version: version.to_owned() }) }
}

/// Returns `name@version`, how rows and manifests name a guideline version.
pub fn guideline_key(name: &str, version: &str) -> String {
    format!("{name}@{version}")
}
