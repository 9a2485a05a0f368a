//! The real program killed at any state-changing system call: what it printed stays, what it did not finish is finished
//! or gone by the next command, and the user is neither blocked nor disturbed.
//!
//! Some points a command and kind of repository; every point with `HITL_TEST_KILL_ALL=1`.
#![allow(clippy::print_stderr, reason = "a sweep says what it found")]

#[path = "faults/killer.rs"]
mod killer;
#[path = "faults/project.rs"]
mod project;
#[path = "faults/sealed.rs"]
mod sealed;
#[path = "faults/world.rs"]
mod world;

use std::path::Path;

use killer::{Sweep, killer};
use project::Project;
use sealed::Sealed;
use world::{Case, Kind};

fn sweep(kind: Kind, sample: u64, shift: u64) {
    let (mut whole, mut absent) = (0, 0);
    for (case, shift) in Case::all(kind).iter().zip(shift..) {
        let Some(killer) = killer(case.scratch()) else { return };
        let sweep = Sweep { fault: "kill", sample, shift };
        killer.sweep(
            case.scratch(),
            &sweep,
            |dir| case.prepare(dir),
            |dir, call, met| case.judge(dir, call, met),
        );
        eprintln!("{}", case.tell(kind, "killed"));
        whole += case.tally.whole.get();
        absent += case.tally.runs.get() - case.tally.whole.get();
    }
    assert!(whole > 1 && absent > 1, "the samples have points on both sides of the journal");
}

#[test]
fn in_a_plain_repository_a_killed_command_is_whole_or_absent() {
    sweep(Kind::Plain, 4, 0);
}

#[test]
fn in_a_sha256_repository_a_killed_command_is_whole_or_absent() {
    sweep(Kind::Sha256, 2, 1);
}

#[test]
fn in_a_reftable_repository_a_killed_command_is_whole_or_absent() {
    sweep(Kind::Reftable, 2, 2);
}

#[test]
fn in_a_linked_work_tree_a_killed_command_is_whole_or_absent() {
    sweep(Kind::Linked, 2, 3);
}

#[test]
fn a_repository_whose_making_was_killed_is_made_by_the_same_command_again() {
    let project = Project::in_repo(Sealed::new());
    let Some(killer) = killer(project.repo.scratch()) else { return };
    let args = ["init", "--task", "tone", "--classes", "no,yes"];
    let sweep = Sweep { fault: "kill", sample: 5, shift: 1 };
    let prepare = |dir: &Path| project.command_at(dir, &args);
    killer.sweep(project.repo.scratch(), &sweep, prepare, |dir, _, _| {
        project.ok_at(dir, &args);
        assert_eq!(project.repo.git_at(dir, &["status", "--porcelain"]), "");
        assert_eq!(project.repo.git_at(dir, &["ls-tree", "HEAD"]).lines().count(), 3);
        let fsck = project.repo.try_git_at(dir, &["fsck", "--full", "--strict"]);
        assert!(fsck.status.success(), "{fsck:?}");
    });
}
