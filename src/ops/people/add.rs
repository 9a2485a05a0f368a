//! `labelers add`.

use std::collections::BTreeMap;

use super::names::check_name;
use super::{ChangeReport, How, Listed, Wanted, change};
use crate::base::ssh::PublicKey;
use crate::base::text;
use crate::config::{Key, Labeler, Labelers, Role, Status};
use crate::dataset::{Dataset, LABELERS_FILE};
use crate::ingest::{look_alikes, resolve_labeler};
use crate::ops::{ArgumentFault, Error};
use crate::record::LabelerKind;

/// What `labelers add` is asked.
#[derive(Clone, Debug)]
pub struct AddOptions {
    /// The id, which stands in history for good.
    pub id: String,
    /// Human, model or gold.
    pub kind: LabelerKind,
    /// What files call them.
    pub aliases: Vec<String>,
    /// What they may do.
    pub roles: Vec<Role>,
    /// The tasks they label; empty for all.
    pub tasks: Vec<String>,
    /// What signs for them.
    pub keys: Vec<GivenKey>,
    /// When they can work.
    pub availability: Option<String>,
    /// What they know well.
    pub specialisations: Vec<String>,
    /// What they are called, which is kept outside history.
    pub name: Option<String>,
    /// How it is made.
    pub how: How,
}

/// A public key that somebody typed, or the text of the file that they named.
#[derive(Clone, Debug)]
pub struct GivenKey {
    /// As it was typed.
    pub given: String,
    /// The key's text.
    pub text: String,
}

/// Adds a labeler to `labelers.yaml`, and commits that file alone.
///
/// # Errors
/// The id is there or is somebody's address, or something given cannot be: then all of it. The file has changes that are
/// not committed, or Git refuses the commit.
pub fn add(dataset: &Dataset, options: &AddOptions) -> Result<ChangeReport, Error> {
    change(dataset, &options.how, |listed| plan(listed, options))
}

fn plan(listed: &Listed, options: &AddOptions) -> Result<Wanted, Error> {
    let id = text::nfc(&options.id).into_owned();
    let known = &listed.labelers;
    if known.labelers.contains_key(&id) {
        return Err(Error::request(
            format!("`{id}` is in {LABELERS_FILE} already"),
            "change them there, and `git commit` it; `hitl labelers names` lists all",
        ));
    }
    let mut faults: Vec<ArgumentFault> = check_id(&id, known).into_iter().collect();
    let aliases: Vec<String> = options.aliases.iter().map(|alias| text::nfc(alias).into_owned()).collect();
    faults.extend(check_aliases(&id, &aliases, known));
    let tasks: Vec<&str> = listed.config.tasks.iter().map(|task| task.name.as_str()).collect();
    for task in options.tasks.iter().filter(|task| !tasks.contains(&task.as_str())) {
        let help = match text::did_you_mean(task, tasks.iter().copied()) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None => (!tasks.is_empty()).then(|| format!("one of {}", tasks.join(", "))),
        };
        faults.push(ArgumentFault::new("--task", task, "no task of hitl.yaml", help));
    }
    let mut keys: Vec<Key> = Vec::new();
    for given in &options.keys {
        match read_key("--key", given, known, &keys) {
            Ok(key) => keys.push(key),
            Err(fault) => faults.push(fault),
        }
    }
    faults.extend(options.name.as_deref().and_then(check_name));
    if !faults.is_empty() {
        return Err(Error::Arguments { message: format!("`{id}` was not added"), faults });
    }
    let mut roles = options.roles.clone();
    roles.sort_unstable();
    roles.dedup();
    let notes = notes(&id, &aliases, &keys, known);
    let labeler = Labeler {
        kind: options.kind,
        aliases,
        roles,
        tasks: options.tasks.clone(),
        status: Status::Active,
        keys,
        availability: options.availability.clone(),
        specialisations: options.specialisations.iter().map(|word| text::nfc(word).into_owned()).collect(),
    };
    Ok(Wanted {
        schema: "hitl.labelers-add/1",
        subject: format!("add {id}"),
        did: format!("added {id}"),
        id,
        labeler,
        notes,
        name: options.name.clone(),
    })
}

fn check_id(id: &str, known: &Labelers) -> Option<ArgumentFault> {
    let fault = |why: String, help: String| Some(ArgumentFault::new("ID", id, why, Some(help)));
    if let Some(owner) = known.aliases().get(id) {
        return fault(format!("already an alias of `{owner}`"), "choose another id".to_owned());
    }
    match resolve_labeler(id, &BTreeMap::new()) {
        Err((_, true)) => fault(
            "looks like an e-mail address".to_owned(),
            "ids stand in history for good: use a pseudonym like `w01`; --name keeps the name outside history".to_owned(),
        ),
        Err((why, false)) => fault(why, "a short word like `w01`".to_owned()),
        Ok(trimmed) if trimmed != id => {
            fault("white space around it".to_owned(), format!("`{trimmed}` without it"))
        }
        Ok(_) => None,
    }
}

fn check_aliases(id: &str, aliases: &[String], known: &Labelers) -> Vec<ArgumentFault> {
    let owners = known.aliases();
    let fault = |(at, alias): (usize, &String)| {
        let why = if let Err(error) = crate::record::check_labeler(alias) {
            error.to_string()
        } else if alias == id {
            "this labeler's own id".to_owned()
        } else if known.labelers.contains_key(alias) {
            "another labeler's id".to_owned()
        } else if let Some(owner) = owners.get(alias) {
            format!("already an alias of `{owner}`")
        } else if aliases[..at].contains(alias) {
            "given twice".to_owned()
        } else {
            return None;
        };
        Some(ArgumentFault::new("--alias", alias, why, None))
    };
    aliases.iter().enumerate().filter_map(fault).collect()
}

/// Returns the line of a text that holds a public key.
pub(super) fn key_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Reads a key that nobody in `known` has and that is not among `others`; `option` is what it was given with.
pub(super) fn read_key(
    option: &'static str,
    given: &GivenKey,
    known: &Labelers,
    others: &[Key],
) -> Result<Key, ArgumentFault> {
    let fault = |why: String, help: &str| {
        let shown: String = given.given.chars().take(40).collect();
        let shown = if shown == given.given { shown } else { shown + "…" };
        Err(ArgumentFault::new(option, &shown, why, Some(help.to_owned())))
    };
    if given.text.contains("PRIVATE KEY") {
        return fault(
            "a private key".to_owned(),
            "give the public one, which ends in .pub, and show this to nobody",
        );
    }
    let key: PublicKey = match key_line(&given.text).unwrap_or_default().parse() {
        Ok(key) => key,
        Err(error) => {
            return fault(error.to_string(), "a file like ~/.ssh/id_ed25519.pub, or the one line in it");
        }
    };
    if let Some((owner, ..)) = known.by_key(key.fingerprint()) {
        return fault(
            format!("already a key of `{owner}`"),
            "one key, one labeler: each signs with their own; `ssh-keygen -t ed25519` makes one",
        );
    }
    if others.iter().any(|other| other.key == key) {
        return fault("given twice".to_owned(), "once is enough");
    }
    Ok(Key { key, valid_from: None, valid_until: None, compromised_since: None })
}

fn notes(id: &str, aliases: &[String], keys: &[Key], known: &Labelers) -> Vec<String> {
    let mut notes = Vec::new();
    let ids = known.labelers.keys().map(String::as_str).chain([id]);
    for alike in look_alikes(ids).into_iter().filter(|alike| alike.iter().any(|other| other == id)) {
        let others = alike.iter().filter(|other| *other != id).map(|other| format!("`{other}`"));
        notes.push(format!("people may read `{id}` as {}", others.collect::<Vec<_>>().join(", ")));
    }
    for alias in
        aliases.iter().filter(|alias| matches!(resolve_labeler(alias, &BTreeMap::new()), Err((_, true))))
    {
        notes.push(format!(
            "the alias `{alias}` looks like an e-mail address, and stands in history from here on"
        ));
    }
    if !keys.is_empty() {
        notes.push(must_sign(id));
    }
    notes
}

/// Returns what a first key means.
pub(super) fn must_sign(id: &str) -> String {
    format!("from here on, what claims to be made by `{id}` counts only with a signature of theirs")
}
