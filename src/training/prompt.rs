//! What a model is asked, and what it should have said.
//!
//! In: an example and an instruction. Out: an [`Exchange`]: the turns of the prompt, the wanted answer and the original
//! one. Where the context says what the original is an answer to, the prompt is that; else a label is an answer to
//! its item's text, and a text is itself the input.

use serde_json::{Value, json};

use super::LeftOut;
use crate::corrections::{Answers, Example};

/// What one side of a conversation says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// `system`, `user`, `assistant`, or whatever role the context has.
    pub role: String,
    /// The text.
    pub content: String,
}

impl Turn {
    fn new(role: &str, content: &str) -> Self {
        Self { role: role.to_owned(), content: content.to_owned() }
    }

    /// Returns it as chat formats write it.
    pub fn json(&self) -> Value {
        json!({ "role": self.role, "content": self.content })
    }
}

/// A prompt with its answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exchange<'a> {
    /// What is asked, never empty.
    pub prompt: Vec<Turn>,
    /// The wanted answer, never empty.
    pub wanted: &'a str,
    /// The answer that was given.
    pub given: Option<&'a str>,
}

/// Returns the exchange that an example is about.
///
/// # Errors
/// [`LeftOut::Incomplete`] without an answer, or without anything to ask; [`LeftOut::NoPrompt`] of a label that nobody
/// knows what it answers: the label itself is no question.
pub(super) fn exchange<'a>(example: &'a Example, instruction: Option<&str>) -> Result<Exchange<'a>, LeftOut> {
    let wanted = example.wanted().ok_or(LeftOut::Incomplete)?;
    let given = given(example);
    let prompt = match (question(example), &example.answers) {
        (Some(prompt), _) => prompt,
        (None, Answers::Text(_)) => return Err(LeftOut::NoPrompt),
        (None, Answers::Itself) => {
            let instruction = instruction.filter(|text| !text.is_empty());
            let system = instruction.map(|text| Turn::new("system", text));
            let input = given.ok_or(LeftOut::Incomplete)?;
            system.into_iter().chain([Turn::new("user", input)]).collect()
        }
    };
    Ok(Exchange { prompt, wanted, given })
}

fn given(example: &Example) -> Option<&str> {
    example.original.as_deref().filter(|text| !text.is_empty())
}

/// Returns what the original of an example is an answer to: what its context says, else the text that it is a label of.
pub(super) fn question(example: &Example) -> Option<Vec<Turn>> {
    let text = match &example.answers {
        Answers::Text(text) => text.as_deref().filter(|text| !text.is_empty()),
        Answers::Itself => None,
    };
    asked(example.context.as_ref(), given(example)).or_else(|| Some(vec![Turn::new("user", text?)]))
}

/// Returns what the original is an answer to: a text, or an object with `messages`, `prompt`, `input` or `question`, the
/// first that is a text or a list of messages. An answer at the end that is the original is left to the answers.
fn asked(context: Option<&Value>, given: Option<&str>) -> Option<Vec<Turn>> {
    let context = context?;
    let fields = ["messages", "prompt", "input", "question"];
    let mut turns = std::iter::once(context)
        .chain(fields.iter().filter_map(|field| context.get(field)))
        .find_map(conversation)?;
    if turns.len() > 1
        && turns.last().is_some_and(|last| last.role == "assistant" && Some(&*last.content) == given)
    {
        turns.pop();
    }
    Some(turns)
}

/// Returns a text or a list of messages as turns.
fn conversation(value: &Value) -> Option<Vec<Turn>> {
    match value {
        Value::String(text) if !text.is_empty() => Some(vec![Turn::new("user", text)]),
        Value::Array(messages) if !messages.is_empty() => {
            let turn =
                |one: &Value| Some(Turn::new(one.get("role")?.as_str()?, one.get("content")?.as_str()?));
            messages.iter().map(turn).collect()
        }
        _ => None,
    }
}

/// Returns a prompt as one text that ends with an empty line, where the answer begins. A conversation of more than one
/// question names who speaks.
pub(super) fn plain(prompt: &[Turn]) -> String {
    let is_one_question = prompt.iter().all(|turn| turn.role != "assistant")
        && prompt.iter().filter(|turn| turn.role == "user").count() <= 1;
    let said = |turn: &Turn| match is_one_question {
        true => format!("{}\n\n", turn.content),
        false => format!("{}: {}\n\n", turn.role, turn.content),
    };
    let asked: String = prompt.iter().map(said).collect();
    if is_one_question { asked } else { asked + "assistant: " }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::rows::tests::corrected;

    fn with(context: Value) -> Example {
        Example { context: Some(context), ..corrected("i", "He go.", "He goes.") }
    }

    #[test]
    fn without_context_the_original_is_asked_about() {
        let example = corrected("i", "He go.", "He goes.");
        let exchange = exchange(&example, Some("Mend it.")).unwrap();
        assert_eq!(exchange.prompt, [Turn::new("system", "Mend it."), Turn::new("user", "He go.")]);
        assert_eq!((exchange.wanted, exchange.given), ("He goes.", Some("He go.")));
        assert_eq!(plain(&exchange.prompt), "Mend it.\n\nHe go.\n\n");
    }

    #[test]
    fn a_context_that_says_what_was_asked_is_the_prompt() {
        let asked = [Turn::new("user", "What does he do?")];
        for context in [
            json!("What does he do?"),
            json!({ "prompt": "What does he do?" }),
            json!({ "input": "What does he do?", "question": "?" }),
            json!({ "prompt": "", "question": "What does he do?" }),
            json!({ "prompt": [{ "role": "user", "content": "What does he do?" }] }),
            json!({ "messages": [
                { "role": "user", "content": "What does he do?" },
                { "role": "assistant", "content": "He go." },
            ] }),
        ] {
            let example = with(context);
            assert_eq!(exchange(&example, Some("Mend it.")).unwrap().prompt, asked, "{example:?}");
        }
        for context in [json!({ "url": "x" }), json!(7), json!({ "messages": [{ "role": "user" }] })] {
            assert_eq!(exchange(&with(context), None).unwrap().prompt, [Turn::new("user", "He go.")]);
        }
    }

    #[test]
    fn a_label_answers_its_text_and_is_never_the_question() {
        let label = |context, text: Option<&str>| Example {
            context,
            answers: Answers::Text(text.map(Into::into)),
            ..corrected("i", "neg", "pos")
        };
        for context in [None, Some(json!({ "url": "x" })), Some(json!({ "prompt": "" }))] {
            let known = label(context.clone(), Some("I love it"));
            assert_eq!(exchange(&known, None).unwrap().prompt, [Turn::new("user", "I love it")]);
            for unknown in [label(context.clone(), None), label(context.clone(), Some(""))] {
                assert_eq!(exchange(&unknown, Some("Label it.")), Err(LeftOut::NoPrompt));
            }
        }
        let asked = label(Some(json!("Is it good?")), Some("I love it"));
        assert_eq!(exchange(&asked, None).unwrap().prompt, [Turn::new("user", "Is it good?")]);
    }

    #[test]
    fn a_longer_conversation_names_who_speaks() {
        let turns = [Turn::new("user", "Hi"), Turn::new("assistant", "Hello"), Turn::new("user", "And he?")];
        assert_eq!(plain(&turns), "user: Hi\n\nassistant: Hello\n\nuser: And he?\n\nassistant: ");
    }
}
