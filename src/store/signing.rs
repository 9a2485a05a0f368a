//! What Git's configuration says of signing, and what a commit is signed with.

use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectFormat};

use super::{Error, Oid, Store};
use crate::base::ssh::PublicKey;
use crate::record::{KeyAt, SigningKey};

/// What a key begins with that stands in the configuration itself, as git has it.
const LITERAL: [&str; 4] = ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"];

/// A file with an SSH public key is no longer.
const MAX_KEY: u64 = 64 * 1024;

/// How a commit is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitSignature {
    /// What is signed: the commit without its signature.
    pub payload: Vec<u8>,
    /// The signature, of whatever kind.
    pub signature: Vec<u8>,
}

impl Store {
    /// Returns the SSH key that `user.signingKey` names; `None` where it names none: it is not set, or names a key of GnuPG
    /// or X.509. `gpg.ssh.program` signs with it where that is set.
    ///
    /// # Errors
    /// Git's configuration cannot be read.
    pub fn signing_key(&self) -> Result<Option<SigningKey>, Error> {
        let config = self.config()?;
        let value = |key: &str| config.get(key).cloned().flatten().filter(|value| !value.is_empty());
        let Some(named) = value("user.signingkey") else { return Ok(None) };
        let literal = named.strip_prefix("key::");
        let key = match literal.or_else(|| is_literal(&named).then_some(named.as_str())) {
            Some(text) => KeyAt::Agent(text.trim().to_owned()),
            None => {
                let path = self.key_path("user.signingkey")?;
                let is_ssh = match value("gpg.format").as_deref() {
                    Some("ssh") => true,
                    Some(_) => false,
                    None => is_public_key(&path.with_added_extension("pub")) || is_public_key(&path),
                };
                if !is_ssh {
                    return Ok(None);
                }
                KeyAt::File(path)
            }
        };
        let program = match value("gpg.ssh.program") {
            Some(program) if program.contains('/') => Some(self.key_path("gpg.ssh.program")?),
            program => program.map(PathBuf::from),
        };
        Ok(Some(SigningKey { key, program }))
    }

    /// Whether `user.signingKey` names an SSH key and `gpg.format` says nothing: git takes it for one of GnuPG.
    pub(super) fn signs_by_ssh_unsaid(&self) -> Result<bool, Error> {
        Ok(!self.config()?.contains_key("gpg.format") && self.signing_key()?.is_some())
    }

    /// Returns what `user.signingKey` says where that is no SSH key, or none that can be found.
    ///
    /// # Errors
    /// Git's configuration cannot be read.
    pub fn unusable_signing_key(&self) -> Result<Option<String>, Error> {
        let named = self.config()?.get("user.signingkey").cloned().flatten();
        Ok(named.filter(|named| !named.is_empty()).filter(|_| !matches!(self.signing_key(), Ok(Some(_)))))
    }

    /// Returns the path that the setting `key` says, from the work tree's root.
    fn key_path(&self, key: &str) -> Result<PathBuf, Error> {
        Ok(self.git.cwd.join(self.path_setting(key)?.unwrap_or_default()))
    }

    /// Returns how a commit is signed; `None` where it is not.
    ///
    /// # Errors
    /// The commit is not there, or damaged.
    pub fn commit_signature(&self, commit: &Oid) -> Result<Option<CommitSignature>, Error> {
        let id = self.git_id(commit)?;
        self.find_commit(id)?;
        let field = match self.layout.format {
            ObjectFormat::Sha1 => "gpgsig",
            ObjectFormat::Sha256 => "gpgsig-sha256",
        };
        match self.objects.extract_signature(&id, Some(field)) {
            Ok((signature, payload)) => {
                Ok(Some(CommitSignature { payload: payload.to_vec(), signature: signature.to_vec() }))
            }
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => {
                let what = format!("commit {}", commit.0);
                Err(Error::Damaged { what, why: error.message().to_owned() })
            }
        }
    }
}

fn is_literal(named: &str) -> bool {
    LITERAL.iter().any(|beginning| named.starts_with(beginning))
}

fn is_public_key(path: &Path) -> bool {
    let is_short = std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_KEY);
    is_short && std::fs::read_to_string(path).is_ok_and(|text| text.parse::<PublicKey>().is_ok())
}
