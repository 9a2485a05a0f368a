//! What somebody may do, by their roles, tasks and status.
//!
//! Roles are in force once anybody has one. Then whoever adds a record needs the role for it: of one's own rows another
//! than of those of others, and of what one takes back likewise.

use std::collections::BTreeSet;

use super::Refusal;
use super::people::People;
use crate::config::{Role, Status};
use crate::ledger::RecordSet;
use crate::record::{Cascade, Kind, LabelerUse, Labelers as Table, Manifest, Revert};

/// What is done beside adding records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A snapshot is frozen.
    Freeze,
    /// The tasks of `hitl.yaml` are changed.
    Declare,
    /// Who may do what, or what is checked, is changed.
    Govern,
}

/// Roles of which one is needed, and what for.
struct Need {
    roles: &'static [Role],
    to: String,
}

impl Need {
    fn new(roles: &'static [Role], to: impl Into<String>) -> Self {
        Self { roles, to: to.into() }
    }

    fn refusal(&self, who: &str) -> Refusal {
        let words: Vec<&str> = self.roles.iter().map(|role| role.as_str()).collect();
        let (message, remedy) = match words.as_slice() {
            [role] => (
                format!("{who} may not {}", self.to),
                format!(
                    "ask {} to do it, or have a maintainer add `{role}` to {who}'s roles in labelers.yaml",
                    with_article(role)
                ),
            ),
            [first, second] => (
                format!("{who} may not {}", self.to),
                format!(
                    "ask {} or {second} to do it, or have a maintainer add such a role to {who}'s in labelers.yaml",
                    with_article(first)
                ),
            ),
            _ => (
                format!("{who} has no role, and may not {}", self.to),
                format!("have a maintainer give {who} a role in labelers.yaml"),
            ),
        };
        Refusal { code: "role", message, remedy }
    }
}

fn with_article(role: &str) -> String {
    let article = if role.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {role}")
}

/// Returns what speaks against the record of this manifest, which was made seeing the records that `saw` says; `new`
/// says whether it is being added now.
pub(super) fn of_record(
    people: &People<'_>,
    set: &RecordSet,
    saw: &dyn Fn(usize) -> bool,
    manifest: &Manifest,
    new: bool,
) -> Vec<Refusal> {
    let mut found: Vec<Refusal> = kinds(people, manifest).collect();
    if !people.have_roles() {
        return found;
    }
    let actor = people.claimed(&manifest.actor);
    match actor {
        Some(actor) => {
            found.extend(status(people, actor, new));
            let needs = needs(people, set, saw, manifest, actor);
            let lacking = needs.iter().filter(|need| !people.has_one(actor, need.roles));
            found.extend(lacking.map(|need| need.refusal(actor)));
        }
        None => found.push(unknown_actor(&manifest.actor)),
    }
    for id in named(manifest) {
        let labeler = people.called(id);
        if labeler.is_none() && people.labelers.closed {
            found.push(undeclared(id));
        }
        if labeler.is_none() || labeler != actor {
            found.extend(labeler.and_then(|labeler| status(people, labeler, new)));
            let decides = labeler.is_some_and(|labeler| people.has_one(labeler, &[Role::Adjudicator]));
            if manifest.kind == Kind::Adjudications && !decides {
                found.push(Need::new(&[Role::Adjudicator], "adjudicate").refusal(labeler.unwrap_or(id)));
            }
        }
        found.extend(labeler.and_then(|labeler| task(people, labeler, manifest.task.as_deref())));
    }
    found
}

/// Returns a refusal for each labeler whose rows are of another kind than theirs: who is gold is not for the record to say.
fn kinds<'a>(people: &'a People<'_>, manifest: &'a Manifest) -> impl Iterator<Item = Refusal> + 'a {
    used(manifest).filter_map(|(name, used)| {
        let id = people.called(name)?;
        let kind = people.get(id)?.kind;
        (used.kind != kind).then(|| Refusal {
            code: "kind",
            message: format!("{id} is {kind} in labelers.yaml, and {} in the record", used.kind),
            remedy: format!("commit the rows of {id} anew, as {kind}; or have a maintainer declare another labeler for them"),
        })
    })
}

/// Returns what speaks against a deed of `actor`, done now where `new` says so.
pub(super) fn of_deed(people: &People<'_>, deed: Deed, actor: &str, new: bool) -> Vec<Refusal> {
    if !people.have_roles() {
        return Vec::new();
    }
    let Some(id) = people.claimed(actor) else { return vec![unknown_actor(actor)] };
    let need = match deed {
        Deed::Freeze => Need::new(&[Role::Validator], "freeze snapshots"),
        Deed::Declare => Need::new(&[Role::Curator], "change tasks"),
        Deed::Govern => Need::new(&[Role::Maintainer], "change who may do what, and what is checked"),
    };
    let lacks = !people.has_one(id, need.roles);
    status(people, id, new).into_iter().chain(lacks.then(|| need.refusal(id))).collect()
}

/// Returns the labelers that a manifest names.
fn named(manifest: &Manifest) -> impl Iterator<Item = &str> {
    used(manifest).map(|(name, _)| name)
}

/// Returns the labelers that a manifest names, and what it has of them.
fn used(manifest: &Manifest) -> impl Iterator<Item = (&str, &LabelerUse)> {
    let listed = match &manifest.labelers {
        Table::Listed(listed) => Some(listed),
        // Whoever loads a record fills the table in.
        Table::InShard => None,
    };
    listed.into_iter().flatten().map(|(name, used)| (name.as_str(), used))
}

/// Returns what `actor` needs for a record of this manifest.
fn needs(
    people: &People<'_>,
    set: &RecordSet,
    saw: &dyn Fn(usize) -> bool,
    manifest: &Manifest,
    actor: &str,
) -> Vec<Need> {
    let own = match manifest.kind {
        Kind::Labels => Need::new(&[Role::Labeler], "label"),
        Kind::Corrections => Need::new(&[Role::Labeler], "correct"),
        Kind::Predictions => Need::new(&[Role::Labeler], "add predictions"),
        Kind::Adjudications => Need::new(&[Role::Adjudicator], "adjudicate"),
        Kind::Items => return vec![Need::new(&[Role::Labeler, Role::Curator], "add items")],
        Kind::Guidelines => return vec![Need::new(&[Role::Curator], "add guideline versions")],
        Kind::Reverts => {
            let own = manifest.revert.as_ref().is_some_and(|revert| is_own(people, set, saw, revert, actor));
            let others = Need::new(&[Role::Curator], "take back the work of others");
            return vec![if own { Need::new(&Role::ALL, "take anything back") } else { others }];
        }
        Kind::Joins => return vec![Need::new(&Role::ALL, "join records")],
    };
    let others: BTreeSet<&str> = named(manifest).filter(|id| people.called(id) != Some(actor)).collect();
    let has_own = others.is_empty() || named(manifest).any(|id| people.called(id) == Some(actor));
    let bring = || Need::new(&[Role::Curator], format!("bring in the work of {}", some_of(&others)));
    // Who adjudicates for others has to be an adjudicator too.
    let own = (has_own || manifest.kind == Kind::Adjudications).then_some(own);
    own.into_iter().chain((!others.is_empty()).then(bring)).collect()
}

/// Writes `bob`, `bob and zoe`, `bob, zoe and 3 others`.
fn some_of(names: &BTreeSet<&str>) -> String {
    let first: Vec<&str> = names.iter().copied().take(2).collect();
    match (first.as_slice(), names.len().saturating_sub(2)) {
        ([one], _) => (*one).to_owned(),
        ([one, two], 0) => format!("{one} and {two}"),
        ([one, two], 1) => format!("{one}, {two} and 1 other"),
        ([one, two], more) => format!("{one}, {two} and {more} others"),
        _ => "others".to_owned(),
    }
}

/// Whether a revert takes back nothing but what `actor` added in their own name, or a revert of theirs.
///
/// What it names has to be among what it saw: of other records nobody knows yet what they are.
fn is_own(
    people: &People<'_>,
    set: &RecordSet,
    saw: &dyn Fn(usize) -> bool,
    revert: &Revert,
    actor: &str,
) -> bool {
    let filter = &revert.filter;
    let named: Option<Vec<usize>> =
        filter.records.iter().map(|id| set.find(id).filter(|number| saw(*number))).collect();
    let Some(named) = named else { return false };
    let records = || named.iter().map(|number| &set.records()[*number]);
    if records().any(|record| record.head.kind == Kind::Reverts) {
        let own = |manifest: &Manifest| people.claimed(&manifest.actor) == Some(actor);
        return records().all(|record| record.head.kind == Kind::Reverts && own(&record.manifest));
    }
    let is_actor = |id: &str| people.called(id) == Some(actor);
    let by_labeler = !filter.labelers.is_empty() && filter.labelers.iter().all(|labeler| is_actor(labeler));
    let by_record = !named.is_empty() && records().all(|record| self::named(&record.manifest).all(is_actor));
    revert.cascade == Cascade::None && !revert.concurrent && (by_labeler || by_record)
}

fn status(people: &People<'_>, id: &str, new: bool) -> Option<Refusal> {
    let (code, remedy) = match people.get(id).filter(|_| new)?.status {
        Status::Active => return None,
        Status::Suspended => ("suspended", format!("a maintainer lifts it with `hitl labelers resume {id}`")),
        Status::Retired => ("retired", format!("nothing new is taken from {id}; what was there stays")),
    };
    Some(Refusal { code, message: format!("{id} is {code}"), remedy })
}

fn task(people: &People<'_>, id: &str, task: Option<&str>) -> Option<Refusal> {
    let (labeler, task) = (people.get(id)?, task?);
    let listed = labeler.tasks.is_empty() || labeler.tasks.iter().any(|name| name == task);
    (!listed).then(|| Refusal {
        code: "task",
        message: format!("{id} is not listed for task `{task}`"),
        remedy: format!("have a maintainer add `{task}` to {id}'s tasks in labelers.yaml"),
    })
}

fn undeclared(id: &str) -> Refusal {
    Refusal {
        code: "undeclared",
        message: format!("{id} is not in labelers.yaml, which is closed"),
        remedy: format!("have a maintainer run `hitl labelers add {id}`"),
    }
}

fn unknown_actor(actor: &str) -> Refusal {
    Refusal {
        code: "unknown_actor",
        message: format!("{actor} is nobody that labelers.yaml knows"),
        remedy: "have a maintainer run `hitl labelers add ID --role ROLE --alias NAME`, NAME being what git config \
                 user.name or user.email says"
            .to_owned(),
    }
}
