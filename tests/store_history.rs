//! History: which commit brought a file and which took it away, through every way git has of joining branches.

#[path = "faults/sealed.rs"]
mod sealed;

use hitl::store::{Oid, Store};
use sealed::{Sealed, change};

impl Sealed {
    fn tip(&self) -> Oid {
        self.store().resolve("HEAD").unwrap()
    }

    fn brought(&self, path: &str) -> String {
        self.store().introduced(&self.tip(), "ledger").unwrap()[path].id.0.clone()
    }

    /// Path and commit of everything history lost.
    fn lost(&self) -> Vec<(String, String)> {
        let removed = self.store().removed(&self.tip(), "ledger").unwrap();
        removed.into_iter().map(|removed| (removed.path, removed.commit.id.0)).collect()
    }

    fn batch(&self, name: &str) -> String {
        let path = format!("ledger/labels/{name}.yaml");
        self.store().commit(&change(name, &[(&path, name)])).unwrap().commit.0
    }

    fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }
}

/// `main` and `side` with two batches each, `main` checked out; the commits by batch name.
fn two_branches() -> (Sealed, Vec<String>) {
    let repo = Sealed::new();
    repo.plain_commit("a", "a");
    repo.git(&["branch", "side"]);
    let mut commits = vec![repo.batch("m1"), repo.batch("m2")];
    repo.git(&["checkout", "--quiet", "side"]);
    commits.extend([repo.batch("s1"), repo.batch("s2")]);
    repo.git(&["checkout", "--quiet", "main"]);
    (repo, commits)
}

#[test]
fn through_a_merge_the_commit_that_brought_a_file_is_found() {
    let (repo, commits) = two_branches();
    repo.git(&["merge", "--quiet", "--no-edit", "side"]);
    for (name, commit) in ["m1", "m2", "s1", "s2"].iter().zip(&commits) {
        assert_eq!(&repo.brought(&format!("ledger/labels/{name}.yaml")), commit, "{name}");
    }
    assert_eq!(repo.lost(), []);
    // An octopus, and a criss-cross of merges on top.
    for name in ["x", "y", "z"] {
        repo.git(&["checkout", "--quiet", "-b", name, "side"]);
        repo.batch(name);
    }
    repo.git(&["checkout", "--quiet", "main"]);
    repo.git(&["merge", "--quiet", "--no-edit", "x", "y", "z"]);
    repo.git(&["checkout", "--quiet", "x"]);
    repo.git(&["merge", "--quiet", "--no-ff", "--no-edit", "main"]);
    repo.git(&["checkout", "--quiet", "main"]);
    repo.batch("late");
    repo.git(&["merge", "--quiet", "--no-ff", "--no-edit", "x"]);
    assert_eq!(repo.brought("ledger/labels/z.yaml"), repo.git(&["rev-parse", "z"]));
    assert_eq!(repo.brought("ledger/labels/s1.yaml"), commits[2]);
    assert_eq!(repo.store().introduced(&repo.tip(), "ledger").unwrap().len(), 8);
    assert_eq!(repo.lost(), []);
}

#[test]
fn squash_and_rebase_bring_the_files_anew_and_lose_none() {
    let (repo, commits) = two_branches();
    repo.git(&["merge", "--quiet", "--squash", "side"]);
    repo.git(&["commit", "--quiet", "-m", "squashed"]);
    assert_eq!(repo.brought("ledger/labels/s1.yaml"), repo.head());
    assert_eq!(repo.brought("ledger/labels/m1.yaml"), commits[0]);
    assert_eq!(repo.lost(), []);

    let (repo, commits) = two_branches();
    repo.git(&["rebase", "--quiet", "main", "side"]);
    assert_eq!(repo.brought("ledger/labels/m2.yaml"), commits[1]);
    assert_eq!(repo.brought("ledger/labels/s2.yaml"), repo.head());
    assert_eq!(repo.lost(), []);
}

#[test]
fn a_reverted_or_removed_file_is_named_with_its_commit_and_bytes() {
    let (repo, commits) = two_branches();
    repo.git(&["revert", "--no-edit", &commits[0]]);
    let revert = repo.head();
    assert_eq!(repo.lost(), [("ledger/labels/m1.yaml".to_owned(), revert.clone())]);
    // Merges that pass the removal on do not take the blame for it.
    repo.git(&["merge", "--quiet", "--no-edit", "side"]);
    repo.git(&["checkout", "--quiet", "-b", "old", &commits[1]]);
    repo.plain_commit("b", "b");
    repo.git(&["merge", "--quiet", "--no-edit", "main"]);
    assert_eq!(repo.lost(), [("ledger/labels/m1.yaml".to_owned(), revert)]);
    let removed = repo.store().removed(&repo.tip(), "ledger").unwrap();
    assert_eq!(repo.store().blob(&removed[0].blob).unwrap(), b"m1");
    // What is put back is lost no more.
    repo.batch("m1");
    assert_eq!(repo.lost(), []);

    repo.git(&["rm", "--quiet", "-r", "ledger"]);
    repo.git(&["commit", "--quiet", "-m", "all gone"]);
    let gone = repo.head();
    assert_eq!(repo.lost().len(), 4);
    assert!(repo.lost().iter().all(|(_, commit)| *commit == gone));
    assert!(repo.store().introduced(&repo.tip(), "ledger").unwrap().is_empty());
}

#[test]
fn a_changed_file_is_lost_in_its_former_bytes() {
    let (repo, _) = two_branches();
    repo.plain_commit("ledger/labels/m1.yaml", "tampered");
    let tampered = repo.head();
    assert_eq!(repo.lost(), [("ledger/labels/m1.yaml".to_owned(), tampered)]);
    let store = repo.store();
    let removed = store.removed(&repo.tip(), "ledger").unwrap();
    assert_eq!(store.blob(&removed[0].blob).unwrap(), b"m1");
    store.begin().unwrap().commit_over(&change("restore", &[("ledger/labels/m1.yaml", "m1")])).unwrap();
    let lost = repo.lost();
    assert_eq!(lost.len(), 1, "now the tampered bytes are history: {lost:?}");
    assert_eq!(store.blob(&store.removed(&repo.tip(), "ledger").unwrap()[0].blob).unwrap(), b"tampered");
}

#[test]
fn a_merge_that_drops_the_other_side_is_named() {
    let (repo, _) = two_branches();
    repo.git(&["merge", "--quiet", "--no-edit", "-s", "ours", "side"]);
    let merge = repo.head();
    let lost =
        [("ledger/labels/s1.yaml".to_owned(), merge.clone()), ("ledger/labels/s2.yaml".to_owned(), merge)];
    assert_eq!(repo.lost(), lost);
    repo.git(&["checkout", "--quiet", "-b", "more", "side"]);
    repo.plain_commit("c", "c");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.git(&["merge", "--quiet", "--no-edit", "more"]);
    assert_eq!(repo.lost(), lost, "a later merge does not take the blame");
    // Nor any of many, all of one second.
    for n in 0..6 {
        repo.git(&["checkout", "--quiet", "more"]);
        repo.plain_commit("c", &n.to_string());
        repo.git(&["checkout", "--quiet", "main"]);
        repo.git(&["merge", "--quiet", "--no-edit", "more"]);
        assert_eq!(repo.lost(), lost);
    }
}

#[test]
fn a_walk_agrees_with_gits_own() {
    // Enough branching, removing and merging that the two could differ.
    let repo = Sealed::new();
    repo.plain_commit("a", "a");
    let mut state = 7_u32;
    for n in 0..40 {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        let branch = format!("b{}", (state >> 16) % 3);
        if !repo.try_git_at(&repo.dir(), &["checkout", "--quiet", &branch]).status.success() {
            repo.git(&["checkout", "--quiet", "-b", &branch]);
        }
        match (state >> 20) % 4 {
            0 => {
                let other = format!("b{}", (state >> 24) % 3);
                let merged = repo.try_git_at(&repo.dir(), &["merge", "--quiet", "--no-edit", &other]);
                if !merged.status.success() {
                    repo.try_git_at(&repo.dir(), &["merge", "--abort"]);
                }
            }
            1 => {
                let listed = repo.git(&["ls-files", "ledger"]);
                if let Some(first) = listed.lines().next() {
                    repo.git(&["rm", "--quiet", first]);
                    repo.git(&["commit", "--quiet", "-m", "rm"]);
                }
            }
            _ => {
                repo.plain_commit(&format!("ledger/{}/{n}", n % 4), &n.to_string());
            }
        }
    }
    let store = repo.store();
    assert_same_as_git(&repo, &store);
}

fn assert_same_as_git(repo: &Sealed, store: &Store) {
    let tip = repo.tip();
    let held: Vec<String> = store.files(&tip, "ledger").unwrap().into_iter().map(|file| file.path).collect();
    let log = repo.git(&[
        "log",
        "-m",
        "--format=",
        "--name-only",
        "--no-renames",
        "--diff-filter=D",
        "--",
        "ledger",
    ]);
    let mut expected: Vec<&str> = log.lines().filter(|path| !held.iter().any(|held| held == path)).collect();
    expected.sort_unstable();
    expected.dedup();
    let lost: Vec<String> = repo.lost().into_iter().map(|(path, _)| path).collect();
    assert_eq!(lost, expected);
    assert!(!expected.is_empty() && !held.is_empty(), "the history has both");
    for (path, info) in store.introduced(&tip, "ledger").unwrap() {
        let parents = repo.git(&["rev-parse", &format!("{}^@", info.id)]);
        assert!(store.blob_at(&info.id, &path).unwrap().is_some());
        for parent in parents.lines() {
            assert_eq!(store.blob_at(&Oid(parent.to_owned()), &path).unwrap(), None, "{path}");
        }
    }
    assert_eq!(store.introduced(&tip, "ledger").unwrap().len(), held.len());
}

#[test]
fn grafts_hide_nothing() {
    let repo = Sealed::new();
    repo.plain_commit("a", "a");
    let brought = repo.batch("m1");
    repo.git(&["rm", "--quiet", "-r", "ledger"]);
    repo.git(&["commit", "--quiet", "-m", "tidy up"]);
    let removed = repo.head();
    repo.plain_commit("b", "b");
    let (tip, root) = (repo.tip(), repo.git(&["rev-parse", "HEAD~3"]));
    let grafts = repo.dir().join(".git/info/grafts");
    std::fs::create_dir_all(grafts.parent().unwrap()).unwrap();
    std::fs::write(&grafts, format!("{tip} {root}\n")).unwrap();
    assert_eq!(repo.git(&["rev-list", "--count", "HEAD"]), "2", "git itself goes by them");
    let store = repo.store();
    assert_eq!(store.parents(&tip).unwrap(), [Oid(removed.clone())]);
    assert_eq!(store.main_line(&tip, "labelers.yaml").unwrap().len(), 4);
    assert_eq!(store.steps(Some(&Oid(root)), &tip).unwrap().len(), 3);
    assert!(store.descends_from(&tip, &Oid(brought)).unwrap());
    assert_eq!(repo.lost(), [("ledger/labels/m1.yaml".to_owned(), removed)]);
}
