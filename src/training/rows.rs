//! Rows as training programs read them.
//!
//! In: examples and a [`Format`]. Out: a JSON object for each example that fits the format, with exactly the keys that
//! the format has, and a count of those that do not. The formats are those of TRL's *Dataset formats* (language modeling,
//! prompt-completion, preference; standard and conversational) and of OpenAI's fine-tuning guides (chat; preference).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::prompt::{self, Exchange};
use crate::corrections::Example;
use crate::record::Verdict;

/// What a row looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// `{"messages": […]}`: a conversation that ends with the wanted answer.
    Sft,
    /// `{"prompt": "…", "completion": "…"}`.
    Completion,
    /// The same with lists of messages.
    CompletionChat,
    /// `{"prompt": "…", "chosen": "…", "rejected": "…"}`.
    Dpo,
    /// The same with lists of messages.
    DpoChat,
    /// `{"input": {"messages": […]}, "preferred_output": […], "non_preferred_output": […]}`.
    DpoOpenai,
}

impl Format {
    /// Returns its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sft => "sft",
            Self::Completion => "completion",
            Self::CompletionChat => "completion-chat",
            Self::Dpo => "dpo",
            Self::DpoChat => "dpo-chat",
            Self::DpoOpenai => "dpo-openai",
        }
    }

    /// Whether a row has an answer that was not wanted.
    fn is_preference(self) -> bool {
        matches!(self, Self::Dpo | Self::DpoChat | Self::DpoOpenai)
    }

    fn row(self, exchange: &Exchange<'_>, given: &str) -> Value {
        let asked: Vec<Value> = exchange.prompt.iter().map(prompt::Turn::json).collect();
        let plain = || prompt::plain(&exchange.prompt);
        let says = |text: &str| json!({ "role": "assistant", "content": text });
        let wanted = exchange.wanted;
        match self {
            Self::Sft => json!({ "messages": asked.into_iter().chain([says(wanted)]).collect::<Vec<_>>() }),
            Self::Completion => json!({ "prompt": plain(), "completion": wanted }),
            Self::CompletionChat => json!({ "prompt": asked, "completion": [says(wanted)] }),
            Self::Dpo => json!({ "prompt": plain(), "chosen": wanted, "rejected": given }),
            Self::DpoChat => json!({ "prompt": asked, "chosen": [says(wanted)], "rejected": [says(given)] }),
            Self::DpoOpenai => json!({
                "input": { "messages": asked },
                "preferred_output": [says(wanted)],
                "non_preferred_output": [says(given)],
            }),
        }
    }
}

/// Why an example has no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// A rejection puts nothing in the original's place.
    Rejected,
    /// An approval is no choice between two.
    Approved,
    /// The corrected text is the original.
    Unchanged,
    /// There is no original that something was preferred to, or it is empty.
    NoOriginal,
    /// There is no answer, or it is empty; or nothing that it answers.
    Incomplete,
    /// It is a label, and neither its context nor the ledger has the text that it is a label of.
    NoPrompt,
    /// Another example of the item gives the same row.
    Repeated,
}

impl LeftOut {
    /// Returns the words for it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Rejected => "rejected, with nothing in its place",
            Self::Approved => "approved: no pair",
            Self::Unchanged => "unchanged: no pair",
            Self::NoOriginal => "without an original",
            Self::Incomplete => "without an input or an answer",
            Self::NoPrompt => "a label without the text it is of",
            Self::Repeated => "the same as another of its item",
        }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The item it comes from.
    pub item: String,
    /// The part it falls into.
    pub split: Option<String>,
    /// What is trained on.
    pub value: Value,
}

/// The rows that examples come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// In the order of the examples.
    pub rows: Vec<Row>,
    /// How many examples have none, and why.
    pub left_out: BTreeMap<LeftOut, u64>,
}

/// Returns the rows of `examples`, which come item by item. Where an example's context does not say what its original is
/// an answer to, a label answers the text it is of; any other original is the input, and `instruction` says what to do
/// with it.
pub fn rows(examples: &[Example], format: Format, instruction: Option<&str>) -> Rows {
    let mut out = Rows::default();
    for of_item in examples.chunk_by(|a, b| a.item == b.item) {
        let mut seen = BTreeSet::new();
        for example in of_item {
            let row = row(example, format, instruction);
            match row
                .and_then(|row| if seen.insert(row.to_string()) { Ok(row) } else { Err(LeftOut::Repeated) })
            {
                Ok(value) => {
                    out.rows.push(Row { item: example.item.clone(), split: example.split.clone(), value });
                }
                Err(reason) => *out.left_out.entry(reason).or_default() += 1,
            }
        }
    }
    out
}

fn row(example: &Example, format: Format, instruction: Option<&str>) -> Result<Value, LeftOut> {
    if example.verdict == Verdict::Rejected {
        return Err(LeftOut::Rejected);
    }
    if !format.is_preference() {
        let exchange = prompt::exchange(example, instruction)?;
        return Ok(format.row(&exchange, ""));
    }
    if example.verdict == Verdict::Approved {
        return Err(LeftOut::Approved);
    }
    let given = example.original.as_deref().filter(|text| !text.is_empty()).ok_or(LeftOut::NoOriginal)?;
    let exchange = prompt::exchange(example, instruction)?;
    if exchange.wanted == given { Err(LeftOut::Unchanged) } else { Ok(format.row(&exchange, given)) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::corrections::Answers;

    /// A correction by one person.
    pub fn corrected(item: &str, original: &str, corrected: &str) -> Example {
        Example {
            item: item.into(),
            split: None,
            original: Some(original.into()),
            corrected: Some(corrected.into()),
            verdict: Verdict::Corrected,
            adjudicated: false,
            votes: 1,
            labelers: vec!["ana".into()],
            reasons: vec![],
            categories: vec![],
            severity: None,
            source: None,
            context: None,
            answers: Answers::Itself,
            guidelines: vec![],
            records: vec![],
        }
    }

    fn of(verdict: Verdict, original: &str, wanted: Option<&str>) -> Example {
        Example { verdict, corrected: wanted.map(Into::into), ..corrected("i2", original, "") }
    }

    const ALL: [Format; 6] = [
        Format::Sft,
        Format::Completion,
        Format::CompletionChat,
        Format::Dpo,
        Format::DpoChat,
        Format::DpoOpenai,
    ];

    #[test]
    fn each_format_has_its_keys_and_no_other() {
        let examples = [corrected("i1", "He go.", "He goes.")];
        let lines: Vec<String> = ALL
            .iter()
            .map(|format| rows(&examples, *format, Some("Mend it.")).rows[0].value.to_string())
            .collect();
        let (asked, says) = (
            r#"[{"role":"system","content":"Mend it."},{"role":"user","content":"He go."}"#,
            |text: &str| format!(r#"{{"role":"assistant","content":"{text}"}}"#),
        );
        let (good, bad) = (says("He goes."), says("He go."));
        assert_eq!(
            lines,
            [
                format!(r#"{{"messages":{asked},{good}]}}"#),
                r#"{"prompt":"Mend it.\n\nHe go.\n\n","completion":"He goes."}"#.to_owned(),
                format!(r#"{{"prompt":{asked}],"completion":[{good}]}}"#),
                r#"{"prompt":"Mend it.\n\nHe go.\n\n","chosen":"He goes.","rejected":"He go."}"#.to_owned(),
                format!(r#"{{"prompt":{asked}],"chosen":[{good}],"rejected":[{bad}]}}"#),
                format!(
                    r#"{{"input":{{"messages":{asked}]}},"preferred_output":[{good}],"non_preferred_output":[{bad}]}}"#
                ),
            ]
        );
    }

    #[test]
    fn approvals_are_answers_and_no_pairs_and_rejections_are_neither() {
        let examples = [
            corrected("i1", "He go.", "He goes."),
            corrected("i1", "He go.", "He went."),
            of(Verdict::Approved, "She goes.", None),
            of(Verdict::Corrected, "She goes.", Some("She goes.")),
            of(Verdict::Corrected, "She goes.", Some("")),
            of(Verdict::Rejected, "Spam", None),
            Example { original: None, ..corrected("i3", "", "New.") },
        ];
        let counts = |format| {
            let rows = rows(&examples, format, None);
            (rows.rows.len(), rows.left_out.into_iter().collect::<Vec<_>>())
        };
        let sft = [(LeftOut::Rejected, 1), (LeftOut::Incomplete, 2), (LeftOut::Repeated, 1)];
        assert_eq!(counts(Format::Sft), (3, sft.to_vec()));
        let pairs = [
            (LeftOut::Rejected, 1),
            (LeftOut::Approved, 1),
            (LeftOut::Unchanged, 1),
            (LeftOut::NoOriginal, 1),
            (LeftOut::Incomplete, 1),
        ];
        assert_eq!(counts(Format::Dpo), (2, pairs.to_vec()));
        for format in ALL {
            let rows = rows(&examples, format, None);
            let all = rows.rows.len() as u64 + rows.left_out.values().sum::<u64>();
            assert_eq!(all, examples.len() as u64, "{format:?}");
            assert!(rows.rows.iter().all(|row| !row.value.to_string().contains("Spam")));
        }
    }
}
