//! The index compared with a commit: what the next commit will add, change and take away.

use std::fs;
use std::path::Path;

use super::program::{run, succeed};
use super::{Error, Oid, Store, TreeFile};

/// A path at which the index holds something else than a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexChange {
    /// From the repository's root, `/`-separated.
    pub path: String,
    /// What the commit holds there.
    pub before: Option<TreeFile>,
    /// What the index holds there.
    pub after: Option<TreeFile>,
}

impl Store {
    /// Returns where the index (`index`, or the work tree's own) differs from `commit`, or from nothing, at or under
    /// `paths`.
    ///
    /// # Errors
    /// Git could not compare them.
    pub fn index_changes(
        &self,
        index: Option<&Path>,
        commit: Option<&Oid>,
        paths: &[&str],
    ) -> Result<Vec<IndexChange>, Error> {
        let nothing = self.layout.empty_tree();
        let against = commit.unwrap_or(&nothing);
        let args = ["--literal-pathspecs", "diff-index", "--cached", "--raw", "-z"].into_iter();
        let more = ["--no-renames", "--no-abbrev", "--ignore-submodules=none", &against.0, "--"];
        let mut command = self.git.command(args.chain(more).chain(paths.iter().copied()));
        if let Some(index) = index {
            command.env("GIT_INDEX_FILE", index);
        }
        let listed = succeed("comparing the index", run(command, None)?)?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let mut parts = listed.split_terminator('\0');
        let mut changes = Vec::new();
        while let (Some(about), Some(path)) = (parts.next(), parts.next()) {
            changes.extend(read(about, path));
        }
        Ok(changes)
    }

    /// Returns the commits that the merge under way brings in; none where none is.
    ///
    /// # Errors
    /// What git noted of it cannot be read.
    pub fn merge_heads(&self) -> Result<Vec<Oid>, Error> {
        let path = self.layout.git_dir.join("MERGE_HEAD");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.lines().map(|line| Oid(line.trim().to_owned())).collect()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(Error::Io { path, source: error }),
        }
    }
}

/// Reads an entry of git's raw form: `:100644 000000 <id> <id> D`.
fn read(about: &str, path: &str) -> Option<IndexChange> {
    let mut fields = about.strip_prefix(':')?.split(' ');
    let [old, new, before, after] = [fields.next()?, fields.next()?, fields.next()?, fields.next()?];
    let file = |mode: &str, id: &str| {
        let mode = u32::from_str_radix(mode, 8).ok().filter(|mode| *mode != 0)?;
        Some(TreeFile { path: path.to_owned(), blob: Oid(id.to_owned()), mode })
    };
    Some(IndexChange { path: path.to_owned(), before: file(old, before), after: file(new, after) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_tells_both_sides() {
        let zeros = "0".repeat(40);
        let removed = read(&format!(":100644 000000 {} {zeros} D", "a".repeat(40)), "ledger/a b").unwrap();
        assert_eq!(removed.before.map(|file| (file.mode, file.blob.0)), Some((0o100_644, "a".repeat(40))));
        assert_eq!((removed.after, removed.path.as_str()), (None, "ledger/a b"));
        assert_eq!(read("100644 000000", "x"), None);
    }
}
