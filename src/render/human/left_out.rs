//! Records that do not count for a new snapshot.

use std::io::{self, Write};

use super::sanitize;
use crate::base::text;
use crate::ops::authority::LeftOut;

/// At most this many are listed.
const LISTED: usize = 5;

/// Writes records that do not count, a line each: `9f3c21d0aa labels of tone: carol has not signed it`.
///
/// # Errors
/// Whatever writing meets.
pub fn left_out(records: &[LeftOut], out: &mut impl Write) -> io::Result<()> {
    for one in records.iter().take(LISTED) {
        let task = one.task.as_ref().map_or(String::new(), |task| format!(" of {}", sanitize(task)));
        let why: Vec<&str> = one.refused.iter().map(|refusal| refusal.message.as_str()).collect();
        writeln!(out, "  {} {}{task}: {}", one.record.short(), one.kind, sanitize(&why.join("; ")))?;
    }
    match records.len().saturating_sub(LISTED) {
        0 => Ok(()),
        more => writeln!(out, "  and {} more; --json has all", text::thousands(more)),
    }
}
