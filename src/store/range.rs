//! The commits of a change: where two tips part, what lies between, and what a merge of them will hold.

use std::collections::BTreeMap;

use git2::ObjectType;

use super::program::{answer, words};
use super::{Error, Oid, Store};

/// A commit of a change, with its parents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The commit.
    pub commit: Oid,
    /// Its parents, the first one first.
    pub parents: Vec<Oid>,
}

/// An entry of a tree: its mode, as Git writes it, and its object.
type Entry = (i32, git2::Oid);
/// The entries of a tree by the bytes of their names.
type Entries = BTreeMap<Vec<u8>, Entry>;

const FOLDER: i32 = 0o040_000;
/// Who makes commits that are never written.
const NOBODY: &str = "hitl <hitl@invalid> 0 +0000";

impl Store {
    /// Returns the best common ancestor of two commits; `None` where they have none.
    pub fn merge_base(&self, one: &Oid, other: &Oid) -> Result<Option<Oid>, Error> {
        let found = self.git.try_run(["merge-base", &one.0, &other.0])?;
        Ok(answer("finding where the two part", found)?.map(Oid))
    }

    /// Returns the commits that `head` has and `base` lacks, parents before children; all of them without a base.
    pub fn steps(&self, base: Option<&Oid>, head: &Oid) -> Result<Vec<Step>, Error> {
        let mut args =
            vec!["rev-list".to_owned(), "--topo-order".into(), "--reverse".into(), "--parents".into()];
        args.push(head.0.clone());
        args.extend(base.map(|base| format!("^{base}")));
        let listed = self.git.run("listing the commits of the change", args)?;
        Ok(steps_of(&listed))
    }

    /// Returns the commits from which one comes to `tip`, oldest first: by first parents, but where a first parent lacks
    /// `file` and another parent has it, by that one, so that no merge takes another history for its own.
    pub fn main_line(&self, tip: &Oid, file: &str) -> Result<Vec<Step>, Error> {
        let mut line = Vec::new();
        let mut next = Some(tip.clone());
        while let Some(commit) = next {
            let mut parents = self.parents(&commit)?;
            if parents.len() > 1 {
                let holds = |parent: &Oid| self.blob_at(parent, file).map(|blob| blob.is_some());
                let held = parents.iter().map(holds).collect::<Result<Vec<_>, _>>()?;
                if let Some(first) = held.iter().position(|held| *held) {
                    parents.swap(0, first);
                }
            }
            next = parents.first().cloned();
            line.push(Step { commit, parents });
        }
        line.reverse();
        Ok(line)
    }

    /// Returns the blob of `path` that git makes of two commits by merging them; `None` where they have none, or contradict
    /// each other.
    pub fn merged_file(&self, one: &Oid, other: &Oid, path: &str) -> Result<Option<Oid>, Error> {
        let merged = self.git.try_run([
            "merge-tree",
            "--write-tree",
            "--allow-unrelated-histories",
            &one.0,
            &other.0,
        ])?;
        if !merged.status.success() {
            return Ok(None);
        }
        let tree = super::program::line(&merged.stdout);
        let found = self.git.try_run(["rev-parse", "--quiet", "--verify", &format!("{tree}:{path}")])?;
        Ok(answer("reading a merge", found)?.map(Oid))
    }

    /// Whether `later` is `earlier` or descends from it.
    pub fn descends_from(&self, later: &Oid, earlier: &Oid) -> Result<bool, Error> {
        let output = self.git.try_run(["merge-base", "--is-ancestor", &earlier.0, &later.0])?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(Error::Git { context: "comparing commits".to_owned(), message: words(&output.stderr) }),
        }
    }

    /// Returns the commit that HEAD of this repository names whatever branch that is, `None` on one without commits.
    pub fn head_branch(&self) -> Result<Option<String>, Error> {
        let found = self.git.try_run(["symbolic-ref", "--quiet", "HEAD"])?;
        answer("reading HEAD", found)
    }

    /// Returns the last value of a setting of Git's.
    pub fn configured(&self, key: &str) -> Result<Option<String>, Error> {
        Ok(self.config()?.get(&key.to_lowercase()).cloned().flatten())
    }

    /// Returns every value of a setting of Git's, in their order.
    pub fn configured_all(&self, key: &str) -> Result<Vec<String>, Error> {
        let found = self.git.try_run(["config", "--null", "--get-all", key])?;
        let values = answer(&format!("reading {key}"), found)?.unwrap_or_default();
        Ok(values.split_terminator('\0').map(str::to_owned).collect())
    }

    /// Returns the commit that a ref names, by its full name; `None` where there is no such ref.
    pub fn ref_commit(&self, name: &str) -> Result<Option<Oid>, Error> {
        let spec = format!("{name}^{{commit}}");
        let found = self.git.try_run(["rev-parse", "--quiet", "--verify", "--end-of-options", &spec])?;
        Ok(answer(&format!("reading {name}"), found)?.map(Oid))
    }

    /// Returns those of the refs `names` that are there: the name, what it names, and the ref it stands for where it is
    /// symbolic. A name that no ref can have is none that is there.
    pub fn refs(&self, names: &[String]) -> Result<Vec<(String, Oid, Option<String>)>, Error> {
        let args = ["for-each-ref", "--format=%(refname) %(objectname) %(symref)", "--"].into_iter();
        let listed = self.git.run("reading refs", args.chain(names.iter().map(String::as_str)))?;
        let read = |line: &str| {
            let mut fields = line.split(' ');
            let (name, id, symbolic) = (fields.next()?, fields.next()?, fields.next()?);
            let found = || {
                (name.to_owned(), Oid(id.to_owned()), Some(symbolic.to_owned()).filter(|to| !to.is_empty()))
            };
            // A pattern also names what lies below it.
            names.iter().any(|wanted| wanted == name).then(found)
        };
        Ok(String::from_utf8_lossy(&listed).lines().filter_map(read).collect())
    }

    /// Returns a commit that holds nothing and has no parents, which a history without a base is compared with. It lives
    /// in memory, for this store alone, and is written nowhere.
    pub fn nothing(&self) -> Result<Oid, Error> {
        self.remember_in_memory()?;
        let tree = self.keep_in_memory(ObjectType::Tree, &[])?;
        let text = format!("tree {tree}\nauthor {NOBODY}\ncommitter {NOBODY}\n\nnothing\n");
        Ok(Oid(self.keep_in_memory(ObjectType::Commit, text.as_bytes())?.to_string()))
    }

    /// Checks that no name stands twice in the root of a commit.
    ///
    /// # Errors
    /// One does.
    pub fn check_root(&self, commit: &Oid) -> Result<(), Error> {
        self.entries(self.find_commit(self.git_id(commit)?)?.tree_id()).map(drop)
    }

    /// Returns a commit that holds what merging `head` into `base` will: of each of `grown` (folders in which files are
    /// only added) the files of both, of `kept` (files and folders) head's where it changed them since `merge_base`,
    /// else base's. It lives in memory, for this store alone, and is written nowhere.
    pub fn united(
        &self,
        (base, head): (&Oid, &Oid),
        merge_base: Option<&Oid>,
        grown: &[&str],
        kept: &[&str],
    ) -> Result<Oid, Error> {
        let root = |commit: &Oid| -> Result<Entries, Error> {
            self.entries(self.find_commit(self.git_id(commit)?)?.tree_id())
        };
        let (base_root, head_root) = (root(base)?, root(head)?);
        let before = merge_base.map(root).transpose()?.unwrap_or_default();
        self.remember_in_memory()?;
        let mut entries = Entries::new();
        for name in grown {
            let name = name.as_bytes();
            let both = self.union(base_root.get(name).copied(), head_root.get(name).copied())?;
            entries.extend(both.map(|entry| (name.to_vec(), entry)));
        }
        for name in kept {
            let name = name.as_bytes();
            let changed = head_root.get(name) != before.get(name);
            let of = if changed { &head_root } else { &base_root };
            entries.extend(of.get(name).map(|entry| (name.to_vec(), *entry)));
        }
        let tree = self.keep_in_memory(ObjectType::Tree, &tree_bytes(&entries))?;
        let text = format!(
            "tree {tree}\nparent {base}\nparent {head}\nauthor {NOBODY}\ncommitter {NOBODY}\n\nwhat a merge will hold\n"
        );
        Ok(Oid(self.keep_in_memory(ObjectType::Commit, text.as_bytes())?.to_string()))
    }

    /// Returns the tree of what two entries hold together; where both hold a file of one name, the first one's.
    fn union(&self, one: Option<Entry>, other: Option<Entry>) -> Result<Option<Entry>, Error> {
        let (Some(one), Some(other)) = (one, other) else { return Ok(one.or(other)) };
        if one == other || one.0 != FOLDER || other.0 != FOLDER {
            return Ok(Some(one));
        }
        let mut entries = self.entries(one.1)?;
        for (name, theirs) in self.entries(other.1)? {
            let both = self.union(entries.get(&name).copied(), Some(theirs))?;
            entries.extend(both.map(|entry| (name, entry)));
        }
        Ok(Some((FOLDER, self.keep_in_memory(ObjectType::Tree, &tree_bytes(&entries))?)))
    }

    fn entries(&self, tree: git2::Oid) -> Result<Entries, Error> {
        let id = tree;
        let tree = self.tree(tree)?;
        let entry =
            |entry: git2::TreeEntry<'_>| (entry.name_bytes().to_vec(), (entry.filemode_raw(), entry.id()));
        let entries: Entries = tree.iter().map(entry).collect();
        if entries.len() != tree.len() {
            // Of two entries of one name git and others read different ones.
            let why = "it holds one name twice".to_owned();
            return Err(Error::Damaged { what: format!("tree {id}"), why });
        }
        Ok(entries)
    }

    /// Lets what is written to the object database from now on stay in memory.
    fn remember_in_memory(&self) -> Result<(), Error> {
        let objects = self.objects.odb().map_err(|error| in_memory(&error))?;
        objects.add_new_mempack_backend(1000).map(drop).map_err(|error| in_memory(&error))
    }

    fn keep_in_memory(&self, kind: ObjectType, bytes: &[u8]) -> Result<git2::Oid, Error> {
        let objects = self.objects.odb().map_err(|error| in_memory(&error))?;
        objects.write(kind, bytes).map_err(|error| in_memory(&error))
    }

    /// Returns the paths at which the file trees of a commit and all its parents differ in `folder`: what this commit
    /// itself added.
    pub fn added_by(&self, step: &Step, folder: &str) -> Result<Vec<String>, Error> {
        let Some(tree) = self.folder(&step.commit, folder)? else { return Ok(Vec::new()) };
        let mut added: Option<Vec<String>> = None;
        for parent in &step.parents {
            let theirs = self.folder(parent, folder)?;
            let lacking = self.lacking(&tree, theirs.as_ref(), folder)?.into_iter().map(|file| file.path);
            added = Some(match added {
                None => lacking.collect(),
                Some(known) => lacking.filter(|path| known.binary_search(path).is_ok()).collect(),
            });
            if let Some(added) = &mut added {
                added.sort_unstable();
            }
        }
        match added {
            Some(added) => Ok(added),
            None => Ok(self.files(&step.commit, folder)?.into_iter().map(|file| file.path).collect()),
        }
    }
}

/// Reads what `git rev-list --parents` lists.
fn steps_of(listed: &[u8]) -> Vec<Step> {
    let step = |line: &str| {
        let mut ids = line.split(' ').map(|id| Oid(id.to_owned()));
        Some(Step { commit: ids.next()?, parents: ids.collect() })
    };
    String::from_utf8_lossy(listed).lines().filter_map(step).collect()
}

/// Returns a tree as Git writes it: entries in the order of their names, folders as if these ended in a slash.
fn tree_bytes(entries: &Entries) -> Vec<u8> {
    let mut sorted: Vec<(Vec<u8>, &[u8], &Entry)> = Vec::with_capacity(entries.len());
    for (name, entry) in entries {
        let mut key = name.clone();
        if entry.0 == FOLDER {
            key.push(b'/');
        }
        sorted.push((key, name, entry));
    }
    sorted.sort_unstable();
    let mut out = Vec::new();
    for (_, name, (mode, id)) in sorted {
        out.extend_from_slice(format!("{mode:o} ").as_bytes());
        out.extend_from_slice(name);
        out.push(0);
        out.extend_from_slice(id.as_bytes());
    }
    out
}

fn in_memory(error: &git2::Error) -> Error {
    Error::Git { context: "putting the merge together".to_owned(), message: error.message().to_owned() }
}
