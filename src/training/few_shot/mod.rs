//! Few-shot examples: the corrections that are most likely needed again in a text that is not corrected yet.
//!
//! In: the examples of a snapshot, an input, and rules as text from outside. Out: a [`Pack`]: at most so many examples,
//! each of another item, and the text to put into a prompt. Likeness is of words alone: an example counts by the words
//! and pairs of words it *changed* that the input has too, and how often people who met them made that very edit; far
//! less by the words it merely shares. The same examples give the same pack on every machine; ties go to the item that
//! comes first.

mod choose;
mod index;
mod show;
mod terms;

#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::corrections::Example;

pub use index::Index;

/// What is asked of a pack.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The text that examples are wanted for.
    pub input: &'a str,
    /// At most so many examples.
    pub examples: usize,
    /// The text of the pack has at most so many characters (Unicode scalar values).
    pub max_chars: usize,
    /// Leaves out examples of this item, and those of the very input.
    pub without: Option<&'a str>,
}

/// One example of a pack.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shot {
    /// The item it comes from.
    pub item: String,
    /// What the original is an answer to, where the context says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// The original.
    pub input: String,
    /// What it should have been.
    pub output: String,
    /// Why, in the labelers' words.
    pub reasons: Vec<String>,
    /// The words and pairs of words of the input that it changed, those that counted most first.
    pub changed: Vec<String>,
    /// How likely it is needed again, among all that is indexed; only to compare.
    pub score: f64,
}

/// Examples and rules for a prompt.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Pack {
    /// The rules, as they were given, as far as there was room.
    pub rules: Vec<String>,
    /// The rules for which there was no room.
    pub rules_left_out: usize,
    /// The examples, each the most useful after those before it.
    pub examples: Vec<Shot>,
    /// Examples that were passed over, there being no room for them.
    pub examples_left_out: usize,
    /// All of it, ready to be put into a prompt.
    pub text: String,
}

/// Returns the pack for `ask`, with as many of `rules` as there is room for, in their order, before any example.
///
/// The input must be among those that `index` was made for; of another, only the words they share are seen.
pub fn pack<'a>(index: &'a Index<'a>, ask: &Ask<'a>, rules: &[String]) -> Pack {
    let mut text = show::Text::new(ask.max_chars);
    let mut pack = Pack::default();
    for rule in rules {
        match text.push_rule(rule) {
            true => pack.rules.push(rule.clone()),
            false => pack.rules_left_out += 1,
        }
    }
    (pack.examples, pack.examples_left_out) = choose::choose(index, ask, |shot| text.push_example(shot));
    pack.text = text.finish();
    pack
}

/// Returns an example as a pack shows it.
fn shot(example: &Example, changed: Vec<String>, score: f64) -> Shot {
    let original = example.original.as_deref();
    let prompt = super::prompt::question(example);
    Shot {
        item: example.item.clone(),
        prompt: prompt.map(|turns| super::prompt::plain(&turns).trim_end().to_owned()),
        input: original.unwrap_or_default().to_owned(),
        output: example.wanted().unwrap_or_default().to_owned(),
        reasons: example.reasons.clone(),
        changed,
        score,
    }
}
