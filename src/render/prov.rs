//! A trace as W3C PROV-JSON.
use crate::trace::TraceReport;
use std::io::{self, Write};
/// x
pub fn prov(_report: &TraceReport, _out: &mut impl Write) -> io::Result<()> {
    Ok(())
}
