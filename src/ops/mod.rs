//! Floor 4: every verb, one file each: options in, report out.
//!
//! A verb reads through [`crate::dataset`], asks the analyses, and returns a report value; it never prints, and the
//! clock, the working folder and random salt are given to it.

pub mod adjudicate;
pub mod agreement;
pub mod audit;
pub mod authority;
pub mod check;
pub mod commit;
pub mod consensus;
pub mod demo;
pub mod diff;
mod error;
pub mod filter;
pub mod fsck;
pub mod git_setup;
pub mod guideline;
pub mod hook;
pub mod init;
mod input;
mod label_files;
pub mod labelers;
pub mod labels;
pub mod log;
mod overview;
pub mod patterns;
pub mod people;
mod private;
mod record_ref;
pub mod restore;
pub mod revert;
pub mod show;
mod signed;
pub mod snapshot;
mod standings;
pub mod status;
pub mod survey;
pub mod table;
pub mod tallies;
pub mod textconv;
pub mod trace;
mod verdicts;

pub use error::{ArgumentFault, Error};
pub use input::{Input, OpenInput};
pub use record_ref::{check_tasks, resolve_record};

use crate::base::Timestamp;
use crate::dataset::{Dataset, Stamp};
use crate::record::RecordId;

/// What every verb that writes is given from outside.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The wall clock.
    pub now: Timestamp,
}

/// Returns the stamp of a record sealed now; in a dry run that of nobody, where Git does not know who is asking.
pub(crate) fn stamp_or_blank(dataset: &Dataset, now: Timestamp, dry_run: bool) -> Result<Stamp, Error> {
    match stamp(dataset, now, Vec::new()) {
        Err(_) if dry_run => {
            Ok(Stamp { actor: String::new(), recorded_at: now, tool: TOOL.to_owned(), parents: Vec::new() })
        }
        other => other,
    }
}

/// Creates a file in `folder`, gone unless it gets a name, that others may read as far as the user's mask lets them.
fn readable_temporary(folder: &std::path::Path) -> std::io::Result<tempfile::NamedTempFile> {
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    tempfile::Builder::new().prefix(".hitl-").permissions(readable).tempfile_in(folder)
}

/// The name hitl signs records with.
pub const TOOL: &str = concat!("hitl ", env!("CARGO_PKG_VERSION"));

/// Returns the stamp of a record sealed now on top of `parents`.
pub(crate) fn stamp(dataset: &Dataset, now: Timestamp, parents: Vec<RecordId>) -> Result<Stamp, Error> {
    let identity = dataset.store().identity()?;
    let actor = format!("{} <{}>", identity.name, identity.email);
    Ok(Stamp { actor, recorded_at: now, tool: TOOL.to_owned(), parents })
}
