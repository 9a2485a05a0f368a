//! `snapshot few-shot`: the corrections of a snapshot that are most likely needed again in a text.

use serde::Serialize;

use super::Rebuilt;
use crate::dataset::{At, Dataset};
use crate::ops::{Error, patterns};
use crate::record::Policy;
use crate::training::few_shot::{Ask, Index, Pack, pack};

/// What `snapshot few-shot` is asked.
#[derive(Clone, Copy, Debug)]
pub struct FewShotOptions<'a> {
    /// The snapshot.
    pub name: &'a str,
    /// What is wanted.
    pub ask: Ask<'a>,
    /// Whether the rules of its corrections that fire on the input go in front of the examples.
    pub rules: bool,
    /// Where the snapshot is looked for.
    pub at: &'a At,
}

/// What `snapshot few-shot` found.
#[derive(Clone, Debug, Serialize)]
pub struct FewShotReport {
    /// `hitl.few-shot/1`.
    pub schema: &'static str,
    /// The snapshot.
    pub name: String,
    /// Its digest.
    pub digest: String,
    /// How many corrections it holds.
    pub corrections: usize,
    /// The rules and examples.
    #[serde(flatten)]
    pub pack: Pack,
}

/// Finds the corrections of a snapshot that go with an input.
///
/// # Errors
/// As [`verify`](super::verify); the snapshot does not verify, or it holds labels.
pub fn few_shot(dataset: &Dataset, options: &FewShotOptions<'_>) -> Result<FewShotReport, Error> {
    let rebuilt = Rebuilt::new(dataset, options.name, options.at)?;
    if rebuilt.lock.rule.policy.name != Policy::Accepted {
        return Err(Error::request(
            format!("snapshot `{}` holds labels, and few-shot examples are corrections", options.name),
            "freeze corrections with `hitl snapshot create NAME --kind corrections`",
        ));
    }
    let rules = match options.rules {
        true => patterns::firing(&rebuilt.ledger, &rebuilt.lock.rule, options.ask.input)?,
        false => Vec::new(),
    };
    let examples = rebuilt.examples()?;
    let index = Index::new(&examples, &[options.ask.input]);
    Ok(FewShotReport {
        schema: "hitl.few-shot/1",
        name: options.name.to_owned(),
        digest: rebuilt.lock.digest.to_string(),
        corrections: examples.len(),
        pack: pack(&index, &options.ask, &rules),
    })
}
