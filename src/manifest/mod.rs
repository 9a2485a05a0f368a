//! Manifests: `record::Manifest` ↔ exact bytes, and where a record lies.
//!
//! In: a [`Manifest`]; out: the one text of it, a strict YAML subset people read in a pull request; and back. The
//! invariant is that a text is accepted only if emitting what was read gives the same bytes again, so one manifest has
//! one text and one id. `docs/format.md` holds the grammar.

mod check;
mod emit;
mod parse;
mod path;
#[cfg(test)]
mod tests;

use crate::record::Manifest;

pub use check::{Invalid, check};
pub use emit::emit;
pub use parse::{Error, parse};
pub use path::{Part, RecordPath, manifest_path, record_of_path, shard_path, signature_path};

/// A manifest's text has at most this many bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// The version of the manifest format that this program writes and reads.
pub const FORMAT: u32 = 1;

/// Whether the manifest's text keeps to [`MAX_BYTES`].
///
/// Where it does not, the labeler table goes into the shard's metadata (`Labelers::InShard`), and a revert's item list
/// into a shard.
pub fn fits(manifest: &Manifest) -> bool {
    emit(manifest).len() <= MAX_BYTES
}
