//! What is compared: the tip a change goes to, the tip it comes from, and what merging them will hold.

use std::collections::BTreeSet;

use crate::dataset::{CONFIG_FILE, Dataset, GUIDELINES, LABELERS_FILE, LEDGER, SNAPSHOTS};
use crate::ops::Error;
use crate::store::{Oid, Step};

/// The folders of which files are only added.
const GROWN: [&str; 1] = [LEDGER];
/// What else of a tree hitl looks at.
const KEPT: [&str; 4] = [SNAPSHOTS, GUIDELINES, CONFIG_FILE, LABELERS_FILE];

/// A change and its surroundings.
pub(super) struct Range {
    /// What it goes to.
    pub base: Oid,
    /// What it is.
    pub head: Oid,
    /// Where the two part.
    pub merge_base: Option<Oid>,
    /// What the merge will hold; in memory alone.
    pub united: Oid,
    /// The commits of the change, parents first.
    pub steps: Vec<Step>,
}

/// What was found of two revisions.
pub(super) struct Found {
    pub base: Oid,
    pub head: Oid,
    pub merge_base: Option<Oid>,
    /// None where nothing that hitl keeps differs.
    pub range: Option<Range>,
}

impl Range {
    /// Finds what lies between two revisions; without a base, all that head is made of.
    ///
    /// # Errors
    /// A revision is unknown, or history is cut off before the two meet.
    pub fn find(dataset: &Dataset, base: Option<&str>, head: &str) -> Result<Found, Error> {
        let store = dataset.store();
        let head = store.resolve(head)?;
        store.check_root(&head)?;
        let (base, merge_base, steps) = match base {
            Some(base) => {
                let base = store.resolve(base)?;
                let merge_base = store.merge_base(&base, &head)?;
                let steps = store.steps(Some(&base), &head)?;
                (base, merge_base, steps)
            }
            None => (store.nothing()?, None, store.steps(None, &head)?),
        };
        let cut = steps.iter().any(|step| store.is_cut_at(&step.commit));
        let empty = merge_base.as_ref() == Some(&head);
        if store.is_shallow() && (cut || empty || merge_base.is_none()) {
            return Err(Error::HistoryCut);
        }
        if let Some(merge_base) = &merge_base
            && is_untouched(dataset, merge_base, &head, &steps)?
        {
            return Ok(Found { base, head, merge_base: Some(merge_base.clone()), range: None });
        }
        let united = store.united((&base, &head), merge_base.as_ref(), &GROWN, &KEPT)?;
        let range =
            Self { base: base.clone(), head: head.clone(), merge_base: merge_base.clone(), united, steps };
        Ok(Found { base, head, merge_base, range: Some(range) })
    }

    /// Returns the commits whose records are no news.
    pub fn known(&self) -> Vec<&Oid> {
        self.merge_base.iter().chain([&self.base]).collect()
    }
}

/// Whether none of `steps` touches what hitl looks at: to take away what one of them adds is no less than to take away what
/// was there, and history shows it for ever. A merge that takes what base's side has as it is touches nothing.
fn is_untouched(dataset: &Dataset, merge_base: &Oid, head: &Oid, steps: &[Step]) -> Result<bool, Error> {
    let own: BTreeSet<&Oid> = steps.iter().map(|step| &step.commit).collect();
    for step in steps {
        if step.parents.is_empty() {
            return Ok(false);
        }
        let (mut same_as_all, mut same_as_theirs) = (true, false);
        for parent in &step.parents {
            let same = is_same(dataset, parent, &step.commit)?;
            same_as_all &= same;
            same_as_theirs |= same && !own.contains(parent);
        }
        let merges_theirs =
            same_as_theirs && step.parents.iter().filter(|parent| !own.contains(parent)).count() == 1;
        if !same_as_all && !merges_theirs {
            return Ok(false);
        }
    }
    is_same(dataset, merge_base, head)
}

/// Whether two commits hold the same of what hitl looks at.
fn is_same(dataset: &Dataset, one: &Oid, other: &Oid) -> Result<bool, Error> {
    let store = dataset.store();
    for folder in [LEDGER, SNAPSHOTS, GUIDELINES] {
        if store.folder(one, folder)? != store.folder(other, folder)? {
            return Ok(false);
        }
    }
    for file in [CONFIG_FILE, LABELERS_FILE] {
        if store.file_at(one, file)? != store.file_at(other, file)? {
            return Ok(false);
        }
    }
    Ok(true)
}
