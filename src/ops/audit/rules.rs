//! What a commit changed of the files that people edit: who may do what, tasks, checks. In words, as plain text.

mod checks;

use std::collections::BTreeSet;

use crate::config::{Config, Key, Labeler, Labelers, SignedAfter};
use crate::record::Task;
use crate::trace::Called;

pub(super) use checks::checks;

/// Returns what `labelers.yaml` says otherwise than before.
pub(super) fn people(before: &Labelers, after: &Labelers, called: &Called) -> Vec<String> {
    let mut changes = Vec::new();
    if before.closed != after.closed {
        let now = if after.closed { "are refused" } else { "are taken" };
        changes.push(format!("labelers that are not declared {now}"));
    }
    if before.require_signed != after.require_signed {
        changes.push(match after.require_signed {
            None => "records need not be signed".to_owned(),
            Some(SignedAfter::Start) => "all records have to be signed".to_owned(),
            Some(SignedAfter::Record(id)) => format!("records after {} have to be signed", id.short()),
        });
    }
    let ids: BTreeSet<&String> = before.labelers.keys().chain(after.labelers.keys()).collect();
    for id in ids {
        let told = match (before.labelers.get(id), after.labelers.get(id)) {
            (None, Some(new)) => {
                let mut told = vec!["declared".to_owned()];
                told.extend(labeler(&blank(new), new));
                told
            }
            (Some(_), None) => vec!["no longer declared".to_owned()],
            (Some(old), Some(new)) => labeler(old, new),
            (None, None) => Vec::new(),
        };
        if !told.is_empty() {
            changes.push(format!("{}: {}", called.of(id), told.join(", ")));
        }
    }
    changes
}

/// Returns a labeler of whom nothing is said yet.
fn blank(new: &Labeler) -> Labeler {
    Labeler {
        aliases: Vec::new(),
        roles: Vec::new(),
        tasks: Vec::new(),
        status: crate::config::Status::Active,
        keys: Vec::new(),
        ..new.clone()
    }
}

fn labeler(old: &Labeler, new: &Labeler) -> Vec<String> {
    let mut told = Vec::new();
    if old.kind != new.kind {
        told.push(format!("kind {} → {}", old.kind, new.kind));
    }
    if old.status != new.status {
        told.push(format!("status {} → {}", old.status.as_str(), new.status.as_str()));
    }
    told.extend(
        new.roles
            .iter()
            .filter(|role| !old.roles.contains(role))
            .map(|role| format!("role {} given", role.as_str())),
    );
    told.extend(
        old.roles
            .iter()
            .filter(|role| !new.roles.contains(role))
            .map(|role| format!("role {} taken away", role.as_str())),
    );
    if old.tasks != new.tasks {
        let tasks = if new.tasks.is_empty() { "all tasks".to_owned() } else { new.tasks.join(", ") };
        told.push(format!("labels {tasks}"));
    }
    told.extend(
        new.aliases
            .iter()
            .filter(|alias| !old.aliases.contains(alias))
            .map(|alias| format!("also called {alias}")),
    );
    told.extend(
        old.aliases
            .iter()
            .filter(|alias| !new.aliases.contains(alias))
            .map(|alias| format!("no longer called {alias}")),
    );
    let of = |keys: &[Key], key: &Key| keys.iter().find(|one| one.key == key.key).cloned();
    for key in &new.keys {
        let name = key.key.openssh_fingerprint();
        match of(&old.keys, key) {
            None => told.push(format!("key {name} added{}", limits(key))),
            Some(was) if was != *key => told.push(format!("key {name} now{}", limits(key))),
            Some(_) => {}
        }
    }
    let gone = old.keys.iter().filter(|key| of(&new.keys, key).is_none());
    told.extend(gone.map(|key| format!("key {} removed", key.key.openssh_fingerprint())));
    told
}

/// Returns when a key is good, with a space before it.
fn limits(key: &Key) -> String {
    let parts = [
        key.valid_from.map(|from| format!("from {from}")),
        key.valid_until.map(|until| format!("until {until}")),
        key.compromised_since.map(|since| format!("compromised since {since}")),
    ];
    let told: Vec<String> = parts.into_iter().flatten().collect();
    if told.is_empty() { " without limits".to_owned() } else { format!(" {}", told.join(", ")) }
}

/// Returns what `hitl.yaml` says otherwise of tasks, and of which corrections are learned from.
pub(super) fn tasks(before: &Config, after: &Config) -> Vec<String> {
    let mut changes = Vec::new();
    for new in &after.tasks {
        match before.task(&new.name) {
            None => changes.push(format!("task {} declared: {}", new.name, new.schema_json())),
            Some(old) if old != new => changes.push(format!("task {}: {}", new.name, task(old, new))),
            Some(_) => {}
        }
    }
    let gone = before.tasks.iter().filter(|old| after.task(&old.name).is_none());
    changes.extend(gone.map(|old| format!("task {} no longer declared", old.name)));
    if before.accept != after.accept {
        changes.push("which corrections are learned from".to_owned());
    }
    changes
}

fn task(old: &Task, new: &Task) -> String {
    let mut told = Vec::new();
    if old.schema_json() != new.schema_json() {
        told.push(format!("labels {} → {}", old.schema_json(), new.schema_json()));
    }
    if old.policy != new.policy {
        told.push(format!("policy {} → {}", old.policy.as_str(), new.policy.as_str()));
    }
    if old.question != new.question {
        told.push("another question".to_owned());
    }
    for (what, old, new) in [
        ("guideline", old.require_guideline, new.require_guideline),
        ("reason", old.require_rationale, new.require_rationale),
    ] {
        if old != new {
            told.push(format!("a {what} is {}required", if new { "" } else { "no longer " }));
        }
    }
    told.join(", ")
}
