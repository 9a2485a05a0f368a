//! `labelers.yaml`: who may label, what they are also called, and who is suspended.

mod edit;
mod keys;
mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::Config;
use super::fault::{Collector, Faults};
use super::node;
use crate::base::ssh::PublicKey;
use crate::base::{Digest, Timestamp, text};
use crate::record::{LabelerKind, RecordId};

pub use edit::{edit_labelers, labeler_block};

/// The file's name, at the repository's root.
pub const LABELERS_FILE: &str = "labelers.yaml";

/// Whether new rows of a labeler are taken, and new records by them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// They are.
    #[default]
    Active,
    /// They are refused for now.
    Suspended,
    /// They are refused for good.
    Retired,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Suspended, Self::Retired];

    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Retired => "retired",
        }
    }
}

/// What somebody may do. Nobody has a role by having another, but a maintainer has all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Labels and corrects, in their own name.
    Labeler,
    /// Settles items.
    Adjudicator,
    /// Brings in the work of others, adds guideline versions, takes back the work of others, declares tasks.
    Curator,
    /// Freezes snapshots.
    Validator,
    /// All of it, and who may do what.
    Maintainer,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Labeler, Self::Adjudicator, Self::Curator, Self::Validator, Self::Maintainer];

    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Labeler => "labeler",
            Self::Adjudicator => "adjudicator",
            Self::Curator => "curator",
            Self::Validator => "validator",
            Self::Maintainer => "maintainer",
        }
    }
}

/// A key that signs for a labeler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The public key.
    pub key: PublicKey,
    /// It signs for nothing recorded before.
    pub valid_from: Option<Timestamp>,
    /// It signs for nothing recorded at this moment or later.
    pub valid_until: Option<Timestamp>,
    /// Somebody else may have had it since: what it signs counts only where another key vouches for it.
    pub compromised_since: Option<Timestamp>,
}

/// Which records have to be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedAfter {
    /// All.
    Start,
    /// All but this one and its ancestors.
    Record(RecordId),
}

/// One labeler as `labelers.yaml` declares them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labeler {
    /// Human, model or gold.
    pub kind: LabelerKind,
    /// What files call them, in NFC; rows get the id instead.
    pub aliases: Vec<String>,
    /// What they may do.
    pub roles: Vec<Role>,
    /// The tasks they label; empty for all.
    pub tasks: Vec<String>,
    /// Whether new rows of theirs are taken.
    pub status: Status,
    /// Public keys that sign for them.
    pub keys: Vec<Key>,
    /// When they can work, in their own words.
    pub availability: Option<String>,
    /// What they know well, in the project's own words.
    pub specialisations: Vec<String>,
}

/// `labelers.yaml`, read and checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labelers {
    /// Whether labelers that are not declared are refused.
    pub closed: bool,
    /// Which records have to be signed; none where it says nothing.
    pub require_signed: Option<SignedAfter>,
    /// Every declared labeler, by id in NFC.
    pub labelers: BTreeMap<String, Labeler>,
}

impl Labelers {
    /// Reads the text of `labelers.yaml`; with `config`, the tasks it names are looked up there.
    ///
    /// # Errors
    /// Every fault of the file, placed; a text that is no YAML has one.
    pub fn parse(text: &str, config: Option<&Config>) -> Result<Self, Faults> {
        let mut faults = Collector::new(LABELERS_FILE, text);
        let mut labelers = Self::default();
        match node::parse(text) {
            Ok(root) => read::labelers(&mut labelers, &root, config, &mut faults),
            Err(error) => faults.yaml(error),
        }
        faults.finish(labelers)
    }

    /// Returns alias → id.
    pub fn aliases(&self) -> BTreeMap<String, String> {
        let pairs = |(id, labeler): (&String, &Labeler)| {
            let id = id.clone();
            labeler.aliases.clone().into_iter().map(move |alias| (alias, id.clone()))
        };
        self.labelers.iter().flat_map(pairs).collect()
    }

    /// Returns the labeler whose key has this fingerprint, by id, and the key.
    pub fn by_key(&self, fingerprint: Digest) -> Option<(&str, &Labeler, &Key)> {
        self.labelers.iter().find_map(|(id, labeler)| {
            let key = labeler.keys.iter().find(|key| key.key.fingerprint() == fingerprint)?;
            Some((id.as_str(), labeler, key))
        })
    }

    /// Returns the id of the labeler that `actor`, `Name <email>`, claims to be: whose id or alias is the whole of it, else
    /// its name, else its address. What claims to be somebody need not be theirs.
    pub fn called(&self, actor: &str) -> Option<&str> {
        let actor = text::nfc(actor);
        let parts = actor.strip_suffix('>').and_then(|actor| actor.rsplit_once('<'));
        let (name, address) = parts.unwrap_or_default();
        [&*actor, name.trim(), address.trim()].into_iter().find_map(|called| {
            let is_called = |(id, labeler): &(&String, &Labeler)| {
                *id == called || labeler.aliases.iter().any(|alias| alias == called)
            };
            self.labelers.iter().find(is_called).map(|(id, _)| id.as_str())
        })
    }
}
