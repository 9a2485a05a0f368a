//! What a merge will hold, put together in memory, is what git makes of it.

#[path = "faults/project.rs"]
mod project;
#[path = "faults/sealed.rs"]
mod sealed;

use hitl::store::{Oid, Store};
use project::{Project, labels};

/// A project with two branches that know nothing of each other: `one` and `other`.
fn parted() -> Project {
    let project = Project::tone();
    project.commit("base.csv", &labels(&["ana", "bo"], 0..6, true, |_, _| "yes"), &[]);
    project.repo.git(&["branch", "one"]);
    project.repo.git(&["switch", "--quiet", "-c", "other"]);
    project.commit("other.csv", &labels(&["dee"], 0..6, true, |_, _| "no"), &[]);
    project.ok(&["revert", "--labeler", "bo", "-m", "why"]);
    project.repo.git(&["switch", "--quiet", "one"]);
    project.commit("one.csv", &labels(&["eve"], 3..9, true, |_, _| "yes"), &[]);
    project.ok(&["snapshot", "create", "s"]);
    project
}

fn resolve(store: &Store, rev: &str) -> Oid {
    store.resolve(rev).unwrap()
}

#[test]
fn both_sides_are_in_it_and_nothing_is_written() {
    let project = parted();
    let store = project.repo.store();
    let (one, other) = (resolve(&store, "one"), resolve(&store, "other"));
    let before = project.repo.git(&["count-objects", "-v"]);
    let merge_base = store.merge_base(&one, &other).unwrap().unwrap();
    let united = store
        .united((&one, &other), Some(&merge_base), &["ledger"], &["snapshots", "hitl.yaml", "labelers.yaml"])
        .unwrap();
    assert_eq!(project.repo.git(&["count-objects", "-v"]), before);
    let merged = project.repo.git(&["merge-tree", "--write-tree", "one", "other"]);
    for folder in ["ledger", "snapshots"] {
        let wanted = project.repo.git(&["rev-parse", &format!("{}:{folder}", merged.trim())]);
        assert_eq!(store.folder(&united, folder).unwrap().map(|oid| oid.0).as_deref(), Some(wanted.trim()));
    }
    let again = project.repo.store();
    assert!(!again.has_object(&united), "it is in memory alone");
    assert_eq!(store.resolve(&united.0).unwrap(), united);
}

#[test]
fn where_both_hold_a_file_the_base_is_believed() {
    let project = parted();
    let path = project.repo.git(&["ls-tree", "-r", "--name-only", "one", "ledger"]);
    let path = path.lines().next().unwrap().to_owned();
    project.repo.git(&["switch", "--quiet", "other"]);
    std::fs::write(project.repo.dir().join(&path), "other bytes").unwrap();
    project.repo.git(&["commit", "--quiet", "-a", "-m", "edit"]);
    let store = project.repo.store();
    let (one, other) = (resolve(&store, "one"), resolve(&store, "other"));
    let merge_base = store.merge_base(&one, &other).unwrap();
    let united = store.united((&one, &other), merge_base.as_ref(), &["ledger"], &[]).unwrap();
    assert_eq!(store.blob_at(&united, &path).unwrap(), store.blob_at(&one, &path).unwrap());
}

#[test]
fn nothing_is_a_commit_too() {
    let project = parted();
    let store = project.repo.store();
    let nothing = store.nothing().unwrap();
    assert_eq!(store.folder(&nothing, "ledger").unwrap(), None);
    assert!(store.files(&nothing, "").unwrap().is_empty());
}
