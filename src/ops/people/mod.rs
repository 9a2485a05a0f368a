//! `labelers add`, `retire`, `suspend`, `resume`, `key`, `names` and `forget`: who labels, and what they are called.
//!
//! What people may do and sign with stands in `labelers.yaml`, which is changed in its text and committed alone. What they
//! are called stands outside history.

mod add;
mod keys;
mod names;
mod status;

use serde::Serialize;

use super::Error;
use crate::base::{Timestamp, text};
use crate::config::{Config, Key, Labeler, Labelers, Role, Status, edit_labelers, emit_initial_labelers};
use crate::dataset::{Dataset, LABELERS_FILE};
use crate::record::LabelerKind;
use crate::store::{self, Head, Store};

pub use add::{AddOptions, GivenKey, add};
pub use keys::{KeyChange, key};
pub use names::{ForgetReport, NameReport, Named, NamesReport, forget, name, names, names_report};
pub use status::{StatusChange, set_status};

/// How a change is made.
#[derive(Clone, Debug, Default)]
pub struct How {
    /// The commit's message; what was done when none is given.
    pub message: Option<String>,
    /// Whether it is only shown.
    pub dry_run: bool,
}

/// What came of a change to one labeler.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeReport {
    /// `hitl.labelers-add/1`, or after the change that it was.
    pub schema: &'static str,
    /// In one line: `w01 retired`.
    pub did: String,
    /// The labeler, as the file has them now.
    pub labeler: PersonReport,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// Where the name is kept that was given.
    pub named_in: Option<std::path::PathBuf>,
    /// What follows from it.
    pub notes: Vec<String>,
    /// The commit that holds it.
    pub commit: Option<String>,
    /// The branch it is on.
    pub branch: Option<String>,
    /// Where somebody's own commit, made at the same moment, took the file along: that commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swept_by: Option<store::CommitInfo>,
    /// The text of `labelers.yaml` before; empty where there was none.
    #[serde(skip)]
    pub before: String,
    /// And after.
    #[serde(skip)]
    pub after: String,
}

/// A labeler as `labelers.yaml` declares them.
#[derive(Clone, Debug, Serialize)]
pub struct PersonReport {
    /// The id.
    pub id: String,
    /// Human, model or gold.
    pub kind: LabelerKind,
    /// `active`, `suspended` or `retired`.
    pub status: &'static str,
    /// What files call them.
    pub aliases: Vec<String>,
    /// What they may do.
    pub roles: Vec<&'static str>,
    /// The tasks they label; empty for all.
    pub tasks: Vec<String>,
    /// What signs for them.
    pub keys: Vec<KeyReport>,
    /// When they can work.
    pub availability: Option<String>,
    /// What they know well.
    pub specialisations: Vec<String>,
}

/// A key that signs for a labeler.
#[derive(Clone, Debug, Serialize)]
pub struct KeyReport {
    /// As OpenSSH writes it: `SHA256:…`.
    pub fingerprint: String,
    /// It signs for nothing recorded before.
    pub valid_from: Option<Timestamp>,
    /// It signs for nothing recorded then or later.
    pub valid_until: Option<Timestamp>,
    /// Somebody else may have had it since.
    pub compromised_since: Option<Timestamp>,
}

impl PersonReport {
    fn of(id: &str, labeler: &Labeler) -> Self {
        let key = |key: &Key| KeyReport {
            fingerprint: key.key.openssh_fingerprint(),
            valid_from: key.valid_from,
            valid_until: key.valid_until,
            compromised_since: key.compromised_since,
        };
        Self {
            id: id.to_owned(),
            kind: labeler.kind,
            status: labeler.status.as_str(),
            aliases: labeler.aliases.clone(),
            roles: labeler.roles.iter().map(|role| role.as_str()).collect(),
            tasks: labeler.tasks.clone(),
            keys: labeler.keys.iter().map(key).collect(),
            availability: labeler.availability.clone(),
            specialisations: labeler.specialisations.clone(),
        }
    }
}

/// `labelers.yaml` as HEAD and the work tree both have it.
struct Listed {
    /// Its text; what `init` writes where there is none.
    text: String,
    /// Whether there is one.
    is_there: bool,
    config: Config,
    labelers: Labelers,
}

/// A labeler as they shall be, and what that is called.
struct Wanted {
    schema: &'static str,
    /// `retire w01`: the commit's subject.
    subject: String,
    did: String,
    id: String,
    labeler: Labeler,
    notes: Vec<String>,
    name: Option<String>,
}

/// Makes the change that `plan` wants of what is listed, and commits `labelers.yaml` with it.
fn change(
    dataset: &Dataset,
    how: &How,
    plan: impl FnOnce(&Listed) -> Result<Wanted, Error>,
) -> Result<ChangeReport, Error> {
    let transaction = if how.dry_run { None } else { Some(dataset.store().begin()?) };
    let listed = listed(dataset)?;
    let Wanted { schema, subject, did, id, labeler, mut notes, name } = plan(&listed)?;
    let Some(after) = edit_labelers(&listed.text, &id, &labeler) else {
        return Err(Error::request(
            format!("{LABELERS_FILE} is laid out in a way that hitl does not change"),
            format!("change `{id}` there by hand, and `git commit` it; one field a line can be followed"),
        ));
    };
    notes.extend(about_roles(&listed.labelers, &id, &labeler));
    notes.extend(about_committer(dataset, &listed.labelers, &id, &labeler));
    let people = name.as_ref().map(|_| names::file(dataset)).transpose()?;
    let mut report = ChangeReport {
        schema,
        did,
        labeler: PersonReport::of(&id, &labeler),
        dry_run: how.dry_run,
        named_in: people.clone(),
        notes,
        commit: None,
        branch: None,
        swept_by: None,
        before: if listed.is_there { listed.text } else { String::new() },
        after,
    };
    let Some(transaction) = transaction else { return Ok(report) };
    let message = how.message.clone().unwrap_or_else(|| format!("labelers: {subject}"));
    let files = vec![(LABELERS_FILE.to_owned(), report.after.clone().into_bytes())];
    let before = match (&people, &name) {
        (Some(file), Some(name)) => Some((file, names::put(file, &id, Some(name))?)),
        _ => None,
    };
    // Who may do what is changed by those who may, which a signature alone shows.
    let committed = transaction.signed().commit_over(&store::Change { files, message });
    if let (Err(_), Some((file, before))) = (&committed, &before) {
        // Who is not listed is not named either; why the commit failed is what is told.
        let _ = names::put(file, &id, before.as_deref());
    }
    let committed = committed?;
    report.commit = Some(committed.commit.0);
    report.branch = committed.branch;
    report.swept_by = committed.swept_by;
    Ok(report)
}

/// Reads `labelers.yaml`, and refuses one that the user has changed and not committed: theirs to commit, not ours.
fn listed(dataset: &Dataset) -> Result<Listed, Error> {
    let store = dataset.store();
    let (committed, own) = (committed(store)?, store.own_file(LABELERS_FILE)?);
    // A checkout may have given it line ends that git would not commit.
    let plain = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    match (&committed, &own) {
        (None, None) => {}
        (Some(committed), Some(own)) if plain(committed) == plain(own) => {}
        (Some(_), Some(_)) => {
            return Err(Error::request(
                format!("{LABELERS_FILE} has changes that are not committed; nothing was changed"),
                format!(
                    "commit them first: git commit -m \"labelers\" {LABELERS_FILE}; or drop them: git restore {LABELERS_FILE}"
                ),
            ));
        }
        (None, Some(_)) => {
            return Err(Error::request(
                format!("{LABELERS_FILE} is not committed; nothing was changed"),
                format!(
                    "commit it first: git add {LABELERS_FILE} && git commit -m \"labelers\" {LABELERS_FILE}"
                ),
            ));
        }
        (Some(_), None) => {
            return Err(Error::request(
                format!("{LABELERS_FILE} is committed, and not in the work tree"),
                format!("bring it back first: git restore {LABELERS_FILE}"),
            ));
        }
    }
    let is_there = committed.is_some();
    let text = match committed.map(String::from_utf8) {
        Some(Ok(text)) => text,
        Some(Err(_)) => {
            return Err(Error::request(
                format!("{LABELERS_FILE} is not UTF-8 text"),
                "write it anew as UTF-8, and `git commit` it",
            ));
        }
        None => emit_initial_labelers(),
    };
    let config = dataset.config_or_usual()?;
    let labelers = Labelers::parse(&text, Some(&config)).map_err(crate::dataset::Error::from)?;
    Ok(Listed { text, is_there, config, labelers })
}

fn committed(store: &Store) -> Result<Option<Vec<u8>>, Error> {
    Ok(match store.head()? {
        Head::Unborn(_) => None,
        Head::Branch(_, commit) | Head::Detached(commit) => store.file(&commit, LABELERS_FILE)?,
    })
}

impl Listed {
    /// Returns the labeler `id`.
    fn find(&self, id: &str) -> Result<(String, Labeler), Error> {
        let id = text::nfc(id).into_owned();
        if let Some(labeler) = self.labelers.labelers.get(&id) {
            return Ok((id, labeler.clone()));
        }
        let aliases = self.labelers.aliases();
        let near = aliases.get(&id).map(String::as_str);
        let near =
            near.or_else(|| text::did_you_mean(&id, self.labelers.labelers.keys().map(String::as_str)));
        let hint = near.map_or_else(
            || "`hitl labelers names` lists all; `hitl labelers add ID` adds one".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        Err(Error::NotFound { message: format!("`{id}` is not in {LABELERS_FILE}"), hint: Some(hint) })
    }
}

/// Returns what a change means for what everybody may do.
fn about_roles(before: &Labelers, id: &str, labeler: &Labeler) -> Vec<String> {
    let had_roles = has_roles(before);
    let others = before.labelers.iter().filter(|(other, _)| *other != id).map(|(_, labeler)| labeler);
    let mut now = others.chain([labeler]);
    let mut notes = Vec::new();
    if !had_roles && !labeler.roles.is_empty() {
        notes.push("roles are in force from here on: who has none may add nothing".to_owned());
    }
    let leads =
        |labeler: &Labeler| labeler.roles.contains(&Role::Maintainer) && labeler.status == Status::Active;
    if (had_roles || !labeler.roles.is_empty()) && !now.any(leads) {
        let note = "there is no active maintainer: once this is merged, nobody may change labelers.yaml and the checks of \
             hitl.yaml; `hitl labelers add ID --role maintainer` first";
        notes.push(note.to_owned());
    }
    notes
}

/// Returns what roles that begin mean for whoever lets them begin.
fn about_committer(dataset: &Dataset, before: &Labelers, id: &str, labeler: &Labeler) -> Option<String> {
    if has_roles(before) || labeler.roles.is_empty() {
        return None;
    }
    let mut after = before.clone();
    after.labelers.insert(id.to_owned(), labeler.clone());
    // Without an identity nothing is committed, which says why itself.
    let identity = dataset.store().identity().ok()?;
    let committer = format!("{} <{}>", identity.name, identity.email);
    let declared = after.called(&committer);
    let next = match declared.and_then(|id| after.labelers.get(id)) {
        Some(found) if !found.roles.is_empty() => return None,
        Some(_) => format!("give `{}` a role in labelers.yaml", declared.unwrap_or_default()),
        None => format!(
            "`hitl labelers add ID --role maintainer --alias {}` gives you one",
            text::shell_quoted(&identity.name)
        ),
    };
    Some(format!("you are {committer}, who has no role: nothing that you add will count; {next}"))
}

fn has_roles(labelers: &Labelers) -> bool {
    labelers.labelers.values().any(|labeler| !labeler.roles.is_empty())
}

/// Returns the first whole second that is not before `now`: times in the file are read by people.
fn whole_second(now: Timestamp) -> Timestamp {
    now.plus_micros((1_000_000 - now.micros().rem_euclid(1_000_000)) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_for_people_is_the_next_whole_second() {
        for (micros, second) in [(0, 0), (1, 1), (999_999, 1), (1_000_000, 1), (-1, 0), (-1_000_000, -1)] {
            let time = |micros| Timestamp::from_micros(micros).unwrap();
            assert_eq!(whole_second(time(micros)), time(second * 1_000_000), "{micros}");
        }
    }
}
