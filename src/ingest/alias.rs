//! The names by which columns are understood.

use crate::record::Kind;

/// Which rows an alias is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// Labels, corrections, adjudications and predictions.
    Judgements,
    /// Labels, adjudications and predictions.
    Labels,
    /// Adjudications.
    Adjudications,
    /// Corrections.
    Corrections,
    /// Items.
    Items,
}

impl For {
    /// Whether rows of `kind` are meant.
    pub fn covers(self, kind: Kind) -> bool {
        match self {
            Self::Judgements => kind.is_judgement(),
            Self::Labels => kind.is_judgement() && kind != Kind::Corrections,
            Self::Adjudications => kind == Kind::Adjudications,
            Self::Corrections => kind == Kind::Corrections,
            Self::Items => kind == Kind::Items,
        }
    }
}

/// Names of columns that mean one field and rank alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The field they mean.
    pub field: &'static str,
    /// The rows they are for.
    pub rows: For,
    /// The names. Case, `_`, `-` and spaces do not matter: `Item ID` is `item_id`.
    pub columns: &'static [&'static str],
}

const fn alias(field: &'static str, rows: For, columns: &'static [&'static str]) -> Alias {
    Alias { field, rows, columns }
}

/// Every name that is understood, by precedence: of the lines of one field, the first that a column of the file is
/// named in decides. Two columns named in that line are an error that `--map` settles; later lines are not looked at,
/// and their columns are not kept.
pub const ALIASES: &[Alias] = &[
    alias("item", For::Judgements, &["item", "item_id", "question"]),
    alias("item", For::Items, &["item", "item_id"]),
    alias(
        "item",
        For::Judgements,
        &["question_id", "task", "task_id", "instance_id", "example_id", "sample_id"],
    ),
    alias("item", For::Items, &["question_id", "task_id", "instance_id", "example_id", "sample_id"]),
    alias("item", For::Judgements, &["unit", "unit_id", "document_id", "doc_id", "id"]),
    alias("item", For::Items, &["unit", "unit_id", "document_id", "doc_id", "id"]),
    alias(
        "labeler",
        For::Judgements,
        &[
            "labeler",
            "worker",
            "annotator",
            "rater",
            "user",
            "labeler_id",
            "worker_id",
            "annotator_id",
            "rater_id",
            "user_id",
            "labeller",
            "labeller_id",
        ],
    ),
    alias(
        "labeler",
        For::Judgements,
        &["judge", "judge_id", "coder", "coder_id", "reviewer", "reviewer_id", "observer"],
    ),
    alias("labeler", For::Judgements, &["labeled_by", "annotated_by", "completed_by", "created_by"]),
    alias("labeler_kind", For::Judgements, &["labeler_kind"]),
    alias("label", For::Labels, &["label", "answer", "value"]),
    alias(
        "label",
        For::Labels,
        &["annotation", "rating", "response", "choice", "class", "judgement", "judgment", "vote"],
    ),
    alias("label", For::Labels, &["gold", "gold_label", "true_label", "truth", "ground_truth"]),
    alias("created_at", For::Judgements, &["created_at", "updated_at", "labeled_at", "timestamp"]),
    alias(
        "created_at",
        For::Judgements,
        &["labelled_at", "annotated_at", "submitted_at", "modified_at", "datetime", "date", "time"],
    ),
    alias("guideline", For::Judgements, &["guideline"]),
    alias("origin", For::Judgements, &["origin"]),
    alias("shown", For::Judgements, &["shown", "shown_label", "pre_label"]),
    alias("shown_by", For::Judgements, &["shown_by", "pre_label_by"]),
    alias("source_id", For::Judgements, &["source_id", "annotation_id"]),
    alias("confidence", For::Judgements, &["confidence", "certainty"]),
    alias("duration_ms", For::Judgements, &["duration_ms", "time_spent_ms"]),
    alias("duration_s", For::Judgements, &["duration_s", "lead_time", "duration_seconds"]),
    alias("rationale", For::Judgements, &["rationale", "comment", "explanation", "justification"]),
    alias("rationale", For::Labels, &["reason"]),
    alias("error_type", For::Adjudications, &["error_type"]),
    alias("guideline_gap", For::Adjudications, &["guideline_gap"]),
    alias("scores", For::Labels, &["scores"]),
    alias("embedding", For::Labels, &["embedding"]),
    alias("original", For::Corrections, &["original", "original_text"]),
    alias("corrected", For::Corrections, &["corrected", "correction", "corrected_text", "edited_text"]),
    alias("verdict", For::Corrections, &["verdict"]),
    alias("reason", For::Corrections, &["reason"]),
    alias("categories", For::Corrections, &["categories"]),
    alias("severity", For::Corrections, &["severity"]),
    alias("should_learn", For::Corrections, &["should_learn"]),
    alias("source", For::Corrections, &["source"]),
    alias("context", For::Corrections, &["context"]),
    alias("text", For::Items, &["text"]),
    alias("text", For::Items, &["sentence"]),
    alias("text", For::Items, &["content"]),
    alias("text", For::Items, &["body"]),
    alias("uri", For::Items, &["uri", "url"]),
    alias("uri", For::Items, &["image"]),
    alias("uri", For::Items, &["audio"]),
    alias("uri", For::Items, &["video"]),
    alias("uri", For::Items, &["filename"]),
    alias("sha256", For::Items, &["sha256"]),
    alias("media_type", For::Items, &["media_type", "mime_type"]),
    alias("metadata", For::Items, &["metadata"]),
];

/// Returns a column's name with what does not matter taken away.
pub(super) fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Iterates over the names that mean `field` in rows of `kind`, line by line.
pub(super) fn of(kind: Kind, field: &str) -> impl Iterator<Item = &'static Alias> {
    ALIASES.iter().filter(move |alias| alias.field == field && alias.rows.covers(kind))
}

/// Returns the names that mean `field`, the likeliest first.
pub(super) fn names(kind: Kind, field: &str) -> Vec<String> {
    of(kind, field).flat_map(|alias| alias.columns).map(|name| (*name).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_fields_of_one_kind() {
        for kind in [Kind::Labels, Kind::Adjudications, Kind::Corrections, Kind::Predictions, Kind::Items] {
            let mut seen = std::collections::BTreeMap::new();
            for alias in ALIASES.iter().filter(|alias| alias.rows.covers(kind)) {
                for name in alias.columns {
                    assert_eq!(seen.insert(fold(name), alias.field), None, "{name} in {kind}");
                }
            }
        }
    }
}
