//! What labelers are called, beside their ids, for people to read.

use std::collections::BTreeMap;

use super::{Attribution, CommitRef, Entry, Resolution, Taken, TraceReport};
use crate::authority::Standing;

/// What labelers are called, by id: of this clone alone. A report in which they were named is for people and handed on
/// to no program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Called(pub BTreeMap<String, String>);

impl Called {
    /// Returns the id, with the name after it where there is one: `w01 (Ana Ruiz)`.
    pub fn of(&self, id: &str) -> String {
        self.0.get(id).map_or_else(|| id.to_owned(), |name| format!("{id} ({name})"))
    }

    /// Puts the names beside the ids in the story of an item.
    pub fn trace(&self, report: &mut TraceReport) {
        for task in &mut report.tasks {
            self.resolution(&mut task.resolved);
            task.entries.iter_mut().for_each(|entry| self.entry(entry));
        }
    }

    /// Puts them into what an item comes to.
    pub fn resolution(&self, resolved: &mut Resolution) {
        let votes = resolved.votes.iter_mut().chain(&mut resolved.adjudications);
        let voted = votes.flat_map(|vote| &mut vote.labelers);
        voted.chain(&mut resolved.abstained).chain(&mut resolved.in_conflict).for_each(|id| self.name(id));
    }

    /// Puts them into a judgement.
    pub fn entry(&self, entry: &mut Entry) {
        self.name(&mut entry.labeler);
        let others = entry.superseded_by.iter_mut().map(|later| &mut later.labeler);
        others.chain(&mut entry.shown_by).for_each(|id| self.name(id));
        let undone = entry
            .undone
            .iter_mut()
            .flat_map(|undone| std::iter::once(&mut undone.revert).chain(&mut undone.taken_back_by));
        entry.reverted_by.iter_mut().chain(undone).for_each(|taken| self.taken(taken));
        for carried in &mut entry.carried {
            let (Attribution::Signed(id) | Attribution::SignedFor(id) | Attribution::Claimed(id)) =
                &mut carried.labelled;
            self.name(id);
            self.made(&mut carried.standing, &mut carried.commit);
        }
    }

    /// Puts them into a revert.
    pub fn taken(&self, taken: &mut Taken) {
        self.made(&mut taken.standing, &mut taken.commit);
    }

    /// Puts them into who recorded and committed something.
    pub fn made(&self, standing: &mut Option<Standing>, commit: &mut Option<CommitRef>) {
        standing.iter_mut().for_each(|standing| self.standing(standing));
        let signer = commit.iter_mut().filter_map(|commit| commit.signer.as_mut());
        signer.filter_map(|signer| signer.labeler.as_mut()).for_each(|id| self.name(id));
    }

    /// Puts them into who made something.
    pub fn standing(&self, standing: &mut Standing) {
        let signers = standing.signers.iter_mut().filter_map(|signer| signer.labeler.as_mut());
        signers.chain(&mut standing.claimed_by).for_each(|id| self.name(id));
    }

    /// Puts the name beside an id.
    pub fn name(&self, id: &mut String) {
        *id = self.of(id);
    }
}
