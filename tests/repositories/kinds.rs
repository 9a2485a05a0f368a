//! The kinds of repository, each made out of the reference by git alone.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::Bench;
use crate::sealed::has;

/// One row of the table.
pub struct Kind {
    pub name: &'static str,
    /// Programs without which it cannot be made.
    pub needs: &'static [&'static str],
    pub make: fn(&Making) -> Place,
}

/// Where commands run, and with which variables.
pub struct Place {
    /// The folder commands run in.
    pub dir: PathBuf,
    /// The work tree's root, or the bare repository.
    pub root: PathBuf,
    pub vars: BTreeMap<OsString, OsString>,
    /// Variables for `hitl` alone, not for the test's own git.
    pub only: Vec<(&'static str, String)>,
    /// Whether `hitl` is called as `git hitl`.
    pub through_git: bool,
}

/// What a kind is made from and where.
pub struct Making<'b> {
    pub bench: &'b Bench,
    /// A path of its own, which does not exist yet.
    pub dir: PathBuf,
}

impl Kind {
    pub fn can_run(&self) -> bool {
        self.needs.iter().all(|tool| {
            let path = crate::sealed::variables(Path::new("/")).into_iter().find(|(name, _)| name == "PATH");
            let path = path.map(|(_, folders)| folders).unwrap_or_default();
            has(tool, std::env::split_paths(&path).any(|folder| folder.join(tool).is_file()))
        })
    }
}

impl Making<'_> {
    fn place(&self) -> Place {
        Place::at(&self.dir, self.bench)
    }

    fn reference(&self) -> PathBuf {
        self.bench.scratch().join("reference")
    }

    /// Clones the reference over git's protocol.
    pub fn cloned(&self, options: &[&str]) -> Place {
        let place = self.place();
        let mut args = vec!["clone", "--quiet"];
        args.extend(options);
        let (from, to) = (format!("file://{}", self.reference().display()), self.dir.display().to_string());
        args.extend([from.as_str(), to.as_str()]);
        let output = place.try_git_in(self.bench.scratch(), &args);
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        place
    }
}

fn hook(place: &Place, name: &str, script: &str) {
    let path = place.root.join(".git/hooks").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
}

fn fails(place: &Place, args: &[&str]) {
    assert!(!place.try_git(args).status.success(), "git {args:?} did not stop half-way");
}

const NONE: &[&str] = &[];

pub fn all() -> Vec<Kind> {
    vec![
        Kind {
            name: "SHA-256",
            needs: NONE,
            make: |making| {
                let place = making.place();
                fs::create_dir(&making.dir).unwrap();
                place.git(&["init", "--quiet", "--object-format=sha256"]);
                let script = format!(
                    "git -C {} fast-export --all | git fast-import --quiet",
                    making.reference().display()
                );
                place.shell(&script);
                place.git(&["reset", "--quiet", "--hard"]);
                place
            },
        },
        Kind { name: "reftable", needs: NONE, make: |making| making.cloned(&["--ref-format=reftable"]) },
        Kind {
            name: "linked work tree",
            needs: NONE,
            make: |making| {
                let main = making.cloned(&["--no-checkout"]);
                main.git(&["checkout", "--quiet", "--detach", "origin/side"]);
                let linked = making.dir.with_extension("linked");
                main.git(&["worktree", "add", "--quiet", linked.to_str().unwrap(), "main"]);
                Place { dir: linked.clone(), root: linked, ..main }
            },
        },
        Kind {
            name: "from a subfolder",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                Place { dir: place.root.join("guidelines/tone"), ..place }
            },
        },
        Kind {
            name: "detached HEAD",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                place.git(&["checkout", "--quiet", "--detach"]);
                place
            },
        },
        Kind { name: "bare", needs: NONE, make: |making| making.cloned(&["--bare"]) },
        Kind {
            name: "bare, explicit only",
            needs: NONE,
            make: |making| {
                let mut place = making.cloned(&["--bare"]);
                place.only = [
                    ("GIT_CONFIG_COUNT", "1"),
                    ("GIT_CONFIG_KEY_0", "safe.bareRepository"),
                    ("GIT_CONFIG_VALUE_0", "explicit"),
                ]
                .map(|(name, value)| (name, value.to_owned()))
                .into();
                place
            },
        },
        Kind {
            name: "git folder elsewhere",
            needs: NONE,
            make: |making| {
                let elsewhere = making.dir.with_extension("git-folder");
                making.cloned(&[&format!("--separate-git-dir={}", elsewhere.display())])
            },
        },
        Kind { name: "shallow clone", needs: NONE, make: |making| making.cloned(&["--depth=1"]) },
        Kind { name: "blobless clone", needs: NONE, make: |making| making.cloned(&["--filter=blob:none"]) },
        Kind {
            name: "blobless clone, bare",
            needs: NONE,
            make: |making| making.cloned(&["--filter=blob:none", "--bare"]),
        },
        Kind { name: "treeless clone", needs: NONE, make: |making| making.cloned(&["--filter=tree:0"]) },
        Kind {
            name: "blobless clone, remote away",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&["--filter=blob:none", "--no-checkout"]);
                place.git(&["remote", "set-url", "origin", "file:///nowhere/at/all"]);
                place
            },
        },
        Kind {
            name: "sparse, cone",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&["--sparse"]);
                assert!(!place.root.join("ledger").exists());
                place
            },
        },
        Kind {
            name: "sparse, sparse index",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&["--sparse"]);
                place.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "guidelines"]);
                place
            },
        },
        Kind {
            name: "sparse, by pattern",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                place.git(&["sparse-checkout", "set", "--no-cone", "/notes.txt"]);
                assert!(!place.root.join("hitl.yaml").exists());
                place
            },
        },
        Kind {
            name: "`core.autocrlf=true`",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&["-c", "core.autocrlf=true"]);
                assert!(fs::read(place.root.join("hitl.yaml")).unwrap().contains(&b'\r'));
                place
            },
        },
        Kind {
            name: "`* text eol=crlf`",
            needs: NONE,
            make: |making| attributes(making, "* text eol=crlf\n"),
        },
        Kind { name: "`* filter=upper`", needs: NONE, make: |making| attributes(making, "* filter=upper\n") },
        Kind {
            name: "`* ident working-tree-encoding=UTF-16LE`",
            needs: NONE,
            make: |making| attributes(making, "* ident working-tree-encoding=UTF-16LE\n"),
        },
        Kind {
            name: "`* text eol=crlf` in .git/info/attributes",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&["--no-checkout"]);
                place.write(".git/info/attributes", "* text eol=crlf\n");
                place.git(&["checkout", "--quiet", "main"]);
                place
            },
        },
        Kind {
            name: "is a submodule",
            needs: NONE,
            make: |making| {
                let outer = making.place();
                fs::create_dir(&making.dir).unwrap();
                outer.git(&["init", "--quiet"]);
                let from = format!("file://{}", making.reference().display());
                outer.git(&["submodule", "--quiet", "add", &from, "labels"]);
                outer.git(&["commit", "--quiet", "-m", "outer"]);
                let root = outer.root.join("labels");
                Place { dir: root.clone(), root, ..outer }
            },
        },
        Kind {
            name: "holds a submodule",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                let from = format!("file://{}", making.reference().display());
                place.git(&["submodule", "--quiet", "add", &from, "model"]);
                place
            },
        },
        Kind {
            name: "someone else's",
            needs: NONE,
            make: |making| {
                let mut place = making.cloned(&[]);
                place.only.push(("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1".to_owned()));
                place
            },
        },
        Kind {
            name: "someone else's, trusted",
            needs: NONE,
            make: |making| {
                let mut place = making.cloned(&[]);
                place.only.push(("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1".to_owned()));
                let trusted = format!("{}/*", making.bench.scratch().canonicalize().unwrap().display());
                let config = format!("[include]\n\tpath = gitconfig\n[safe]\n\tdirectory = {trusted}\n");
                own_config(&mut place, making, &config);
                place
            },
        },
        Kind {
            name: "config by include",
            needs: NONE,
            make: |making| included(making, "[include]\n\tpath = WHO\n"),
        },
        Kind {
            name: "config by includeIf gitdir",
            needs: NONE,
            make: |making| {
                included(making, &format!("[includeIf \"gitdir:{}/\"]\n\tpath = WHO\n", making.dir.display()))
            },
        },
        Kind {
            name: "config by includeIf onbranch",
            needs: NONE,
            make: |making| included(making, "[includeIf \"onbranch:main\"]\n\tpath = WHO\n"),
        },
        Kind {
            name: "config by includeIf hasconfig",
            needs: NONE,
            make: |making| {
                included(making, "[includeIf \"hasconfig:remote.*.url:file://**\"]\n\tpath = WHO\n")
            },
        },
        Kind {
            name: "signing by SSH",
            needs: &["ssh-keygen"],
            make: |making| {
                let place = making.cloned(&[]);
                let key = making.dir.with_extension("key");
                let made = Command::new("ssh-keygen")
                    .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                    .arg(&key)
                    .status();
                assert!(made.unwrap().success());
                place.git(&["config", "gpg.format", "ssh"]);
                place.git(&["config", "user.signingKey", key.to_str().unwrap()]);
                place.git(&["config", "commit.gpgSign", "true"]);
                place
            },
        },
        Kind {
            name: "signing by GPG",
            needs: &["gpg"],
            make: |making| {
                let mut place = making.cloned(&[]);
                let home = making.dir.with_extension("gpg");
                fs::create_dir(&home).unwrap();
                fs::set_permissions(&home, PermissionsExt::from_mode(0o700)).unwrap();
                place.vars.insert("GNUPGHOME".into(), home.into());
                let make = "gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-gen-key \
                        ada@example.com ed25519 sign never";
                place.shell(make);
                place.git(&["config", "user.signingKey", "ada@example.com"]);
                place.git(&["config", "commit.gpgSign", "true"]);
                place
            },
        },
        Kind {
            name: "signing, key gone",
            needs: &["ssh-keygen"],
            make: |making| {
                let place = making.cloned(&[]);
                place.git(&["config", "gpg.format", "ssh"]);
                place.git(&["config", "user.signingKey", "/nowhere/key"]);
                place.git(&["config", "commit.gpgSign", "true"]);
                place
            },
        },
        Kind {
            name: "pre-commit hook fails",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                hook(&place, "pre-commit", "echo not on a Friday >&2; exit 1");
                place
            },
        },
        Kind {
            name: "pre-commit hook rewrites",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                let script = "for f in $(git diff --cached --name-only); do b=$( (git show :$f; echo) | git hash-object -w --stdin)\n\
                          git update-index --cacheinfo 100644,$b,$f; done";
                hook(&place, "pre-commit", script);
                place
            },
        },
        Kind {
            name: "commit-msg hook fails",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                hook(&place, "commit-msg", "echo no ticket named >&2; exit 1");
                place
            },
        },
        Kind {
            name: "commit-msg hook rewrites",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                hook(&place, "commit-msg", "echo 'Reviewed-by: the hook' >>\"$1\"");
                place
            },
        },
        Kind {
            name: "other hooks fail",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                for name in [
                    "post-commit",
                    "reference-transaction",
                    "post-index-change",
                    "prepare-commit-msg",
                    "post-checkout",
                ] {
                    hook(&place, name, "echo never >&2; exit 1");
                }
                place
            },
        },
        Kind {
            name: "during a merge",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                fails(&place, &["merge", "origin/side"]);
                place
            },
        },
        Kind {
            name: "during a rebase",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                place.git(&["checkout", "--quiet", "-b", "side", "origin/side"]);
                fails(&place, &["rebase", "main"]);
                place
            },
        },
        Kind {
            name: "during a cherry-pick",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                fails(&place, &["cherry-pick", "origin/side"]);
                place
            },
        },
        Kind {
            name: "during a cherry-pick, reftable",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&["--ref-format=reftable"]);
                fails(&place, &["cherry-pick", "origin/side"]);
                place
            },
        },
        Kind {
            name: "during a revert",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                let base = place.git(&["merge-base", "HEAD", "origin/side"]);
                fails(&place, &["revert", "--no-edit", &base]);
                place
            },
        },
        Kind {
            name: "during am",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                place.shell("git format-patch -1 --stdout origin/side >../am.patch; ! git am ../am.patch");
                place
            },
        },
        Kind {
            name: "during a bisection",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                place.git(&["bisect", "start"]);
                place
            },
        },
        Kind {
            name: "split index",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                place.git(&["config", "core.splitIndex", "true"]);
                place.git(&["update-index", "--split-index"]);
                place
            },
        },
        Kind {
            name: "fsmonitor, untracked cache",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                // One that says that nothing has changed, whatever did.
                hook(&place, "watch", "printf 'token\\0'");
                place.git(&["config", "core.fsmonitor", ".git/hooks/watch"]);
                place.git(&["config", "core.untrackedCache", "true"]);
                place.git(&["update-index", "--index-version", "4", "--fsmonitor", "--untracked-cache"]);
                place
            },
        },
        Kind {
            name: "alternates",
            needs: NONE,
            make: |making| {
                let place = making.place();
                let (from, to) = (making.reference().display().to_string(), making.dir.display().to_string());
                let done =
                    place.try_git_in(making.bench.scratch(), &["clone", "--quiet", "--shared", &from, &to]);
                assert!(done.status.success());
                assert!(making.dir.join(".git/objects/info/alternates").exists());
                place
            },
        },
        Kind {
            name: "packed",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                place.git(&["pack-refs", "--all"]);
                place.git(&["repack", "-adq", "--write-bitmap-index", "--write-midx"]);
                place.git(&["commit-graph", "write", "--reachable", "--changed-paths"]);
                place.git(&["prune-packed", "--quiet"]);
                place
            },
        },
        Kind {
            name: "`git replace`",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                let listed = place.git(&["ls-tree", "-r", "HEAD", "ledger"]);
                let blobs: Vec<&str> =
                    listed.lines().filter_map(|line| line.split([' ', '\t']).nth(2)).collect();
                place.git(&["replace", blobs[0], blobs[2]]);
                place.git(&["replace", "HEAD", "HEAD~3"]);
                place
            },
        },
        Kind {
            name: "called as `git hitl`",
            needs: NONE,
            make: |making| {
                let place = making.cloned(&[]);
                Place { through_git: true, ..place }
            },
        },
    ]
}

/// A clone checked out under the attributes `text`, where no `.gitattributes` says otherwise.
fn attributes(making: &Making, text: &str) -> Place {
    let place = making.cloned(&["--no-checkout"]);
    let file = making.dir.with_extension("attributes");
    fs::write(&file, text).unwrap();
    place.git(&["config", "filter.upper.clean", "tr a-z A-Z"]);
    place.git(&["config", "filter.upper.smudge", "tr A-Z a-z"]);
    place.git(&["config", "core.attributesFile", file.to_str().unwrap()]);
    place.git(&["checkout", "--quiet", "main"]);
    place
}

fn own_config(place: &mut Place, making: &Making, text: &str) {
    let path = making.bench.scratch().join(format!("{}.config", making.dir.file_name().unwrap().display()));
    fs::write(&path, text).unwrap();
    place.vars.insert("GIT_CONFIG_GLOBAL".into(), path.into());
}

/// A clone whose user is named only in a file that `include` names as WHO.
fn included(making: &Making, include: &str) -> Place {
    let mut place = making.cloned(&[]);
    let who = making.dir.with_extension("who");
    fs::write(&who, "[user]\n\tname = Ada Author\n\temail = ada@example.com\n").unwrap();
    let include = include.replace("WHO", who.to_str().unwrap());
    own_config(
        &mut place,
        making,
        &format!("[user]\n\tuseConfigOnly = true\n[maintenance]\n\tauto = false\n{include}"),
    );
    place
}
