//! The people of `labelers.yaml`: found by what they are called, and by their keys.

use std::collections::BTreeMap;

use crate::base::{Digest, text};
use crate::config::{Key, Labeler, Labelers, Role};

/// The people of `labelers.yaml`, looked up.
pub(super) struct People<'a> {
    pub(super) labelers: &'a Labelers,
    /// Id by id and by alias.
    names: BTreeMap<&'a str, &'a str>,
    keys: BTreeMap<Digest, (&'a str, &'a Key)>,
}

impl<'a> People<'a> {
    pub(super) fn new(labelers: &'a Labelers) -> Self {
        let (mut names, mut keys) = (BTreeMap::new(), BTreeMap::new());
        for (id, labeler) in &labelers.labelers {
            names.insert(id.as_str(), id.as_str());
            for alias in &labeler.aliases {
                names.entry(alias.as_str()).or_insert(id.as_str());
            }
            for key in &labeler.keys {
                keys.entry(key.key.fingerprint()).or_insert((id.as_str(), key));
            }
        }
        Self { labelers, names, keys }
    }

    /// Returns the labeler whose id or alias `name` is.
    pub(super) fn called(&self, name: &str) -> Option<&'a str> {
        self.names.get(text::nfc(name).as_ref()).copied()
    }

    /// Returns the labeler that an actor, `Name <email>`, claims to be, as [`Labelers::called`] has it, but looked up.
    pub(super) fn claimed(&self, actor: &str) -> Option<&'a str> {
        let parts = actor.strip_suffix('>').and_then(|rest| rest.rsplit_once('<'));
        let (name, email) = parts.unwrap_or_default();
        [actor, name.trim(), email.trim()].into_iter().find_map(|called| self.called(called))
    }

    /// Returns whose the key is, and the key.
    pub(super) fn key(&self, fingerprint: Digest) -> Option<(&'a str, &'a Key)> {
        self.keys.get(&fingerprint).copied()
    }

    /// Returns the keys that are declared.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'a Key> {
        self.keys.values().map(|(_, key)| *key)
    }

    /// Returns what is declared of the labeler `id`.
    pub(super) fn get(&self, id: &str) -> Option<&'a Labeler> {
        self.labelers.labelers.get(id)
    }

    /// Whether roles are in force: somebody has one.
    pub(super) fn have_roles(&self) -> bool {
        self.labelers.labelers.values().any(|labeler| !labeler.roles.is_empty())
    }

    /// Whether the labeler `id` has one of `roles`, as a maintainer has.
    pub(super) fn has_one(&self, id: &str, roles: &[Role]) -> bool {
        let held = self.get(id).map(|labeler| labeler.roles.as_slice()).unwrap_or_default();
        held.iter().any(|role| *role == Role::Maintainer || roles.contains(role))
    }
}
