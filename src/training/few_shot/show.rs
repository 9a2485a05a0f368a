//! A pack as text: rules, then examples, within a budget of characters.

use super::Shot;

/// A text in the making.
pub(super) struct Text {
    text: String,
    /// Characters that are left.
    left: usize,
    has_examples: bool,
}

impl Text {
    /// Returns an empty text with room for so many characters.
    pub fn new(max_chars: usize) -> Self {
        Self { text: String::new(), left: max_chars, has_examples: false }
    }

    /// Appends a rule; without room for it does nothing and returns false.
    pub fn push_rule(&mut self, rule: &str) -> bool {
        let head = if self.text.is_empty() { "Rules:\n" } else { "" };
        self.push(&format!("{head}- {}\n", rule.trim().replace('\n', "\n  ")))
    }

    /// Appends an example; without room for it does nothing and returns false.
    pub fn push_example(&mut self, shot: &Shot) -> bool {
        let mut block = String::new();
        if !self.text.is_empty() {
            block.push('\n');
        }
        if !self.has_examples {
            block.push_str("Examples:\n\n");
        }
        if let Some(prompt) = &shot.prompt {
            field("Prompt", prompt, &mut block);
        }
        field("Input", &shot.input, &mut block);
        field("Output", &shot.output, &mut block);
        if !shot.reasons.is_empty() {
            field("Reason", &shot.reasons.join("; "), &mut block);
        }
        let fits = self.push(&block);
        self.has_examples |= fits;
        fits
    }

    fn push(&mut self, block: &str) -> bool {
        let length = block.chars().count();
        let fits = length <= self.left;
        if fits {
            self.text.push_str(block);
            self.left -= length;
        }
        fits
    }

    /// Returns the text.
    pub fn finish(self) -> String {
        self.text
    }
}

/// Writes a named text: on one line, or fenced when it has several, so that nothing in it reads as a name.
fn field(name: &str, text: &str, out: &mut String) {
    let text = text.trim();
    if !text.contains(['\n', '\r']) {
        out.push_str(&format!("{name}: {text}\n"));
        return;
    }
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(3.max(longest + 1));
    out.push_str(&format!("{name}:\n{fence}\n{text}\n{fence}\n"));
}
