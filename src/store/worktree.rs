//! The work tree compared with a commit, byte for byte: no filter, no line-end conversion, no symlink followed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use git2::{ObjectType, Oid as GitOid};
use rayon::prelude::*;

use super::program::{run, succeed};
use super::read::below;
use super::{Error, Head, Oid, Store};

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

    /// Returns a file as the user has it: the work tree's or, without a work tree and where a sparse checkout leaves
    /// it out, HEAD's. `None` when there is none.
    pub fn own_file(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        if let Some(root) = &self.layout.work_tree {
            let file = root.join(path);
            match fs::read(&file) {
                Ok(bytes) => return Ok(Some(bytes)),
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::Io { path: file, source: error });
                }
                Err(_) if !self.left_out(path)?.contains(path) => return Ok(None),
                Err(_) => {}
            }
        }
        match self.head()? {
            Head::Unborn(_) => Ok(None),
            Head::Branch(_, commit) | Head::Detached(commit) => self.file(&commit, path),
        }
    }

    /// Returns those of `paths` whose bytes an attribute lets git change between commit and work tree, each with that
    /// attribute.
    pub fn converted(&self, paths: &[&str]) -> Result<BTreeMap<String, String>, Error> {
        let names = ["text", "eol", "filter", "ident", "working-tree-encoding"];
        let mut command = self.git.command(["check-attr", "-z", "--stdin"]);
        command.args(names);
        let asked: String = paths.iter().map(|path| format!("{path}\0")).collect();
        let told = succeed("reading attributes", run(command, Some(asked.as_bytes()))?)?;
        let told = String::from_utf8_lossy(&told).into_owned();
        let told: Vec<&str> = told.split_terminator('\0').collect();
        let automatic =
            self.config()?.get("core.autocrlf").cloned().flatten().is_some_and(|set| set != "false");
        let mut converted = BTreeMap::new();
        for attributes in told.chunks(3 * names.len()) {
            let of = |name: &str| {
                let found = attributes.chunks(3).find(|told| told.get(1) == Some(&name));
                found.and_then(|told| told.get(2)).copied().filter(|value| *value != "unspecified")
            };
            let value = |name: &str| of(name).filter(|value| *value != "unset");
            let cause = match (value("filter"), value("working-tree-encoding"), value("ident"), of("text")) {
                (Some(filter), ..) => format!("filter={filter}"),
                (_, Some(encoding), ..) => format!("working-tree-encoding={encoding}"),
                (.., Some(_), _) => "ident".to_owned(),
                (.., Some("unset")) => continue,
                (.., text) => match (value("eol"), text) {
                    (Some(eol), _) => format!("eol={eol}"),
                    (None, Some(text)) => format!("text={text}"),
                    (None, None) if automatic => "core.autocrlf".to_owned(),
                    (None, None) => continue,
                },
            };
            let path = attributes.first().copied().unwrap_or_default();
            converted.insert(path.to_owned(), cause);
        }
        Ok(converted)
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
