//! The one door to YAML: the only module that names the YAML crate.
//!
//! Reading is bounded (1 MiB, the parser's own budgets), booleans are `true` and `false` alone, and an error carries
//! the line and column, counted from 1, where it stands.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value with the place it stands at in the text.
pub use serde_yaml::Spanned;

/// At most this many bytes of YAML are read.
const MAX_BYTES: usize = 1 << 20;

/// Why a text is not the YAML that was wanted, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// Line, from 1; 0 when the fault is the text as a whole.
    pub line: usize,
    /// Column in characters, from 1; 0 when the fault is the text as a whole.
    pub column: usize,
    /// What is wrong, without the place.
    pub message: String,
}

/// Reads one YAML document into `T`.
///
/// # Errors
/// The text is over 1 MiB, is not YAML, spends the parser's budget, or is not a `T`.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    if text.len() > MAX_BYTES {
        let message = format!("is {} bytes; at most {MAX_BYTES} are read", text.len());
        return Err(Error { line: 0, column: 0, message });
    }
    let options = serde_yaml::options! { strict_booleans: true, with_snippet: false };
    serde_yaml::from_str_with_options(text, options).map_err(|error| {
        let (line, column) =
            error.location().map_or((0, 0), |place| (place.line() as usize, place.column() as usize));
        Error { line, column, message: strip_place(error.to_string()) }
    })
}

/// Drops the parser's own ` at line 3, column 1`, which is told apart.
fn strip_place(message: String) -> String {
    let first = message.lines().next().unwrap_or_default();
    let cut = first.rfind(" at line ").unwrap_or(first.len());
    let first = &first[..cut];
    match first.strip_prefix("error: line ").and_then(|rest| rest.split_once(": ")) {
        Some((_, rest)) => rest.to_owned(),
        None => first.to_owned(),
    }
}

/// Writes `value` as one YAML document.
///
/// # Errors
/// `value` cannot be written as YAML: a map key that is no scalar, say.
pub fn to_string<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_yaml::to_string(value).map_err(|error| Error { line: 0, column: 0, message: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Small {
        #[expect(dead_code, reason = "read by the derived Debug alone")]
        count: u8,
    }

    #[test]
    fn an_error_knows_its_place() {
        let error = from_str::<Small>("count: 3\ncuont: 4\n").unwrap_err();
        assert_eq!((error.line, error.column), (2, 1), "{error:?}");
        assert!(error.message.contains("cuont"), "{error:?}");
        assert!(!error.message.contains("line"), "{error:?}");
        assert_eq!(from_str::<Small>("count: many\n").unwrap_err().line, 1);
    }

    #[test]
    fn what_looks_like_a_boolean_is_quoted() {
        assert!(to_string(&["no", "2026-01-01"]).unwrap().contains("\"no\""));
    }
}
