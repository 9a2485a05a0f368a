//! Guideline versions, as the ledger's guideline records tell them.

use std::collections::BTreeMap;

use crate::base::{Digest, Timestamp};
use crate::ledger::Ledger;
use crate::record::{Change, Kind, RecordId, col, guideline_key};

/// One version of a guideline.
#[derive(Clone, Debug, PartialEq)]
pub struct GuidelineVersion {
    /// The guideline's name.
    pub name: String,
    /// The version.
    pub version: String,
    /// The text people read.
    pub text: String,
    /// SHA-256 of the text: the version's identity.
    pub sha256: Digest,
    /// When it comes into force; never null for records hitl writes.
    pub effective_from: Option<Timestamp>,
    /// The version before.
    pub supersedes: Option<String>,
    /// Whether labels may change under it.
    pub change: Change,
    /// Why, in the author's words.
    pub note: Option<String>,
    /// The record that holds it.
    pub record: RecordId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// By whom.
    pub actor: String,
}

impl GuidelineVersion {
    /// Returns `name@version`.
    pub fn key(&self) -> String {
        guideline_key(&self.name, &self.version)
    }

    /// Returns the moment from which it is in force.
    pub fn in_force_from(&self) -> Timestamp {
        self.effective_from.unwrap_or(self.recorded_at)
    }
}

/// Every guideline version of a ledger, by name and then by the moment it comes into force.
#[derive(Clone, Debug, Default)]
pub struct Guidelines {
    versions: Vec<GuidelineVersion>,
}

impl Guidelines {
    /// Reads the guideline records of `ledger`. Of two records of one name and version, the one from which the other
    /// does not descend wins: a version is never changed.
    pub fn of(ledger: &Ledger) -> Self {
        let mut by_key: BTreeMap<String, GuidelineVersion> = BTreeMap::new();
        for record in ledger.records().iter().filter(|record| record.head.kind == Kind::Guidelines) {
            for row in 0..record.rows.len() {
                let text = |column| record.rows.text(row, column).unwrap_or_default().to_owned();
                let version = GuidelineVersion {
                    name: text(col::GUIDELINE_NAME),
                    version: text(col::VERSION),
                    text: text(col::GUIDELINE_TEXT),
                    sha256: Digest::of(text(col::GUIDELINE_TEXT).as_bytes()),
                    effective_from: record.rows.time(row, col::EFFECTIVE_FROM),
                    supersedes: record.rows.text(row, col::SUPERSEDES).map(str::to_owned),
                    change: text(col::CHANGE).parse().unwrap_or(Change::Semantic),
                    note: record.rows.text(row, col::NOTE).map(str::to_owned),
                    record: record.id,
                    recorded_at: record.head.recorded_at,
                    actor: record.manifest.actor.clone(),
                };
                by_key.entry(version.key()).or_insert(version);
            }
        }
        let mut versions: Vec<_> = by_key.into_values().collect();
        versions.sort_by(|a, b| {
            (&a.name, a.in_force_from(), &a.version).cmp(&(&b.name, b.in_force_from(), &b.version))
        });
        Self { versions }
    }

    /// Returns all versions, by name and then by the moment each comes into force.
    pub fn all(&self) -> &[GuidelineVersion] {
        &self.versions
    }

    /// Returns the versions of `name`, oldest first.
    pub fn named<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a GuidelineVersion> {
        self.versions.iter().filter(move |version| version.name == name)
    }

    /// Returns the version `name@version`.
    pub fn get(&self, key: &str) -> Option<&GuidelineVersion> {
        self.versions.iter().find(|version| version.key() == key)
    }

    /// Returns the version of `name` in force at `time`: the last that came into force by then.
    pub fn in_force<'a>(&'a self, name: &'a str, time: Timestamp) -> Option<&'a GuidelineVersion> {
        self.named(name).rfind(|version| version.in_force_from() <= time)
    }

    /// Returns the version of `name` that comes into force last.
    pub fn newest<'a>(&'a self, name: &'a str) -> Option<&'a GuidelineVersion> {
        self.named(name).next_back()
    }

    /// Returns SHA-256 of each version's text by `name@version`.
    pub fn digests(&self) -> BTreeMap<String, Digest> {
        self.versions.iter().map(|version| (version.key(), version.sha256)).collect()
    }

    /// Returns the guideline names, each once.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.versions.iter().map(|version| version.name.as_str()).collect();
        names.dedup();
        names
    }
}
