//! Floor 5: reports → human text, JSON and Markdown.
//!
//! In: a report of a floor below, already computed. Out: bytes to a writer; nothing here decides, sorts out of need,
//! or knows a terminal beyond its [`human::Style`]. Invariant: no text that came from data reaches a terminal or a
//! Markdown page unescaped.

mod agreement;
mod consensus;
pub mod human;
mod json;
mod labelers;
pub mod markdown;
mod patterns;

pub use json::json;
