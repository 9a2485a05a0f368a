//! How one text became another: words, edits, their wording, inline runs, distance and tone.
//!
//! In: two texts, the original and the corrected one, of any size and script. Out: the [`Edit`]s between them as byte
//! ranges into both, the [`Wording`] that makes two edits of different texts the same, [`Span`]s to show, Levenshtein
//! distance and similarity in code points, and the [`ToneShift`]s by a small lexicon.
//!
//! Invariant: every range lies on character boundaries, and the edits applied to the original give the corrected text
//! byte for byte. The same two texts give the same edits on every machine: work is bounded by counts, never by a clock.

mod align;
mod distance;
mod edits;
#[cfg(test)]
mod laws;
mod layout;
mod likeness;
mod script;
mod spans;
mod tokens;
mod tone;
mod wording;
mod words;

pub use distance::{distance, length_ratio, more_similar_than, similarity};
pub use edits::{Edit, EditKind, edits};
pub use spans::{Span, SpanKind, spans};
pub use tone::{Tone, ToneShift, tone, tone_shift};
pub use wording::{Wording, wording};
pub use words::{Word, WordKind, words};
