//! Partial clones: objects a remote keeps for us, asked for once and many at a time.
//!
//! Git fetches such an object when it needs it, one after another; libgit2 calls it missing. So whoever is about to
//! read many asks here first, and whoever finds one missing asks for it. The command is the one git itself runs.

use std::collections::BTreeSet;

use git2::{OdbLookupFlags, Oid as GitOid};

use super::program::{run, words};
use super::{Error, Oid, Store};

impl Store {
    /// Whether some objects may be left with a remote: git marks each pack it gets on such terms.
    pub(super) fn is_partial(&self) -> bool {
        let packs = std::fs::read_dir(self.layout.objects.join("pack")).into_iter().flatten().flatten();
        packs.into_iter().any(|pack| pack.path().extension().is_some_and(|ending| ending == "promisor"))
    }

    /// Makes sure that these blobs can be read, asking a remote once for all that are left with it.
    pub fn ready(&self, blobs: &[Oid]) -> Result<(), Error> {
        self.fetch_promised(blobs.iter().map(|id| self.git_id(id)).collect::<Result<Vec<_>, _>>()?)
    }

    /// Fetches those of `ids` that are not here, with all trees below one that is a tree or a commit. Where nothing is
    /// promised, nothing happens.
    ///
    /// # Errors
    /// No remote that made a promise keeps it now.
    pub(super) fn fetch_promised(&self, ids: impl IntoIterator<Item = GitOid>) -> Result<(), Error> {
        if !self.is_partial() {
            return Ok(());
        }
        let mut absent = self.absent(ids)?;
        let mut said = String::new();
        for remote in self.promisors()? {
            if absent.is_empty() {
                break;
            }
            let wanted: String = absent.iter().map(|id| format!("{id}\n")).collect();
            let mut args = vec!["-c", "fetch.negotiationAlgorithm=noop", "fetch", &remote, "--quiet"];
            args.extend(["--no-tags", "--no-write-fetch-head", "--recurse-submodules=no"]);
            args.extend(["--no-auto-maintenance", "--filter=blob:none", "--stdin"]);
            let output = run(self.git.command(args), Some(wanted.as_bytes()))?;
            if !output.status.success() {
                said = format!("`{remote}` says: {}", words(&output.stderr));
            }
            absent = self.absent(absent)?;
        }
        match absent.first() {
            None => Ok(()),
            Some(id) if said.is_empty() => {
                Err(Error::MissingObject { id: Oid(id.to_string()), promised: true })
            }
            Some(_) => Err(Error::PromiseBroken { objects: absent.len(), said }),
        }
    }

    /// Returns those of `ids` that are not here.
    fn absent(&self, ids: impl IntoIterator<Item = GitOid>) -> Result<BTreeSet<GitOid>, Error> {
        let odb = self.objects.odb().and_then(|odb| odb.refresh().map(|()| odb));
        let odb = odb.map_err(|error| Error::Git {
            context: "looking for objects".to_owned(),
            message: error.message().to_owned(),
        })?;
        let here = |id: &GitOid| odb.exists_ext(*id, OdbLookupFlags::NO_REFRESH);
        Ok(ids.into_iter().filter(|id| !here(id)).collect())
    }

    /// Returns the remotes that keep objects for this repository.
    fn promisors(&self) -> Result<Vec<String>, Error> {
        let name = |(key, value): (&String, &Option<String>)| {
            let name = key.strip_prefix("remote.")?.strip_suffix(".promisor")?;
            (value.as_deref() != Some("false")).then(|| name.to_owned())
        };
        Ok(self.config()?.iter().filter_map(name).collect())
    }
}
