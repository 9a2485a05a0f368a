//! `labelers.yaml`: who may label, what they are also called, and who is suspended.

use std::collections::BTreeMap;

use super::Config;
use super::fault::{Collector, Faults, suggestion};
use super::node::{self, Node};
use super::read::{self, Fields};
use crate::base::ssh::PublicKey;
use crate::base::{Timestamp, text};
use crate::record::{LabelerKind, RecordId, check_labeler};

/// The file's name, at the repository's root.
pub const LABELERS_FILE: &str = "labelers.yaml";

const FIELDS: &[&str] = &["format", "closed", "labelers"];
const LABELER_FIELDS: &[&str] = &["kind", "aliases", "roles", "tasks", "status", "keys"];

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
            Ok(root) => labelers.read(&root, config, &mut faults),
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

    fn read(&mut self, root: &Node, config: Option<&Config>, faults: &mut Collector<'_>) {
        let Some(mut fields) = Fields::of(root, "a table of fields", faults) else { return };
        read::format(&mut fields, false, faults);
        self.closed =
            fields.take("closed").and_then(|node| read::boolean(node, "closed", faults)).unwrap_or_default();
        let table = fields.take("labelers");
        fields.refuse_rest(FIELDS, faults);
        let Some(table) = table.and_then(|table| Fields::of(table, "a table of labelers", faults)) else {
            return;
        };
        let mut aliases: Vec<(String, String, &Node)> = Vec::new();
        for (key, value) in table.entries() {
            let id = text::nfc(key.scalar().unwrap_or_default()).into_owned();
            if let Err(error) = check_labeler(&id) {
                faults.add(key.place, error.to_string(), None);
            }
            let Some((labeler, named)) = labeler(value, config, faults) else { continue };
            aliases.extend(named.into_iter().map(|(alias, node)| (alias, id.clone(), node)));
            if self.labelers.insert(id.clone(), labeler).is_some() {
                faults.add(key.place, format!("labeler `{id}` is declared twice"), None);
            }
        }
        self.check_aliases(&aliases, faults);
    }

    fn check_aliases(&self, aliases: &[(String, String, &Node)], faults: &mut Collector<'_>) {
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        for (alias, id, node) in aliases {
            if let Err(error) = check_labeler(alias) {
                faults.add(node.place, error.to_string(), None);
            } else if alias == id {
                faults.add(node.place, format!("`{alias}` is this labeler's own id"), None);
            } else if self.labelers.contains_key(alias) {
                faults.add(node.place, format!("`{alias}` is another labeler's id"), None);
            } else if let Some(owner) = owners.insert(alias, id) {
                faults.add(node.place, format!("`{alias}` is already an alias of `{owner}`"), None);
            }
        }
    }
}

type Aliases<'a> = Vec<(String, &'a Node)>;

fn labeler<'a>(
    node: &'a Node,
    config: Option<&Config>,
    faults: &mut Collector<'_>,
) -> Option<(Labeler, Aliases<'a>)> {
    let mut fields = Fields::of(node, "a labeler's fields", faults)?;
    let kinds: Vec<&str> = LabelerKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let kind = fields.take("kind").map_or(Some(LabelerKind::Human), |node| {
        read::word(node, "labeler kind", &kinds, |word| word.parse().ok(), faults)
    });
    let status = fields.take("status").map_or(Some(Status::Active), |node| {
        let known = |word: &str| match word {
            "active" => Some(Status::Active),
            "suspended" => Some(Status::Suspended),
            _ => None,
        };
        read::word(node, "status", &["active", "suspended"], known, faults)
    });
    let mut list = |name: &str, faults: &mut Collector<'_>| {
        fields.take(name).map_or_else(Vec::new, |node| read::list(node, name, faults))
    };
    let (aliases, roles, tasks, keys) =
        (list("aliases", faults), list("roles", faults), list("tasks", faults), list("keys", faults));
    fields.refuse_rest(LABELER_FIELDS, faults);
    if let Some(config) = config {
        let known: Vec<&str> = config.tasks.iter().map(|task| task.name.as_str()).collect();
        for (name, node) in tasks.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
            faults.add(node.place, format!("`{name}` is no task of hitl.yaml"), suggestion(name, &known));
        }
    }
    let texts = |list: Vec<(String, &Node)>| list.into_iter().map(|(text, _)| text).collect();
    let names = aliases.iter().map(|(alias, _)| alias.clone()).collect();
    let labeler = Labeler {
        kind: kind.unwrap_or(LabelerKind::Human),
        aliases: names,
        roles: Vec::new(),
        tasks: texts(tasks),
        status: status.unwrap_or_default(),
        keys: Vec::new(),
        availability: None,
        specialisations: Vec::new(),
    };
    let _ = (roles, keys);
    Some((labeler, aliases))
}
