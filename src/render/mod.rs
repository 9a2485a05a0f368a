//! Floor 6: reports → human text, JSON, Markdown, HTML, CSV, PROV, and of a check what forges show.
//!
//! In: a report of a floor below, already computed. Out: bytes to a writer; nothing here decides, sorts out of need,
//! or knows a terminal beyond its [`human::Style`]. Invariant: no text that came from data reaches a terminal, a
//! Markdown page or an HTML page unescaped.

mod agreement;
mod annotations;
mod batches;
mod check;
mod code_quality;
mod consensus;
pub mod csv;
pub mod html;
pub mod human;
mod json;
mod junit;
mod labelers;
pub mod markdown;
mod patterns;
mod pieces;
mod prov;
#[cfg(test)]
mod samples;
mod sarif;
mod standing;

pub use annotations::annotations;
pub use code_quality::code_quality;
pub use json::json;
pub use junit::junit;
pub use prov::prov;
pub use sarif::sarif;
