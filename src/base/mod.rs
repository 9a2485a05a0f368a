//! Floor 0: what every other floor counts on and nothing of labels.
//!
//! Digests and Merkle roots, timestamps, deterministic CBOR, the one door to YAML, and small text rules.

mod blocks;
pub mod cbor;
pub mod digest;
pub mod json;
pub mod number;
pub mod proportion;
pub mod ssh;
pub mod text;
mod texts;
pub mod time;
pub mod yaml;

pub use blocks::Blocks;
pub use digest::Digest;
pub use texts::Texts;
pub use time::Timestamp;
