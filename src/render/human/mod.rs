//! Text for people, in a terminal of some width, with colour or without.
//!
//! Colour only repeats what the words say. Everything that came from data goes through [`sanitize`]; a [`Table`] does
//! it to its cells itself.

mod adjudicate;
mod against;
mod agreement;
mod audit;
mod batches;
mod check;
mod commit;
mod consensus;
mod corrected;
mod demo;
mod diff;
mod error;
mod fsck;
mod git_setup;
pub mod guideline;
pub mod hook;
mod init;
mod inline;
mod labelers;
mod labels;
mod left_out;
mod lines;
mod log;
mod patterns;
pub mod people;
mod restore;
mod revert;
mod show;
pub mod snapshot;
mod status;
mod style;
mod table;
mod text;
mod textconv;
mod trace;
mod unified;

use std::io::{self, Write};

use crate::store::CommitInfo;

pub use crate::base::number::{number, percent};
pub use adjudicate::{adjudicate, adjudicate_list};
pub use against::against;
pub use agreement::agreement;
pub use audit::audit;
pub(in crate::render) use audit::summary as audit_summary;
pub use batches::batch_diff;
pub use check::check;
pub use commit::{ALIASES_HELP, commit};
pub use consensus::consensus;
pub use demo::{demo_end, demo_step};
pub use diff::diff;
pub use error::{Place, error};
pub use fsck::fsck;
pub use git_setup::git_setup;
pub use init::init;
pub use labelers::labelers;
pub use labels::labels;
pub use left_out::left_out;
pub use log::{log, log_oneline};
pub use patterns::{patterns, patterns_applied};
pub use restore::restore;
pub use revert::{revert, revert_effects, revert_end};
pub use show::show;
pub use status::status;
pub use style::{Style, Tone};
pub use table::{Cell, Table};
pub use text::{elide, readable, sanitize, shell_word, width, wrap};
pub use textconv::{absent_object, no_shard, shard_rows};
pub use trace::{trace, trace_snapshot, trace_use};
pub use unified::batch_unified;

/// Says whose commit took a record along before it could have one of its own.
///
/// # Errors
/// Whatever writing meets.
pub fn swept(swept_by: Option<&CommitInfo>, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let Some(commit) = swept_by else { return Ok(()) };
    writeln!(
        out,
        "{} it went in with commit {} \"{}\" by {}, made at the same moment",
        style.paint(Tone::Warn, "note:"),
        style.paint(Tone::Id, short_commit(&commit.id.0)),
        sanitize(&commit.subject),
        sanitize(&commit.author)
    )
}

/// Says with which key something was signed; nothing where it was not.
///
/// # Errors
/// Whatever writing meets.
pub fn signed_by(fingerprint: Option<&str>, style: &Style, out: &mut impl Write) -> io::Result<()> {
    match fingerprint {
        Some(fingerprint) => writeln!(out, "signed by {}", style.paint(Tone::Id, &sanitize(fingerprint))),
        None => Ok(()),
    }
}

/// Returns the first digits of a commit's id, as git shows them.
fn short_commit(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::store::Oid;

    #[test]
    fn a_commit_that_swept_a_record_is_named() {
        let commit = CommitInfo {
            id: Oid("9f31c2ab01d4".to_owned()),
            author: "Ana <ana@example.org>".to_owned(),
            time: Timestamp::from_micros(0).unwrap(),
            subject: "typo\u{1b}[31m".to_owned(),
        };
        let mut out = Vec::new();
        swept(Some(&commit), &Style::PLAIN, &mut out).unwrap();
        let said = String::from_utf8(out).unwrap();
        let start = "note: it went in with commit 9f31c2ab01 \"typo";
        assert!(
            said.starts_with(start) && said.ends_with("by Ana <ana@example.org>, made at the same moment\n")
        );
        assert!(!said.contains('\u{1b}'), "{said}");
    }
}
