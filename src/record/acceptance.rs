//! Which corrections are learned from.

use std::collections::BTreeMap;

/// What a correction must be to be learned from: a policy over what was committed, never a condition for committing it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Acceptance {
    /// A corrected text more similar to its original than this changes too little to learn from. From 0 to 1, which lets
    /// every change pass.
    pub max_similarity: f64,
    /// A corrected text of fewer characters (Unicode scalar values) says too little.
    pub min_length: u32,
    /// A labeler of whose judged corrections a smaller share was upheld is not learned from. From 0 to 1.
    pub min_labeler_agreement: f64,
}

impl Default for Acceptance {
    fn default() -> Self {
        Self { max_similarity: 0.95, min_length: 10, min_labeler_agreement: 0.7 }
    }
}

impl Acceptance {
    /// Returns it as text: what a snapshot's lock keeps.
    pub fn parameters(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            ("max_similarity".to_owned(), self.max_similarity.to_string()),
            ("min_labeler_agreement".to_owned(), self.min_labeler_agreement.to_string()),
            ("min_length".to_owned(), self.min_length.to_string()),
        ])
    }

    /// Reads what [`Acceptance::parameters`] wrote; `None` where it wrote something else.
    pub fn with_parameters(parameters: &BTreeMap<String, String>) -> Option<Self> {
        let given = |name: &str| parameters.get(name)?.parse().ok();
        let read = Self {
            max_similarity: given("max_similarity")?,
            min_length: parameters.get("min_length")?.parse().ok()?,
            min_labeler_agreement: given("min_labeler_agreement")?,
        };
        (read.parameters() == *parameters).then_some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_give_it_back_and_unknown_ones_do_not() {
        let acceptance = Acceptance { max_similarity: 1.0, min_length: 0, min_labeler_agreement: 0.65 };
        assert_eq!(Acceptance::with_parameters(&acceptance.parameters()), Some(acceptance));
        let mut more = acceptance.parameters();
        more.insert("min_words".to_owned(), "3".to_owned());
        assert_eq!(Acceptance::with_parameters(&more), None);
        let mut otherwise = acceptance.parameters();
        otherwise.insert("max_similarity".to_owned(), "1.0".to_owned());
        assert_eq!(Acceptance::with_parameters(&otherwise), None);
    }
}
