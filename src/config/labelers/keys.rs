//! `keys` of a labeler: the public keys that sign for them, and since when and until when.

use super::super::fault::Collector;
use super::super::node::{Node, Value};
use super::super::read::Fields;
use super::Key;
use crate::base::Timestamp;
use crate::base::ssh::PublicKey;

const KEY_FIELDS: &[&str] = &["key", "valid_from", "valid_until", "compromised_since"];

/// A key and where it is listed.
pub(super) type Listed<'a> = (PublicKey, &'a Node);

/// Reads the keys of one labeler, and where each is listed.
pub(super) fn keys<'a>(node: &'a Node, faults: &mut Collector<'_>) -> (Vec<Key>, Vec<Listed<'a>>) {
    let Value::List(items) = &node.value else {
        let help = node.scalar().map(|_| "put a `- ` before the key, on a line of its own".to_owned());
        faults.add(node.place, format!("`keys` is a list, not {}", node.described()), help);
        return Default::default();
    };
    let (mut keys, mut listed) = (Vec::new(), Vec::new());
    for item in items {
        if let Some((key, node)) = one(item, faults) {
            listed.push((key.key.clone(), node));
            keys.push(key);
        }
    }
    (keys, listed)
}

/// Reads one key: its text alone, or a table of it and its times.
fn one<'a>(item: &'a Node, faults: &mut Collector<'_>) -> Option<(Key, &'a Node)> {
    if item.scalar().is_some() {
        let key = public_key(item, faults)?;
        return Some((Key { key, valid_from: None, valid_until: None, compromised_since: None }, item));
    }
    let mut fields = Fields::of(item, "a public key", faults)?;
    let node = fields.take("key");
    let mut time = |name: &str, faults: &mut Collector<'_>| {
        let node = fields.take(name)?;
        let time = node.scalar().unwrap_or_default().parse::<Timestamp>();
        if let Err(error) = &time {
            let told =
                if node.scalar().is_some() { error.to_string() } else { node.described() + " is no time" };
            faults.add(node.place, format!("`{name}`: {told}"), None);
        }
        Some((time.ok()?, node))
    };
    let (from, until) = (time("valid_from", faults), time("valid_until", faults));
    let compromised = time("compromised_since", faults);
    let place = fields.place();
    fields.refuse_rest(KEY_FIELDS, faults);
    if let (Some((from, _)), Some((until, node))) = (from, until)
        && from >= until
    {
        let message =
            format!("`valid_until` {until} is not after `valid_from` {from}: the key signs for nothing");
        faults.add(node.place, message, None);
    }
    let Some(node) = node else {
        faults.add(place, "a key without its `key`", Some("write `key: ssh-ed25519 AAAA…`".to_owned()));
        return None;
    };
    let time = |found: Option<(Timestamp, &Node)>| found.map(|(time, _)| time);
    let key = Key {
        key: public_key(node, faults)?,
        valid_from: time(from),
        valid_until: time(until),
        compromised_since: time(compromised),
    };
    Some((key, node))
}

fn public_key(node: &Node, faults: &mut Collector<'_>) -> Option<PublicKey> {
    match node.scalar().unwrap_or_default().parse::<PublicKey>() {
        Ok(key) => Some(key),
        Err(error) => {
            let help = "the one line of a file like ~/.ssh/id_ed25519.pub".to_owned();
            faults.add(node.place, error.to_string(), Some(help));
            None
        }
    }
}
