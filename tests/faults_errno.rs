//! The real program with a disk that fails at any state-changing system call: a clear error and the state before, or one
//! that is reported as unfinished and finished by the next command; never an acknowledgement of what is not there.
//!
//! Some points; every point with `HITL_TEST_KILL_ALL=1`.
#![allow(clippy::print_stderr, reason = "a sweep says what it found")]

#[path = "faults/killer.rs"]
mod killer;
#[path = "faults/project.rs"]
mod project;
#[path = "faults/sealed.rs"]
mod sealed;
#[path = "faults/world.rs"]
mod world;

use killer::{Sweep, every, killer};
use world::{Case, Kind};

/// Fails the calls of `hitl VERB` with each of these errors; those with a `+` last.
fn sweep(verb: &str, faults: &[&str], sample: u64) {
    for (fault, shift) in faults.iter().zip(0..) {
        let case = Case::new(Kind::Plain, verb);
        let Some(killer) = killer(case.scratch()) else { return };
        let sweep = Sweep { fault, sample, shift };
        killer.sweep(
            case.scratch(),
            &sweep,
            |dir| case.prepare(dir),
            |dir, call, met| case.judge_failed(dir, call, met),
        );
        eprintln!("{}", case.tell(Kind::Plain, fault));
    }
}

#[test]
fn a_commit_on_a_failing_disk_is_refused_or_finished() {
    sweep("commit", &["EIO", "ENOSPC+", "EROFS+", "EACCES", "ENOSPC", "EROFS"], 3);
}

#[test]
fn every_other_command_that_writes_too() {
    for (verb, fault) in
        [("revert", "EIO"), ("snapshot", "ENOSPC+"), ("guideline", "EIO"), ("init", "ENOSPC+")]
    {
        let faults = if every() { &["EIO", "ENOSPC+"][..] } else { &[fault] };
        sweep(verb, faults, 3);
    }
}
