//! Floor 5: reports → human text, JSON, Markdown, HTML, CSV and PROV.
//!
//! In: a report of a floor below, already computed. Out: bytes to a writer; nothing here decides, sorts out of need,
//! or knows a terminal beyond its [`human::Style`]. Invariant: no text that came from data reaches a terminal, a
//! Markdown page or an HTML page unescaped.

mod agreement;
mod batches;
mod consensus;
pub mod csv;
pub mod html;
pub mod human;
mod json;
mod labelers;
pub mod markdown;
mod patterns;
mod pieces;
mod prov;
mod standing;

pub use json::json;
pub use prov::prov;
