//! Tasks: one question asked about items, the labels it may be given, and how each is written.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::base::{Digest, json, text};

/// The shape of a task's labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskType {
    /// One of the classes.
    Categorical,
    /// A set of the classes.
    Multilabel,
    /// One of the classes, which have an order.
    Ordinal,
    /// A number on an interval scale.
    Rating,
    /// A number on a ratio scale.
    Numeric,
    /// Marked stretches of a text.
    Span,
    /// Marked regions of an image.
    Box,
    /// Which of two is better: a, b or tie.
    Preference,
    /// An order of several.
    Ranking,
    /// Free text.
    Text,
}

impl TaskType {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Categorical => "categorical",
            Self::Multilabel => "multilabel",
            Self::Ordinal => "ordinal",
            Self::Rating => "rating",
            Self::Numeric => "numeric",
            Self::Span => "span",
            Self::Box => "box",
            Self::Preference => "preference",
            Self::Ranking => "ranking",
            Self::Text => "text",
        }
    }

    /// Whether its labels come from a list of classes that the schema must give.
    pub fn has_classes(self) -> bool {
        matches!(self, Self::Categorical | Self::Multilabel | Self::Ordinal)
    }
}

/// How current human labels of an item become one. Adjudications always win over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The label most labelers gave; a tie stays unresolved.
    #[default]
    Majority,
    /// The label all labelers gave.
    Unanimous,
    /// The label given last; equal or missing times stay unresolved unless the labels agree.
    Latest,
    /// The label with most votes, each weighed by how far its labeler agrees with the majority. Joint, as those below:
    /// it looks at the labels of all items at once, and what is equally probable stays unresolved.
    Weighted,
    /// The most probable label, when every labeler has error rates of his own for each class.
    DawidSkene,
    /// The most probable label, when every labeler is right with one probability.
    OneCoin,
    /// The most probable label, when labelers differ in ability and items in difficulty.
    Glad,
    /// The most probable label, when a labeler knows, or answers by habit.
    Mace,
    /// Of corrections, not of labels: each one that is to be learned from, of which an item may have several.
    Accepted,
}

impl Policy {
    /// All policies of labels.
    pub const ALL: [Self; 8] = [
        Self::Majority,
        Self::Unanimous,
        Self::Latest,
        Self::Weighted,
        Self::DawidSkene,
        Self::OneCoin,
        Self::Glad,
        Self::Mace,
    ];

    /// Whether an item's label also depends on the labels of other items, because they tell how good its labelers are.
    pub fn is_joint(self) -> bool {
        !matches!(self, Self::Majority | Self::Unanimous | Self::Latest | Self::Accepted)
    }

    /// Whether something has to be known of all items of a task before any is resolved.
    pub fn looks_at_all_items(self) -> bool {
        self.is_joint() || self == Self::Accepted
    }

    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Majority => "majority",
            Self::Unanimous => "unanimous",
            Self::Latest => "latest",
            Self::Weighted => "weighted",
            Self::DawidSkene => "dawid-skene",
            Self::OneCoin => "one-coin",
            Self::Glad => "glad",
            Self::Mace => "mace",
            Self::Accepted => "accepted",
        }
    }
}

/// A task as `hitl.yaml` declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Its name.
    pub name: String,
    /// The shape of its labels.
    pub kind: TaskType,
    /// The valid classes; for ordinal tasks from lowest to highest.
    pub classes: Vec<String>,
    /// The lowest valid number.
    pub min: Option<f64>,
    /// The highest valid number.
    pub max: Option<f64>,
    /// What labelers are asked.
    pub question: Option<String>,
    /// Whether every new judgement names a guideline version.
    pub require_guideline: bool,
    /// Whether every new judgement gives its reason.
    pub require_rationale: bool,
    /// How its labels become one per item.
    pub policy: Policy,
}

/// A label as a file gives it.
#[derive(Clone, Debug, PartialEq)]
pub enum RawLabel<'a> {
    /// Skipped, abstained, empty.
    Null,
    /// A text or number cell.
    Text(Cow<'a, str>),
    /// Several values.
    List(Vec<Cow<'a, str>>),
    /// A structure: spans, boxes, rankings.
    Json(Value),
}

/// Why a label is not one of its task.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LabelError {
    /// Not a class of the schema.
    #[error("`{label}` is not a class of task `{task}`{}", near.as_ref().map_or_else(|| format!(": {}", known.join(", ")), |near| format!("; did you mean `{near}`?")))]
    UnknownClass {
        /// The label as given.
        label: String,
        /// The task.
        task: String,
        /// The class most likely meant.
        near: Option<String>,
        /// All classes.
        known: Vec<String>,
    },
    /// Not a number.
    #[error("`{label}` is not a number, as task `{task}` ({kind}) wants")]
    NotANumber {
        /// The label as given.
        label: String,
        /// The task.
        task: String,
        /// Its type.
        kind: &'static str,
    },
    /// A number outside the schema's range.
    #[error("{label} is outside {min} to {max}, the range of task `{task}`")]
    OutOfRange {
        /// The label as given.
        label: String,
        /// The task.
        task: String,
        /// Lowest valid number.
        min: String,
        /// Highest valid number.
        max: String,
    },
    /// Several values where one is wanted, or a structure where text is.
    #[error("{given} where task `{task}` ({kind}) wants {wanted}")]
    WrongShape {
        /// What was given.
        given: String,
        /// The task.
        task: String,
        /// Its type.
        kind: &'static str,
        /// What is wanted.
        wanted: &'static str,
    },
}

impl Task {
    /// Returns a task of `kind` with `classes` and nothing else said.
    pub fn new(name: impl Into<String>, kind: TaskType, classes: Vec<String>) -> Self {
        Self {
            name: name.into(),
            kind,
            classes,
            min: None,
            max: None,
            question: None,
            require_guideline: false,
            require_rationale: false,
            policy: Policy::default(),
        }
    }

    /// Returns the classes that labels are, where they are declared; those of sets and spans stand inside labels.
    pub fn domain(&self) -> Option<&[String]> {
        let one = matches!(self.kind, TaskType::Categorical | TaskType::Ordinal);
        (one && !self.classes.is_empty()).then_some(self.classes.as_slice())
    }

    /// Returns the schema, what decides which labels are valid, as canonical JSON (RFC 8785).
    pub fn schema_json(&self) -> String {
        let mut schema = json!({ "type": self.kind.as_str() });
        if !self.classes.is_empty() {
            schema["classes"] = json!(self.classes);
        }
        if let Some(min) = self.min {
            schema["min"] = json!(min);
        }
        if let Some(max) = self.max {
            schema["max"] = json!(max);
        }
        json::canonical(&schema)
    }

    /// Returns SHA-256 of [`Task::schema_json`].
    pub fn schema_sha256(&self) -> Digest {
        Digest::of(self.schema_json().as_bytes())
    }

    /// Returns the one way `raw` is written in the ledger: a class exactly as the schema has it, in NFC; a number as
    /// its shortest decimal (`4`, never `4.0`); a set sorted, as a JSON array; a structure as RFC 8785 JSON. `None`
    /// is an abstention.
    ///
    /// # Errors
    /// Why `raw` is no label of this task.
    pub fn canonical_label(&self, raw: &RawLabel<'_>) -> Result<Option<String>, LabelError> {
        let RawLabel::Null = raw else { return self.canonical_value(raw) };
        Ok(None)
    }

    fn canonical_value(&self, raw: &RawLabel<'_>) -> Result<Option<String>, LabelError> {
        match self.kind {
            TaskType::Categorical | TaskType::Ordinal => self.class(self.one(raw, "one class")?).map(Some),
            TaskType::Preference => self.preference(self.one(raw, "a, b or tie")?).map(Some),
            TaskType::Rating | TaskType::Numeric => self.number(self.one(raw, "one number")?).map(Some),
            TaskType::Text => Ok(Some(text::nfc(self.one(raw, "text")?).into_owned())),
            TaskType::Multilabel => self.set(raw).map(Some),
            TaskType::Span | TaskType::Box | TaskType::Ranking => self.structure(raw).map(Some),
        }
    }

    fn wrong_shape(&self, given: impl Into<String>, wanted: &'static str) -> LabelError {
        LabelError::WrongShape {
            given: given.into(),
            task: self.name.clone(),
            kind: self.kind.as_str(),
            wanted,
        }
    }

    fn one<'a>(&self, raw: &'a RawLabel<'_>, wanted: &'static str) -> Result<&'a str, LabelError> {
        match raw {
            RawLabel::Text(value) => Ok(value),
            RawLabel::List(values) if values.len() == 1 => Ok(&values[0]),
            RawLabel::List(values) => Err(self.wrong_shape(format!("{} values", values.len()), wanted)),
            RawLabel::Json(_) | RawLabel::Null => Err(self.wrong_shape("a structure", wanted)),
        }
    }

    fn class(&self, label: &str) -> Result<String, LabelError> {
        let label = text::nfc(label);
        if self.classes.iter().any(|class| *class == label) {
            return Ok(label.into_owned());
        }
        // A numeric class may come back from a spreadsheet as `4.0`.
        if let Some(class) = label.parse().ok().map(shortest).filter(|number| self.classes.contains(number)) {
            return Ok(class);
        }
        let known = self.classes.clone();
        let near = text::did_you_mean(&label, known.iter().map(String::as_str)).map(str::to_owned);
        Err(LabelError::UnknownClass { label: label.into_owned(), task: self.name.clone(), near, known })
    }

    fn preference(&self, label: &str) -> Result<String, LabelError> {
        let known = ["a", "b", "tie"].map(str::to_owned).to_vec();
        let folded = label.trim().to_lowercase();
        if known.contains(&folded) {
            return Ok(folded);
        }
        Err(LabelError::UnknownClass { label: label.to_owned(), task: self.name.clone(), near: None, known })
    }

    fn number(&self, label: &str) -> Result<String, LabelError> {
        let number: Option<f64> = label.trim().parse().ok().filter(|number: &f64| number.is_finite());
        let Some(number) = number else {
            let (label, task) = (label.to_owned(), self.name.clone());
            return Err(LabelError::NotANumber { label, task, kind: self.kind.as_str() });
        };
        if self.min.is_some_and(|min| number < min) || self.max.is_some_and(|max| number > max) {
            let bound = |bound: Option<f64>| bound.map_or_else(|| "any".to_owned(), shortest);
            let (min, max) = (bound(self.min), bound(self.max));
            return Err(LabelError::OutOfRange {
                label: shortest(number),
                task: self.name.clone(),
                min,
                max,
            });
        }
        Ok(shortest(number))
    }

    fn set(&self, raw: &RawLabel<'_>) -> Result<String, LabelError> {
        let given: Vec<&str> = match raw {
            RawLabel::Text(value) => vec![value],
            RawLabel::List(values) => values.iter().map(AsRef::as_ref).collect(),
            RawLabel::Json(_) | RawLabel::Null => {
                return Err(self.wrong_shape("a structure", "a set of classes"));
            }
        };
        let classes: std::collections::BTreeSet<String> =
            given.into_iter().map(|label| self.class(label)).collect::<Result<_, _>>()?;
        Ok(json::canonical(&json!(classes)))
    }

    fn structure(&self, raw: &RawLabel<'_>) -> Result<String, LabelError> {
        let value = match raw {
            RawLabel::Json(value) => value.clone(),
            RawLabel::List(values) => json!(values),
            RawLabel::Text(value) => serde_json::from_str(value).map_err(|_| {
                self.wrong_shape(format!("`{}`", value.chars().take(40).collect::<String>()), "JSON")
            })?,
            RawLabel::Null => Value::Null,
        };
        let Value::Array(mut parts) = value else { return Err(self.wrong_shape("no list", "a JSON list")) };
        if self.kind != TaskType::Ranking {
            // The order in which spans or boxes were drawn means nothing.
            parts.sort_by_key(json::canonical);
        }
        Ok(json::canonical(&Value::Array(parts)))
    }
}

/// Returns the shortest decimal of a finite number; −0 is 0.
fn shortest(number: f64) -> String {
    if number == 0.0 { "0".to_owned() } else { number.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> RawLabel<'_> {
        RawLabel::Text(value.into())
    }

    #[test]
    fn every_label_is_written_one_way() {
        let classes = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let ordinal = Task::new("o", TaskType::Ordinal, classes(&["1", "2", "3"]));
        assert_eq!(ordinal.canonical_label(&text("2.0")), Ok(Some("2".into())));
        let rating = Task { max: Some(5.0), min: Some(1.0), ..Task::new("r", TaskType::Rating, vec![]) };
        assert_eq!(rating.canonical_label(&text("4.0")), Ok(Some("4".into())));
        assert!(matches!(rating.canonical_label(&text("6")), Err(LabelError::OutOfRange { .. })));
        assert!(matches!(rating.canonical_label(&text("nan")), Err(LabelError::NotANumber { .. })));
        let set = Task::new("m", TaskType::Multilabel, classes(&["a", "b"]));
        let list = RawLabel::List(vec!["b".into(), "a".into(), "b".into()]);
        assert_eq!(set.canonical_label(&list), Ok(Some("[\"a\",\"b\"]".into())));
        let span = Task::new("s", TaskType::Span, vec![]);
        let spans = RawLabel::Json(json!([{"start": 4, "end": 6}, {"end": 2, "start": 0}]));
        assert_eq!(
            span.canonical_label(&spans),
            Ok(Some(r#"[{"end":2,"start":0},{"end":6,"start":4}]"#.into()))
        );
        assert_eq!(set.canonical_label(&RawLabel::Null), Ok(None));
    }

    #[test]
    fn an_unknown_class_names_its_neighbour() {
        let task = Task::new("t", TaskType::Categorical, vec!["cat".into(), "wolf".into()]);
        let message = task.canonical_label(&text("Cat")).unwrap_err().to_string();
        assert_eq!(message, "`Cat` is not a class of task `t`; did you mean `cat`?");
        let message = task.canonical_label(&text("zebra")).unwrap_err().to_string();
        assert_eq!(message, "`zebra` is not a class of task `t`: cat, wolf");
    }
}
