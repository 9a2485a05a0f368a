//! Reading `labelers.yaml`.

use std::collections::BTreeMap;

use super::super::fault::{Collector, suggestion};
use super::super::node::Node;
use super::super::read::{self, Fields};
use super::keys::{Listed, keys};
use super::{Config, Labeler, Labelers, Role, SignedAfter, Status};
use crate::base::text;
use crate::record::{LabelerKind, check_labeler};

const FIELDS: &[&str] = &["format", "closed", "require_signed", "labelers"];
const LABELER_FIELDS: &[&str] =
    &["kind", "aliases", "roles", "tasks", "status", "keys", "availability", "specialisations"];

/// What of one labeler is looked at again once all are read: aliases and keys, each with its place.
type Claims<'a> = (Vec<(String, &'a Node)>, Vec<Listed<'a>>);

/// Reads the whole file into `into`.
pub(super) fn labelers(
    into: &mut Labelers,
    root: &Node,
    config: Option<&Config>,
    faults: &mut Collector<'_>,
) {
    let Some(mut fields) = Fields::of(root, "a table of fields", faults) else { return };
    read::format(&mut fields, false, faults);
    into.closed =
        fields.take("closed").and_then(|node| read::boolean(node, "closed", faults)).unwrap_or_default();
    into.require_signed = fields.take("require_signed").and_then(|node| signed_after(node, faults));
    let table = fields.take("labelers");
    fields.refuse_rest(FIELDS, faults);
    let Some(table) = table.and_then(|table| Fields::of(table, "a table of labelers", faults)) else {
        return;
    };
    let (mut aliases, mut keys) = (Vec::new(), Vec::new());
    for (key, value) in table.entries() {
        let id = text::nfc(key.scalar().unwrap_or_default()).into_owned();
        if let Err(error) = check_labeler(&id) {
            faults.add(key.place, error.to_string(), None);
        }
        let Some((labeler, (named, listed))) = labeler(value, config, faults) else { continue };
        aliases.extend(named.into_iter().map(|(alias, node)| (alias, id.clone(), node)));
        keys.extend(listed.into_iter().map(|key| (key, id.clone())));
        if into.labelers.insert(id.clone(), labeler).is_some() {
            faults.add(key.place, format!("labeler `{id}` is declared twice"), None);
        }
    }
    check_aliases(into, &aliases, faults);
    check_keys(&keys, faults);
}

fn check_aliases(labelers: &Labelers, aliases: &[(String, String, &Node)], faults: &mut Collector<'_>) {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for (alias, id, node) in aliases {
        if let Err(error) = check_labeler(alias) {
            faults.add(node.place, error.to_string(), None);
        } else if alias == id {
            faults.add(node.place, format!("`{alias}` is this labeler's own id"), None);
        } else if labelers.labelers.contains_key(alias) {
            faults.add(node.place, format!("`{alias}` is another labeler's id"), None);
        } else if let Some(owner) = owners.insert(alias, id) {
            faults.add(node.place, format!("`{alias}` is already an alias of `{owner}`"), None);
        }
    }
}

/// A key that two people have says of neither that they signed.
fn check_keys(keys: &[(Listed<'_>, String)], faults: &mut Collector<'_>) {
    let mut owners: BTreeMap<_, &str> = BTreeMap::new();
    for ((key, node), id) in keys {
        match owners.insert(key.fingerprint(), id) {
            Some(owner) if owner == id => {
                faults.add(node.place, "this key is listed twice", None);
            }
            Some(owner) => {
                let help = "one key, one labeler: each signs with their own".to_owned();
                faults.add(node.place, format!("this key is already one of `{owner}`"), Some(help));
            }
            None => {}
        }
    }
}

/// Reads `require_signed`: `after`, and the record from which on all are signed.
fn signed_after(node: &Node, faults: &mut Collector<'_>) -> Option<SignedAfter> {
    let mut fields = Fields::of(node, "a table with `after`", faults)?;
    let place = fields.place();
    let after = fields.take("after");
    fields.refuse_rest(&["after"], faults);
    let help =
        || Some("write `after: start` for all, or the id of the last record that need not be".to_owned());
    let Some(after) = after else {
        faults.add(place, "`require_signed` does not say after what", help());
        return None;
    };
    let word = after.scalar().unwrap_or_default();
    match (word, word.parse()) {
        ("start", _) => Some(SignedAfter::Start),
        (_, Ok(record)) => Some(SignedAfter::Record(record)),
        (_, Err(_)) => {
            let message = format!("`after` is `start` or a record's whole id, not {}", after.described());
            faults.add(after.place, message, help());
            None
        }
    }
}

fn labeler<'a>(
    node: &'a Node,
    config: Option<&Config>,
    faults: &mut Collector<'_>,
) -> Option<(Labeler, Claims<'a>)> {
    let mut fields = Fields::of(node, "a labeler's fields", faults)?;
    let kinds: Vec<&str> = LabelerKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let kind = fields
        .take("kind")
        .and_then(|node| read::word(node, "labeler kind", &kinds, |word| word.parse().ok(), faults));
    let statuses = Status::ALL.map(Status::as_str);
    let status = fields.take("status").and_then(|node| {
        let known = |word: &str| Status::ALL.into_iter().find(|status| status.as_str() == word);
        read::word(node, "status", &statuses, known, faults)
    });
    let mut list = |name: &str, faults: &mut Collector<'_>| {
        fields.take(name).map_or_else(Vec::new, |node| read::list(node, name, faults))
    };
    let (aliases, named_roles, tasks) =
        (list("aliases", faults), list("roles", faults), list("tasks", faults));
    let specialisations = list("specialisations", faults);
    let (keys, listed) = fields.take("keys").map_or_else(Default::default, |node| keys(node, faults));
    let availability =
        fields.take("availability").and_then(|node| read::scalar(node, "availability", faults));
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
        roles: roles(&named_roles, faults),
        tasks: texts(tasks),
        status: status.unwrap_or_default(),
        keys,
        availability,
        specialisations: texts(specialisations),
    };
    Some((labeler, (aliases, listed)))
}

fn roles(named: &[(String, &Node)], faults: &mut Collector<'_>) -> Vec<Role> {
    let known = Role::ALL.map(Role::as_str);
    let mut roles = Vec::new();
    for (name, node) in named {
        match Role::ALL.into_iter().find(|role| role.as_str() == name) {
            None => faults.add(node.place, format!("`{name}` is no role"), suggestion(name, &known)),
            Some(role) if roles.contains(&role) => {
                faults.add(node.place, format!("the role `{name}` is listed twice"), None);
            }
            Some(role) => roles.push(role),
        }
    }
    roles
}
