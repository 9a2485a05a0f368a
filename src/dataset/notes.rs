//! Notes: what an analysis says of one ledger tree, kept in `.git/hitl/cache/<name>/<tree>` for whoever asks again.

use std::path::PathBuf;

use super::{Dataset, LEDGER, View, kept};
use crate::store::Oid;

/// The first bytes of a kept note.
const MAGIC: &[u8] = b"hitl note 1\n";
/// Notes of one name that are kept.
const KEPT: usize = 4;

/// Notes of one name.
pub struct Notes<'a> {
    dataset: &'a Dataset,
    folder: PathBuf,
}

impl Dataset {
    /// Returns the notes called `name`, which is a file name and says what they hold and how it is written.
    pub fn notes(&self, name: &str) -> Notes<'_> {
        Notes { dataset: self, folder: self.store().cache_dir().join(name) }
    }
}

impl Notes<'_> {
    /// Returns the note on the ledger that `view` is of; there is none on a part of one, or on one that was read whole.
    pub fn get(&self, view: &View) -> Option<Vec<u8>> {
        kept::read(&self.path(view)?, MAGIC)
    }

    /// Returns the note that was kept last, with the tree it is on.
    pub fn last(&self) -> Option<(Oid, Vec<u8>)> {
        let newest = kept::newest_first(&self.folder).into_iter().next()?;
        Some((Oid(newest.file_name()?.to_str()?.to_owned()), kept::read(&newest, MAGIC)?))
    }

    /// Keeps a note, if that is possible.
    pub fn keep(&self, view: &View, note: &[u8]) {
        if let Some(path) = self.path(view) {
            kept::write(&path, MAGIC, &[note]);
            kept::keep_newest(&self.folder, KEPT);
        }
    }

    fn path(&self, view: &View) -> Option<PathBuf> {
        let commit = view.commit.as_ref().filter(|_| view.is_of_catalog())?;
        let tree = self.dataset.store().folder(commit, LEDGER).ok().flatten()?;
        Some(self.folder.join(tree.0))
    }
}
