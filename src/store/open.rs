//! Finding a repository the way git does, and opening its objects.
//!
//! Git itself is asked where things are, so that ceilings, ownership (`safe.directory`), linked worktrees, object
//! formats and ref formats are git's own judgement; libgit2 is handed the object folder alone. It therefore never sees
//! refs or configuration, and repositories it could not open (reftable) read like any other.

use std::cell::{Cell, OnceCell, RefCell};
use std::path::{Path, PathBuf};

use git2::{ObjectFormat, ObjectType, Odb, Repository};

use super::program::{Git, GitEnv, line, path, words};
use super::{Error, Identity, Oid, Store, durable};

/// Where the parts of a repository lie.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// HEAD and the index of this work tree.
    pub git_dir: PathBuf,
    /// What all work trees share.
    pub common_dir: PathBuf,
    pub objects: PathBuf,
    pub format: ObjectFormat,
    /// `None` in a bare repository.
    pub work_tree: Option<PathBuf>,
}

/// Where a repository is.
#[derive(Clone, Debug)]
pub struct Location {
    layout: Layout,
    env: GitEnv,
}

impl Location {
    /// Opens the repository.
    pub fn open(&self) -> Result<Store, Error> {
        Store::open(self.layout.clone(), self.env.clone())
    }
}

impl Layout {
    /// Returns the `hitl` folder: lock, journal, stage, cache.
    pub fn hitl(&self) -> PathBuf {
        self.common_dir.join("hitl")
    }

    /// Returns which of the repository's work trees this is: empty for the main one, else `worktrees/<name>`.
    pub fn place(&self) -> PathBuf {
        self.git_dir.strip_prefix(&self.common_dir).unwrap_or(&self.git_dir).to_path_buf()
    }

    /// Returns the id a blob of these bytes has in this repository.
    pub fn blob_id(&self, bytes: &[u8]) -> Oid {
        let id = git2::Oid::hash_object_ext(ObjectType::Blob, bytes, self.format)
            .expect("hashing bytes in memory cannot fail");
        Oid(id.to_string())
    }

    /// Returns the id of a tree without entries, which git knows everywhere.
    pub fn empty_tree(&self) -> Oid {
        let id = git2::Oid::hash_object_ext(ObjectType::Tree, &[], self.format)
            .expect("hashing bytes in memory cannot fail");
        Oid(id.to_string())
    }

    /// Returns the git program for this repository.
    pub fn git(&self, env: &GitEnv) -> Git {
        Git {
            cwd: self.work_tree.clone().unwrap_or_else(|| self.git_dir.clone()),
            place: Some((self.git_dir.clone(), self.work_tree.clone())),
            env: env.clone(),
        }
    }
}

impl Store {
    /// Opens the repository that `dir` lies in, as git would find it.
    pub fn discover(dir: &Path) -> Result<Self, Error> {
        Self::discover_with(dir, GitEnv::inherited())
    }

    /// Opens the repository that `dir` lies in, running git with these variables.
    pub fn discover_with(dir: &Path, env: GitEnv) -> Result<Self, Error> {
        let layout = find(dir, &env)?;
        Self::open(layout, env)
    }

    /// Makes a repository in `dir`, or opens the one that `dir` lies in already.
    ///
    /// Its first branch is the one the user has configured, else `main`.
    pub fn init(dir: &Path) -> Result<Self, Error> {
        Self::init_with(dir, GitEnv::inherited())
    }

    /// Makes a repository in `dir` itself, whatever repository that lies in.
    pub fn create(dir: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(dir).map_err(Error::io(dir))?;
        Self::make(dir, GitEnv::inherited())
    }

    /// Like [`Store::init`], running git with these variables.
    pub fn init_with(dir: &Path, env: GitEnv) -> Result<Self, Error> {
        std::fs::create_dir_all(dir).map_err(Error::io(dir))?;
        match Self::discover_with(dir, env.clone()) {
            Err(Error::NotARepository { .. }) => {}
            other => return other,
        }
        Self::make(dir, env)
    }

    /// Makes the repository aside and puts it in its place whole: one whose making was killed has locks of git's in it
    /// that nobody removes.
    fn make(dir: &Path, env: GitEnv) -> Result<Self, Error> {
        let (place, aside) = (dir.join(".git"), dir.join(".git.hitl-new"));
        durable::remove_all(&aside)?;
        // What is there and is no repository is git's to judge.
        let taken = std::fs::symlink_metadata(&place).is_ok();
        let made_in = if taken { dir } else { &aside };
        std::fs::create_dir_all(made_in).map_err(Error::io(made_in))?;
        let made = Self::make_in(made_in, &env);
        if !taken {
            let moved = made
                .and_then(|()| durable::sync_all(&aside))
                .and_then(|()| std::fs::rename(aside.join(".git"), &place).map_err(Error::io(&place)));
            durable::remove_all(&aside)?;
            moved?;
            dir.ancestors().take(2).try_for_each(durable::sync_dir)?;
        } else {
            made?;
        }
        Self::discover_with(dir, env)
    }

    fn make_in(dir: &Path, env: &GitEnv) -> Result<(), Error> {
        let git = Git { cwd: dir.to_path_buf(), place: None, env: env.clone() };
        let configured = git.try_run(["config", "--get", "init.defaultBranch"])?.status.success();
        let mut args = vec!["init", "--quiet"];
        if !configured {
            args.push("--initial-branch=main");
        }
        git.run("making a repository", args).map(drop)
    }

    /// Sets who commits in this repository alone.
    pub fn set_identity(&self, identity: &Identity) -> Result<(), Error> {
        self.git.run("setting user.name", ["config", "--local", "user.name", &identity.name])?;
        self.git.run("setting user.email", ["config", "--local", "user.email", &identity.email])?;
        Ok(())
    }

    /// Sets whether commits in this repository alone are signed.
    pub fn set_signing(&self, sign: bool) -> Result<(), Error> {
        let value = if sign { "true" } else { "false" };
        self.git.run("setting commit.gpgsign", ["config", "--local", "commit.gpgsign", value])?;
        Ok(())
    }

    /// Opens the same repository once more, for use by another thread.
    pub fn reopen(&self) -> Result<Self, Error> {
        self.location().open()
    }

    /// Returns where the repository is, from which it can be opened anywhere.
    pub fn location(&self) -> Location {
        Location { layout: self.layout.clone(), env: self.git.env.clone() }
    }

    fn open(layout: Layout, env: GitEnv) -> Result<Self, Error> {
        let objects = layout.objects.to_str().ok_or_else(|| Error::Git {
            context: "opening the repository".to_owned(),
            message: format!("its path {} is not UTF-8", layout.objects.display()),
        })?;
        // Objects in quarantine stand on those that are there already.
        let lasting = layout.common_dir.join("objects");
        let lasting = env.quarantine().and_then(|_| lasting.to_str().map(str::to_owned));
        let opened = Odb::new_ext(layout.format).and_then(|odb| {
            odb.add_disk_alternate(objects)?;
            if let Some(lasting) = &lasting {
                odb.add_disk_alternate(lasting)?;
            }
            Repository::from_odb(odb)
        });
        let objects = opened.map_err(|error| Error::Git {
            context: format!("opening {objects}"),
            message: error.message().to_owned(),
        })?;
        let git = layout.git(&env);
        Ok(Self {
            layout,
            objects,
            git,
            config: OnceCell::new(),
            hooks: OnceCell::new(),
            idents: RefCell::default(),
            met_cut: Cell::new(false),
        })
    }
}

/// Asks git where the repository around `dir` keeps its parts.
fn find(dir: &Path, env: &GitEnv) -> Result<Layout, Error> {
    if !dir.is_dir() {
        return Err(Error::NotARepository { dir: dir.to_path_buf() });
    }
    let git = Git { cwd: dir.to_path_buf(), place: None, env: env.clone() };
    // The last question fails without a work tree; the answers before it are printed all the same.
    let questions = ["rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir", "--git-path"];
    let more = ["objects", "--show-object-format", "--is-inside-work-tree", "--show-toplevel"];
    // Git itself runs a hook in the repository that a push goes to: nobody happened to come upon that one.
    let named: &[&str] = if env.quarantine().is_some() { &["-c", "safe.bareRepository=all"] } else { &[] };
    let output = git.try_run(named.iter().chain(&questions).chain(&more))?;
    let lines: Vec<&[u8]> =
        output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let (git_dir, common_dir, objects, format, inside, top) = match lines[..] {
        [git_dir, common, objects, format, inside] => (git_dir, common, objects, format, inside, None),
        [git_dir, common, objects, format, inside, top] => {
            (git_dir, common, objects, format, inside, Some(top))
        }
        _ => return Err(not_found(dir, &output.stderr)),
    };
    let format = match format {
        b"sha1" => ObjectFormat::Sha1,
        b"sha256" => ObjectFormat::Sha256,
        other => {
            let message = format!("unknown object format {}", line(other));
            return Err(Error::Git { context: "opening the repository".to_owned(), message });
        }
    };
    let (common_dir, objects) = (path(common_dir), path(objects));
    if env.quarantine().is_some() && !is_inside(&objects, &common_dir.join("objects")) {
        let message = format!("{} is not in it", objects.display());
        return Err(Error::Git { context: "opening the repository in quarantine".to_owned(), message });
    }
    Ok(Layout {
        git_dir: path(git_dir),
        common_dir,
        objects,
        format,
        work_tree: top.filter(|_| inside == b"true").map(path),
    })
}

/// Whether a folder lies in another, whatever links lead there.
fn is_inside(inner: &Path, outer: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    real(inner).zip(real(outer)).is_some_and(|(inner, outer)| inner.starts_with(outer))
}

fn not_found(dir: &Path, stderr: &[u8]) -> Error {
    let text = words(stderr);
    if text.contains("not a git repository") {
        Error::NotARepository { dir: dir.to_path_buf() }
    } else if text.contains("dubious ownership") || text.contains("safe.directory") {
        Error::Untrusted { advice: text }
    } else if text.contains("safe.bareRepository") {
        let advice = format!("{text}; to look into it all the same: git -c safe.bareRepository=all hitl …");
        Error::Untrusted { advice }
    } else {
        Error::Git { context: format!("opening the repository around {}", dir.display()), message: text }
    }
}
