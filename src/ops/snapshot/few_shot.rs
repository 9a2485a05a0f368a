//! `snapshot few-shot`: the corrections of a snapshot that are most likely needed again in a text.

use serde::Serialize;

use super::Rebuilt;
use crate::dataset::{At, Dataset};
use crate::ops::{Error, patterns};
use crate::record::Policy;
use crate::snapshot::Rule;
use crate::training::few_shot::{Ask, Index, Pack, pack};

/// What `snapshot few-shot` is asked.
#[derive(Clone, Copy, Debug)]
pub struct FewShotOptions<'a> {
    /// The snapshot.
    pub name: &'a str,
    /// The part that examples and rules are taken from; when not given `train`, or the first where none has that name.
    pub part: Option<&'a str>,
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
    /// The part that examples and rules are taken from; none of a snapshot without a split.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// How many corrections that part holds, or the snapshot without a split.
    pub corrections: usize,
    /// The rules and examples.
    #[serde(flatten)]
    pub pack: Pack,
}

/// Finds the corrections of a snapshot that go with an input. With a split, nothing is taken from any part but one: a
/// prompt that shows what a model is tested on would make the test worthless.
///
/// # Errors
/// As [`verify`](super::verify); the snapshot does not verify, or it holds labels; it has no
/// such part.
pub fn few_shot(dataset: &Dataset, options: &FewShotOptions<'_>) -> Result<FewShotReport, Error> {
    let rebuilt = Rebuilt::new(dataset, options.name, options.at)?;
    if rebuilt.lock.rule.policy.name != Policy::Accepted {
        return Err(Error::request(
            format!("snapshot `{}` holds labels, and few-shot examples are corrections", options.name),
            "freeze corrections with `hitl snapshot create NAME --kind corrections`",
        ));
    }
    let rule = &rebuilt.lock.rule;
    let part = part(options.name, rule, options.part)?;
    let rules = match options.rules {
        true => patterns::firing(&rebuilt.ledger, rule, part.map(|(number, _)| number), options.ask.input)?,
        false => Vec::new(),
    };
    let part = part.map(|(_, name)| name);
    let mut examples = rebuilt.examples()?;
    examples.retain(|example| part.is_none() || example.split.as_deref() == part);
    let index = Index::new(&examples, &[options.ask.input]);
    Ok(FewShotReport {
        schema: "hitl.few-shot/1",
        name: options.name.to_owned(),
        digest: rebuilt.lock.digest.to_string(),
        part: part.map(str::to_owned),
        corrections: examples.len(),
        pack: pack(&index, &options.ask, &rules),
    })
}

/// Returns the part that is asked for, with its number; none of a snapshot without a split.
fn part<'a>(name: &str, rule: &'a Rule, asked: Option<&str>) -> Result<Option<(usize, &'a str)>, Error> {
    let parts: Vec<&str> =
        rule.split.iter().flat_map(|split| &split.parts).map(|part| part.name.as_str()).collect();
    let number = |wanted: &str| parts.iter().position(|part| *part == wanted);
    let found = match asked {
        None => number("train").or((!parts.is_empty()).then_some(0)),
        Some(wanted) => Some(number(wanted).ok_or_else(|| {
            let hint = match parts.is_empty() {
                true => "it has no split: leave out --part".to_owned(),
                false => format!("its parts are {}", parts.join(", ")),
            };
            Error::request(format!("snapshot `{name}` has no part `{wanted}`"), hint)
        })?),
    };
    Ok(found.map(|number| (number, parts[number])))
}
