//! The work tree compared with a commit, byte for byte: no filter, no line-end conversion, no symlink followed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use git2::{ObjectType, Oid as GitOid};
use rayon::prelude::*;

use super::read::below;
use super::{Error, Oid, Store};

/// How a file of the work tree differs from the commit's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkTreeState {
    /// The commit has it and the work tree does not.
    Missing,
    /// The work tree holds other bytes, or something that is no plain file.
    Modified,
    /// The work tree has it and the commit does not.
    Untracked,
}

impl Store {
    /// Returns the files under `folder` whose work-tree copy differs from `commit`, by path. Files that a sparse
    /// checkout leaves out are not missing. A bare repository has no differences.
    pub fn work_tree(&self, commit: &Oid, folder: &str) -> Result<Vec<(String, WorkTreeState)>, Error> {
        let Some(root) = &self.layout.work_tree else { return Ok(Vec::new()) };
        let mut present = BTreeMap::new();
        list(root, folder, &mut present)?;
        let left_out = self.left_out(folder)?;
        let files = self.files(commit, folder)?;
        let format = self.layout.format;
        let mut states = files
            .par_iter()
            .filter_map(|file| {
                let state = match present.get(&file.path) {
                    None if left_out.contains(&file.path) => return None,
                    None => WorkTreeState::Missing,
                    Some(false) => WorkTreeState::Modified,
                    Some(true) => {
                        match GitOid::hash_file_ext(ObjectType::Blob, root.join(&file.path), format) {
                            Ok(id) if id.to_string() == file.blob.0 => return None,
                            _ => WorkTreeState::Modified,
                        }
                    }
                };
                Some((file.path.clone(), state))
            })
            .collect::<Vec<_>>();
        let tracked: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let untracked = present.into_keys().filter(|path| !tracked.contains(path.as_str()));
        states.extend(untracked.map(|path| (path, WorkTreeState::Untracked)));
        states.sort();
        Ok(states)
    }

    /// Returns what a sparse checkout leaves out of the work tree.
    fn left_out(&self, folder: &str) -> Result<BTreeSet<String>, Error> {
        if self.setting("core.sparsecheckout")? != Some(true) {
            return Ok(BTreeSet::new());
        }
        let pathspec = format!(":(top,literal){folder}");
        let listed = self.git.run("reading the index", ["ls-files", "-t", "-z", "--", &pathspec])?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let skipped = listed.split_terminator('\0').filter_map(|entry| entry.strip_prefix("S "));
        Ok(skipped.map(str::to_owned).collect())
    }
}

/// Lists what lies under `folder`, each with whether it is a plain file.
fn list(root: &Path, folder: &str, present: &mut BTreeMap<String, bool>) -> Result<(), Error> {
    let path = root.join(folder);
    match fs::symlink_metadata(&path) {
        Ok(meta) if meta.is_dir() => {}
        Ok(_) => {
            present.insert(folder.to_owned(), false);
            return Ok(());
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::Io { path, source: error }),
    }
    for entry in fs::read_dir(&path).map_err(Error::io(&path))? {
        let entry = entry.map_err(Error::io(&path))?;
        let name = below(folder, &entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(Error::io(&path))?;
        if kind.is_dir() {
            list(root, &name, present)?;
        } else {
            present.insert(name, kind.is_file());
        }
    }
    Ok(())
}
