//! Reading: every kind of repository, revisions, files, identity.
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

#[path = "faults/sealed.rs"]
mod sealed;

use hitl::store::{Error, ErrorKind, Head, Oid, Store, WorkTreeState};
use sealed::Sealed;

#[test]
fn every_kind_of_repository_reads_alike() {
    for options in [vec![], vec!["--object-format=sha256"], vec!["--ref-format=reftable"]] {
        let repo = Sealed::with(&options);
        let store = repo.store();
        assert_eq!(store.head().unwrap(), Head::Unborn("main".to_owned()));
        repo.plain_commit("README", "hello");
        repo.plain_commit("ledger/labels/t/a.yaml", "a: 1\n");
        let tip = Oid(repo.plain_commit("ledger/labels/t/b.yaml", "b: 1\n"));
        assert_eq!(store.head().unwrap(), Head::Branch("main".to_owned(), tip.clone()), "{options:?}");
        assert_eq!(store.root(), repo.dir().canonicalize().unwrap());
        let files = store.files(&tip, "ledger").unwrap();
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["ledger/labels/t/a.yaml", "ledger/labels/t/b.yaml"]);
        assert_eq!(files[0].mode, 0o100_644);
        assert_eq!(store.blob(&files[0].blob).unwrap(), b"a: 1\n");
        assert_eq!(store.blob_id(b"a: 1\n"), files[0].blob);
        assert_eq!(store.file(&tip, "README").unwrap().as_deref(), Some(&b"hello"[..]));
        assert_eq!(store.file(&tip, "ledger/none").unwrap(), None);
        assert_eq!(store.file(&tip, "ledger").unwrap(), None);
        assert_eq!(store.files(&tip, "snapshots").unwrap(), []);
        assert_eq!(store.files(&tip, "").unwrap().len(), 3);
        assert_eq!(store.resolve("HEAD~1").unwrap(), Oid(repo.git(&["rev-parse", "HEAD~1"])));
        assert_eq!(store.resolve(&tip.0[..7]).unwrap(), tip);
        assert_eq!(store.commit_info(&tip).unwrap().subject, "plain ledger/labels/t/b.yaml");
        assert_eq!(store.commit_info(&tip).unwrap().author, "Ada Author <ada@example.com>");
        assert_eq!(store.commit_info(&tip).unwrap().time.to_string(), "2026-02-02T02:40:00Z");
        repo.git(&["pack-refs", "--all"]);
        assert_eq!(store.head().unwrap(), Head::Branch("main".to_owned(), tip.clone()), "packed");
        repo.git(&["symbolic-ref", "refs/heads/alias", "refs/heads/main"]);
        repo.git(&["symbolic-ref", "HEAD", "refs/heads/alias"]);
        assert!(matches!(store.head().unwrap(), Head::Branch(_, commit) if commit == tip));
        repo.git(&["checkout", "--quiet", "-b", "refs/x"]);
        assert_eq!(store.head().unwrap(), Head::Branch("refs/heads/refs/x".to_owned(), tip.clone()));
        repo.git(&["checkout", "--quiet", "--detach"]);
        assert_eq!(store.head().unwrap(), Head::Detached(tip));
        assert!(!store.is_shallow());
    }
}

#[test]
fn a_revision_that_names_nothing_is_refused_by_name() {
    let repo = Sealed::new();
    repo.plain_commit("a", "a");
    let store = repo.store();
    for rev in ["nowhere", "-n", "--all", "", "HEAD~9", "HEAD:a", "deadbeef"] {
        let error = store.resolve(rev).unwrap_err();
        assert!(
            matches!(&error, Error::UnknownRevision { rev: named, .. } if named == rev),
            "{rev}: {error}"
        );
    }
}

#[test]
fn an_ambiguous_prefix_lists_its_candidates() {
    let repo = Sealed::new();
    // Enough objects that some four digits name two of them.
    for n in 0..4 {
        repo.plain_commit("n", &n.to_string());
    }
    let store = repo.store();
    let dir = repo.dir();
    let mut prefixes = std::collections::BTreeMap::<String, u32>::new();
    for n in 0..2000 {
        let path = dir.join(format!("f{n}"));
        std::fs::write(&path, n.to_string()).unwrap();
    }
    repo.git(&["add", "-A"]);
    for id in repo.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]).lines() {
        *prefixes.entry(id[..4].to_owned()).or_default() += 1;
    }
    let (prefix, count) =
        prefixes.into_iter().find(|(_, count)| *count > 1).expect("2000 ids share four digits");
    let Err(Error::UnknownRevision { candidates, .. }) = store.resolve(&prefix) else { panic!("{prefix}") };
    assert_eq!(candidates.len() as u32, count);
}

#[test]
fn outside_a_repository_init_is_named_and_makes_one() {
    let scratch = tempfile::tempdir().unwrap();
    let env = hitl::store::GitEnv::sealed(sealed::variables(scratch.path()));
    let dir = scratch.path().join("new/here");
    let error = Store::discover_with(scratch.path(), env.clone()).unwrap_err();
    assert!(error.to_string().contains("hitl init"), "{error}");
    assert!(matches!(Store::discover_with(&dir, env.clone()), Err(Error::NotARepository { .. })));
    let store = Store::init_with(&dir, env.clone()).unwrap();
    assert_eq!(store.head().unwrap(), Head::Unborn("main".to_owned()));
    let inner = dir.join("inner");
    assert_eq!(Store::init_with(&inner, env).unwrap().root(), store.root());
}

#[test]
fn objects_that_are_not_the_repositorys_own_are_not_read() {
    let repo = Sealed::new();
    let tip = Oid(repo.plain_commit("ledger/a", "honest"));
    let honest = repo.git(&["rev-parse", "HEAD:ledger/a"]);
    repo.write("forged", "forged");
    let forged = repo.git(&["hash-object", "-w", "forged"]);
    repo.git(&["replace", &honest, &forged]);
    let store = repo.store();
    assert_eq!(store.file(&tip, "ledger/a").unwrap().as_deref(), Some(&b"honest"[..]));

    let other = Sealed::new();
    other.plain_commit("x", "x");
    let mut vars = repo.vars.clone();
    vars.push(("GIT_DIR".into(), other.dir().join(".git").into()));
    vars.push(("GIT_OBJECT_DIRECTORY".into(), other.dir().join(".git/objects").into()));
    let store = Store::discover_with(&repo.dir(), hitl::store::GitEnv::sealed(vars)).unwrap();
    assert_eq!(store.resolve("HEAD").unwrap(), tip);
}

#[test]
fn identity_is_gits_own_and_a_missing_one_names_the_commands() {
    let repo = Sealed::new();
    let identity = repo.store().identity().unwrap();
    assert_eq!((identity.name.as_str(), identity.email.as_str()), ("Carl Committer", "carl@example.com"));
    repo.git(&["config", "user.useConfigOnly", "true"]);
    let vars = repo.vars.iter().filter(|(name, _)| !name.to_string_lossy().contains("COMMITTER")).cloned();
    let store = Store::discover_with(&repo.dir(), hitl::store::GitEnv::sealed(vars)).unwrap();
    let error = store.identity().unwrap_err();
    assert!(
        matches!(&error, Error::NoIdentity { commands, .. } if commands[0].contains("user.name")),
        "{error}"
    );
}

#[test]
fn a_shallow_clone_says_so() {
    let repo = Sealed::new();
    repo.plain_commit("a", "a");
    repo.plain_commit("ledger/b", "b");
    let url = format!("file://{}", repo.dir().display());
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let shallow = repo.scratch().join("shallow");
    repo.git(&["clone", "--quiet", "--depth=1", &url, shallow.to_str().unwrap()]);
    let store = repo.store_at(&shallow);
    assert!(store.is_shallow());
    let tip = store.resolve("HEAD").unwrap();
    assert!(!store.met_cut());
    assert!(store.introduced(&tip, "ledger").unwrap().is_empty(), "cut-off history introduces nothing");
    assert!(store.met_cut());
    assert!(store.removed(&tip, "ledger").unwrap().is_empty());
    let error = store.resolve("HEAD~1").unwrap_err();
    assert!(matches!(error, Error::UnknownRevision { cut: true, .. }), "{error}");
}

#[test]
fn a_partial_clone_asks_its_remote_once() {
    let repo = Sealed::new();
    for name in ["ledger/a", "ledger/b", "ledger/c", "other"] {
        repo.plain_commit(name, name);
    }
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repo.dir().display());
    for filter in ["blob:none", "tree:0"] {
        let partial = repo.scratch().join(filter);
        let filter = format!("--filter={filter}");
        repo.git(&["clone", "--quiet", &filter, "--no-checkout", &url, partial.to_str().unwrap()]);
        let store = repo.store_at(&partial);
        let packs = || {
            let files = std::fs::read_dir(partial.join(".git/objects/pack")).unwrap().flatten();
            files.filter(|file| file.path().extension().is_some_and(|ending| ending == "pack")).count()
        };
        let tip = store.resolve("HEAD").unwrap();
        // The first gives the trees, if need be, and the second the blobs; then everything of the folder is here.
        let before = packs();
        assert_eq!(store.introduced(&tip, "ledger").unwrap().len(), 3);
        assert_eq!(packs() - before, if filter.ends_with("none") { 1 } else { 2 }, "{filter}");
        repo.git_at(&partial, &["remote", "set-url", "origin", "file:///nowhere/at/all"]);
        for file in store.files(&tip, "ledger").unwrap() {
            assert_eq!(store.blob(&file.blob).unwrap(), file.path.as_bytes());
        }
        let error = store.file(&tip, "other").unwrap_err();
        assert!(matches!(&error, Error::PromiseBroken { said, .. } if said.contains("nowhere")), "{error}");
        assert_eq!(error.kind(), ErrorKind::Repository);
    }
}

#[test]
fn a_file_that_is_not_checked_out_by_design_is_heads() {
    let repo = Sealed::new();
    repo.plain_commit("hitl.yaml", "committed");
    repo.plain_commit("notes", "n");
    repo.write("hitl.yaml", "edited");
    let own = |dir: &std::path::Path| repo.store_at(dir).own_file("hitl.yaml").unwrap();
    assert_eq!(own(&repo.dir()).unwrap(), b"edited");
    std::fs::remove_file(repo.dir().join("hitl.yaml")).unwrap();
    assert_eq!(own(&repo.dir()), None, "deleted by the user");
    repo.git(&["sparse-checkout", "set", "--no-cone", "/notes"]);
    assert_eq!(own(&repo.dir()).unwrap(), b"committed");
    let bare = repo.scratch().join("bare.git");
    repo.git(&["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    assert_eq!(own(&bare).unwrap(), b"committed");
}

#[test]
fn the_attribute_that_converts_a_file_is_named() {
    let repo = Sealed::new();
    repo.plain_commit("a", "a");
    let attributes = "enc working-tree-encoding=UTF-16LE\ncrlf eol=crlf\nraw -text eol=crlf\nauto text=auto\n\
                      up filter=upper\nid ident -text\noff -text -filter -ident -working-tree-encoding\n";
    repo.write(".git/info/attributes", attributes);
    let store = repo.store();
    let names = ["enc", "crlf", "raw", "auto", "up", "id", "off", "plain"];
    let told: Vec<(String, String)> = store.converted(&names).unwrap().into_iter().collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(path, cause)| (path.as_str(), cause.as_str())).collect();
    let expected = [
        ("auto", "text=auto"),
        ("crlf", "eol=crlf"),
        ("enc", "working-tree-encoding=UTF-16LE"),
        ("id", "ident"),
        ("up", "filter=upper"),
    ];
    assert_eq!(told, expected);
    repo.git(&["config", "core.autocrlf", "true"]);
    assert_eq!(repo.store().converted(&["plain"]).unwrap()["plain"], "core.autocrlf");
}

#[test]
fn a_damaged_object_is_an_error() {
    let repo = Sealed::new();
    let tip = Oid(repo.plain_commit("ledger/a", "some bytes"));
    let blob = repo.git(&["rev-parse", "HEAD:ledger/a"]);
    let path = repo.dir().join(".git/objects").join(&blob[..2]).join(&blob[2..]);
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(repo.store().file(&tip, "ledger/a"), Err(Error::MissingObject { promised: false, .. })));
    std::fs::write(&path, b"").unwrap();
    assert!(matches!(repo.store().file(&tip, "ledger/a"), Err(Error::Damaged { .. })));
}

#[test]
fn the_work_tree_is_compared_byte_for_byte() {
    let repo = Sealed::new();
    repo.git(&["config", "core.autocrlf", "true"]);
    for name in ["same", "gone", "changed", "link"] {
        repo.plain_commit(&format!("ledger/{name}"), "one\n");
    }
    let tip = repo.store().resolve("HEAD").unwrap();
    let dir = repo.dir().join("ledger");
    std::fs::remove_file(dir.join("gone")).unwrap();
    repo.write("ledger/changed", "one\r\n");
    repo.write("ledger/new/x", "x");
    std::fs::remove_file(dir.join("link")).unwrap();
    std::os::unix::fs::symlink("same", dir.join("link")).unwrap();
    std::os::unix::fs::symlink("/", dir.join("root")).unwrap();
    let states = repo.store().work_tree(&tip, "ledger").unwrap();
    let states: Vec<(&str, WorkTreeState)> =
        states.iter().map(|(path, state)| (path.as_str(), *state)).collect();
    assert_eq!(
        states,
        [
            ("ledger/changed", WorkTreeState::Modified),
            ("ledger/gone", WorkTreeState::Missing),
            ("ledger/link", WorkTreeState::Modified),
            ("ledger/new/x", WorkTreeState::Untracked),
            ("ledger/root", WorkTreeState::Untracked),
        ]
    );
}

#[test]
fn a_repository_of_somebody_else_passes_gits_advice_on() {
    let repo = Sealed::new();
    repo.plain_commit("a", "a");
    let dirs = [repo.dir(), repo.dir().join(".git")];
    if dirs.iter().any(|dir| std::os::unix::fs::chown(dir, Some(12345), None).is_err()) {
        eprintln!("skipped: needs root, to give a folder away");
        return;
    }
    let error = Store::discover_with(&repo.dir(), repo.env()).unwrap_err();
    assert!(matches!(error, Error::Untrusted { .. }), "{error}");
    assert!(error.to_string().contains("git config --global --add safe.directory"), "{error}");
}
