//! The analyses (diff, trace, snapshot) over small histories and random ones.

mod diff;
mod history;
mod joint;
mod reference;
mod snapshot;
mod trace;
