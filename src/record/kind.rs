//! The closed vocabularies of the ledger, each word written one way everywhere.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A word outside a closed vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is no {what}: one of {known}")]
pub struct UnknownWord {
    /// The vocabulary: `kind`, `origin` …
    pub what: &'static str,
    /// The word as given.
    pub word: String,
    /// The vocabulary's words, comma-separated.
    pub known: String,
}

/// Defines an enum whose variants are written as one word each, in text, JSON, YAML and Parquet alike.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident, $what:literal, { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every word of the vocabulary, in its own order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word).ok_or_else(|| UnknownWord {
                    what: $what,
                    word: word.to_owned(),
                    known: Self::ALL.iter().map(|known| known.as_str()).collect::<Vec<_>>().join(", "),
                })
            }
        }
    };
}

vocabulary! {
    /// What a record adds.
    Kind, "kind", {
        /// Labels of items by labelers.
        Labels = "labels",
        /// What somebody wrote instead of a model's or a person's text.
        Corrections = "corrections",
        /// Decisions that settle an item whoever else labelled it.
        Adjudications = "adjudications",
        /// The things judged: their text or address.
        Items = "items",
        /// A model's labels with scores.
        Predictions = "predictions",
        /// Guideline versions, text included.
        Guidelines = "guidelines",
        /// Judgements taken back.
        Reverts = "reverts",
        /// Many record heads made one.
        Joins = "joins",
    }
}

impl Kind {
    /// Whether its rows are judgements: with labeler, time, guideline and origin, and open to reverts.
    pub fn is_judgement(self) -> bool {
        matches!(self, Self::Labels | Self::Corrections | Self::Adjudications | Self::Predictions)
    }

    /// Returns the word for `count` of its rows: `label`, `labels`.
    pub fn noun(self, count: usize) -> &'static str {
        let many = self.as_str();
        if count == 1 { many.strip_suffix('s').unwrap_or(many) } else { many }
    }
}

vocabulary! {
    /// Who judged.
    LabelerKind, "labeler kind", {
        /// A person.
        Human = "human",
        /// A model; its version is part of its id.
        Model = "model",
        /// Known truth.
        Gold = "gold",
    }
}

vocabulary! {
    /// Provenance: how a judgement came about.
    Origin, "origin", {
        /// Judged without a machine's guess in sight.
        Fresh = "fresh",
        /// Accepted the guess that was shown.
        Confirmed = "confirmed",
        /// Saw a guess and chose otherwise.
        Changed = "changed",
        /// Answered blind, and moved after the guess was revealed.
        Switched = "switched",
        /// Settled a disagreement.
        Adjudicated = "adjudicated",
        /// The source lost it.
        Unknown = "unknown",
    }
}

vocabulary! {
    /// What a correction says of the original.
    Verdict, "verdict", {
        /// Written anew.
        Corrected = "corrected",
        /// Good as it was.
        Approved = "approved",
        /// Bad, with nothing in its place.
        Rejected = "rejected",
        /// A better way is offered, the original may stand.
        Suggested = "suggested",
    }
}

impl Verdict {
    /// Returns what a text should have been: the corrected text, or of an approval the original itself where none is
    /// given; `None` of a rejection, and where nothing is put in its place.
    pub fn wanted<'a>(self, original: Option<&'a str>, corrected: Option<&'a str>) -> Option<&'a str> {
        match self {
            Self::Approved => corrected.or(original),
            Self::Rejected => None,
            Self::Corrected | Self::Suggested => corrected,
        }
    }
}

vocabulary! {
    /// What a decision says went wrong before it.
    ErrorType, "error type", {
        /// A labeler overlooked or mistook something.
        Labeler = "labeler_error",
        /// The guideline does not say, or says two things.
        GuidelineGap = "guideline_gap",
        /// Several labels can be defended under any guideline.
        Ambiguous = "ambiguous_item",
        /// The item is broken, cut, or not one of the task's.
        BadItem = "bad_item",
        /// A machine's guess led labelers astray.
        Model = "model_error",
        /// Anything else.
        Other = "other",
    }
}

vocabulary! {
    /// What a guideline version changes about the version before.
    Change, "change", {
        /// The same item may now earn another label.
        Semantic = "semantic",
        /// Wording alone.
        Minor = "minor",
    }
}
