//! History: which commit brought a file, and which took one away.
//!
//! Commits are compared by the ids of the one folder asked about, and trees by their entries' ids, so that equal
//! subtrees are never read. (libgit2's own diff reads both trees whole.) Order is that of the graph, children first:
//! times say nothing, since a rebase gives a whole branch one time.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use git2::{ObjectType, Oid as GitOid};

use super::read::below;
use super::{CommitInfo, Error, Oid, Removed, Store};

/// A file of one tree that another lacks or holds with other bytes.
struct Difference {
    path: String,
    blob: GitOid,
    /// Whether the other tree has something at the path.
    changed: bool,
}

impl Store {
    /// Returns, by path, the commit that brought each file under `folder` that `tip`'s tree holds: one that holds the
    /// path while none of its parents does. A file that was there already where history is cut off is left out.
    pub fn introduced(&self, tip: &Oid, folder: &str) -> Result<BTreeMap<String, CommitInfo>, Error> {
        let mut history = History::load(self, self.git_id(tip)?, folder)?;
        let held = self.files(tip, folder)?.into_iter().map(|file| file.path).collect();
        let mut wanted: BTreeMap<GitOid, BTreeSet<String>> = BTreeMap::from([(self.git_id(tip)?, held)]);
        let mut brought = BTreeMap::new();
        for id in std::mem::take(&mut history.order) {
            // Each file is followed to one parent that holds it, until there is none.
            let Some(mut files) = wanted.remove(&id) else { continue };
            let Some(parents) = history.parents.get(&id).cloned() else { continue };
            for parent in parents {
                let lacking = history.lacking(id, parent, &files)?;
                for path in &lacking {
                    files.remove(path);
                }
                hand_over(&mut wanted, parent, std::mem::replace(&mut files, lacking));
            }
            if !files.is_empty() {
                let info = self.info(&self.find_commit(id)?)?;
                brought.extend(files.into_iter().map(|path| (path, info.clone())));
            }
        }
        Ok(brought)
    }

    /// Returns the files under `folder` that history held and `tip`'s tree lacks or holds with other bytes, with the
    /// commit that removed or changed them, by path and then by bytes.
    ///
    /// An ordinary commit is named before a merge: a merge that lacks what one parent holds may only be passing on
    /// what the other side did, and then that side's own commit is the one to name.
    pub fn removed(&self, tip: &Oid, folder: &str) -> Result<Vec<Removed>, Error> {
        let now: BTreeMap<String, Oid> =
            self.files(tip, folder)?.into_iter().map(|file| (file.path, file.blob)).collect();
        let mut history = History::load(self, self.git_id(tip)?, folder)?;
        let mut found: BTreeMap<(String, GitOid), (bool, GitOid)> = BTreeMap::new();
        for id in std::mem::take(&mut history.order) {
            let parents = history.parents.get(&id).cloned().unwrap_or_default();
            let merge = parents.len() > 1;
            for parent in parents {
                for Difference { path, blob, .. } in history.differences(parent, id)? {
                    if now.get(&path).is_some_and(|now| now.0 == blob.to_string()) {
                        continue;
                    }
                    let known = found.entry((path, blob)).or_insert((merge, id));
                    // The last ordinary commit; failing that, the first merge.
                    if known.0 {
                        *known = (merge, id);
                    }
                }
            }
        }
        let removed = found.into_iter().map(|((path, blob), (_, id))| {
            let commit = self.info(&self.find_commit(id)?)?;
            Ok(Removed { path, blob: Oid(blob.to_string()), commit })
        });
        removed.collect()
    }
}

/// Adds `files` to what is asked of a commit.
fn hand_over(wanted: &mut BTreeMap<GitOid, BTreeSet<String>>, commit: GitOid, mut files: BTreeSet<String>) {
    if files.is_empty() {
        return;
    }
    let asked = wanted.entry(commit).or_default();
    if files.len() > asked.len() {
        std::mem::swap(asked, &mut files);
    }
    asked.extend(files);
}

/// All commits behind a tip, seen through one folder.
struct History<'s> {
    store: &'s Store,
    folder: &'s str,
    /// Children before parents; else newest first.
    order: Vec<GitOid>,
    /// A commit where history is cut off is in `order` and not here.
    parents: BTreeMap<GitOid, Vec<GitOid>>,
    /// The folder's tree by commit.
    trees: BTreeMap<GitOid, Option<GitOid>>,
}

impl<'s> History<'s> {
    fn load(store: &'s Store, tip: GitOid, folder: &'s str) -> Result<Self, Error> {
        let cut: BTreeSet<String> = store.shallow().into_iter().collect();
        let mut history =
            Self { store, folder, order: Vec::new(), parents: BTreeMap::new(), trees: BTreeMap::new() };
        let mut times = BTreeMap::new();
        let mut children: BTreeMap<GitOid, u32> = BTreeMap::new();
        let mut unread = vec![tip];
        while let Some(id) = unread.pop() {
            if times.contains_key(&id) {
                continue;
            }
            let commit = store.find_commit(id)?;
            times.insert(id, commit.time().seconds());
            if cut.contains(&id.to_string()) {
                store.met_cut.set(true);
            } else {
                let parents: Vec<GitOid> = store.named_parents(&commit)?;
                for parent in &parents {
                    *children.entry(*parent).or_default() += 1;
                    unread.push(*parent);
                }
                history.parents.insert(id, parents);
            }
        }
        if store.is_partial() {
            let trees = times.keys().map(|id| Ok(store.find_commit(*id)?.tree_id()));
            store.fetch_promised(trees.collect::<Result<Vec<_>, Error>>()?)?;
        }
        let mut ready = BinaryHeap::from([(times[&tip], tip)]);
        while let Some((_, id)) = ready.pop() {
            history.order.push(id);
            for parent in history.parents.get(&id).into_iter().flatten() {
                let left = children.get_mut(parent).expect("every parent was counted");
                *left -= 1;
                if *left == 0 {
                    ready.push((times[parent], *parent));
                }
            }
        }
        Ok(history)
    }

    fn tree(&mut self, commit: GitOid) -> Result<Option<GitOid>, Error> {
        if let Some(tree) = self.trees.get(&commit) {
            return Ok(*tree);
        }
        let tree = self.store.subtree(commit, self.folder)?;
        self.trees.insert(commit, tree);
        Ok(tree)
    }

    /// Returns which of `files` the commit `parent` lacks; `child` holds all of them.
    fn lacking(
        &mut self,
        child: GitOid,
        parent: GitOid,
        files: &BTreeSet<String>,
    ) -> Result<BTreeSet<String>, Error> {
        if files.is_empty() {
            return Ok(BTreeSet::new());
        }
        let lacking = self.differences(child, parent)?.into_iter().filter(|file| !file.changed);
        Ok(lacking.map(|file| file.path).filter(|path| files.contains(path)).collect())
    }

    /// Returns the files that the commit `a` holds and `b` lacks or holds with other bytes.
    fn differences(&mut self, a: GitOid, b: GitOid) -> Result<Vec<Difference>, Error> {
        let (a, b) = (self.tree(a)?, self.tree(b)?);
        let mut found = Vec::new();
        self.compare(a, b, self.folder, &mut found)?;
        Ok(found)
    }

    fn compare(
        &self,
        a: Option<GitOid>,
        b: Option<GitOid>,
        folder: &str,
        found: &mut Vec<Difference>,
    ) -> Result<(), Error> {
        let Some(a) = a.filter(|a| Some(*a) != b) else { return Ok(()) };
        let b = b.map(|b| self.store.tree(b)).transpose()?;
        for entry in &self.store.tree(a)? {
            let other = b.as_ref().and_then(|tree| tree.get_name_bytes(entry.name_bytes()));
            let is_tree = entry.kind() == Some(ObjectType::Tree);
            let other = other.filter(|other| is_tree == (other.kind() == Some(ObjectType::Tree)));
            let other = other.map(|other| other.id());
            if other == Some(entry.id()) {
                continue;
            }
            let path = below(folder, &String::from_utf8_lossy(entry.name_bytes()));
            if is_tree {
                self.compare(Some(entry.id()), other, &path, found)?;
            } else {
                found.push(Difference { path, blob: entry.id(), changed: other.is_some() });
            }
        }
        Ok(())
    }
}
