//! Exports of other tools, known by their columns and named, with what to do instead.

use super::alias::fold;
use super::cell::{Cell, Entry, Source};
use super::error::{RequestError, quoted};

fn other(what: impl Into<String>, instead: impl Into<String>) -> RequestError {
    RequestError::OtherTool { what: what.into(), instead: instead.into() }
}

/// Refuses a file that is one object of another tool.
pub(super) fn check_root(keys: &[String]) -> Result<(), RequestError> {
    let has = |name: &str| keys.iter().any(|key| key == name);
    if has("images") && has("annotations") && has("categories") {
        return Err(other(
            "COCO, which does not say who labelled what",
            "write one row per item and labeler, the label of a box task as a JSON list of boxes",
        ));
    }
    if has("shapes") && has("tracks") && has("tags") {
        return Err(other(
            "a CVAT annotation file, which does not say who labelled which shape when",
            "write one row per item and labeler, the label of a box task as a JSON list of boxes",
        ));
    }
    if has("instance_id_to_label_to_value") {
        return Err(potato());
    }
    Ok(())
}

fn potato() -> RequestError {
    other(
        "Potato's user_state.json",
        "export its annotations as CSV or JSONL, and give the label column with --map COLUMN=label",
    )
}

/// Refuses records whose columns are another tool's; `labeler` when the command line says who judged.
pub(super) fn check_columns(source: &dyn Source, labeler: bool) -> Result<(), RequestError> {
    let columns = source.columns();
    let has = |name: &str| columns.iter().any(|column| column == name);
    let any = |names: &[&str]| names.iter().any(|name| has(name));
    if any(&["_input_hash", "_task_hash"]) {
        return Err(prodigy(source, &has, labeler));
    }
    if has("fields") && has("responses") {
        return Err(other(
            "Argilla's nested records, which do not say whether a response was submitted",
            "export with to_list(flatten=True) and write one row per response, with item, labeler and label",
        ));
    }
    if let Some(column) = columns.iter().find(|column| column.ends_with(".responses.users")) {
        let question = column.trim_end_matches(".responses.users");
        return Err(other(
            "Argilla's flattened records, with lists of responses in one row",
            format!(
                "write one row per response: item from id, labeler from {question}.responses.users, label from {question}.responses"
            ),
        ));
    }
    if has("key") && has("run_id") && has("feedback_source") {
        return Err(other(
            "LangSmith feedback",
            "take labeler from feedback_source.user_id, write it into a column of its own, and give \
             --map run_id=item --map score=label --map modified_at=created_at",
        ));
    }
    if has("authorUserId") && has("dataType") {
        return Err(other(
            "Langfuse scores",
            "keep rows whose source is ANNOTATION, one score name a file, and give --map traceId=item \
             --map authorUserId=labeler --map value=label --map updatedAt=created_at",
        ));
    }
    if has("annotator_kind") && any(&["result", "span_id", "trace_id", "annotation_name"]) {
        return Err(other(
            "Phoenix annotations",
            "keep rows whose annotator_kind is HUMAN, write result.label into a column label, and give \
             --map span_id=item --map identifier=labeler",
        ));
    }
    if has("instance_id_to_label_to_value") {
        return Err(potato());
    }
    if has("HITId") && has("WorkerId") {
        return Err(mechanical_turk(columns));
    }
    if has("data_row") && has("projects") {
        return Err(other(
            "a Labelbox export, with the labels of all labelers in one row",
            "write one row per label: item from data_row.id, labeler from label_details.created_by, created_at from \
             label_details.created_at, and the label",
        ));
    }
    if has("chosen") && has("rejected") {
        return Err(other(
            "preference pairs for training, which do not say who preferred what",
            "commit the judgements they were made from: item, labeler, and a, b or tie as label",
        ));
    }
    doccano(columns, labeler)
}

fn mechanical_turk(columns: &[String]) -> RequestError {
    let first = |prefix: &str| columns.iter().find(|column| column.starts_with(prefix)).map(String::as_str);
    let item = first("Input.").unwrap_or("HITId");
    let label = first("Answer.").unwrap_or("Answer.NAME");
    other(
        "an Amazon Mechanical Turk batch",
        format!(
            "give --map {}=item --map WorkerId=labeler --map {}=label; its times are no ISO 8601 and are not kept",
            quoted(item),
            quoted(label)
        ),
    )
}

fn prodigy(source: &dyn Source, has: &dyn Fn(&str) -> bool, labeler: bool) -> RequestError {
    if !has("answer") {
        return other(
            "a Prodigy input file: it has no answers",
            "export the annotated dataset with prodigy db-out",
        );
    }
    let item = if has("_view_id") || !has("_input_hash") { "_task_hash" } else { "_input_hash" };
    let who = match ["_annotator_id", "_session_id"].into_iter().find(|column| has_values(source, column)) {
        Some(column) => format!("--map {column}=labeler"),
        None if labeler => String::new(),
        None => "--labeler NAME".to_owned(),
    };
    let when = if has("_timestamp") { "--map _timestamp=created_at" } else { "" };
    let flags = format!("--map {item}=item {who} --map answer=label {when}");
    let flags = flags.split_whitespace().collect::<Vec<_>>().join(" ");
    other("a Prodigy export", format!("for its answers (classes accept, reject, ignore) give {flags}"))
}

/// Whether some record has a value in the column: old files name a session and leave it null.
fn has_values(source: &dyn Source, name: &str) -> bool {
    let Some(column) = source.columns().iter().position(|column| column == name) else { return false };
    let mut found = false;
    source.visit(&mut |entry| {
        if let Entry::Record(_, record) = entry {
            found |= !matches!(record.cell(column), Cell::Absent | Cell::Null);
        }
    });
    found
}

/// doccano: a text or file name with a label, and nobody who gave it.
fn doccano(columns: &[String], labeler: bool) -> Result<(), RequestError> {
    let folded: Vec<String> = columns.iter().map(|column| fold(column)).collect();
    let any = |names: &[&str]| names.iter().any(|name| folded.iter().any(|column| column == name));
    let what = any(&["text", "data", "filename"]);
    let label = any(&["label", "labels", "entities", "cats", "bbox", "segmentation", "annotations"]);
    let plain = super::alias::names(crate::record::Kind::Labels, "labeler");
    let who = labeler || plain.iter().any(|name| folded.contains(&fold(name)));
    let item = any(&["item", "itemid", "questionid", "taskid", "instanceid", "unit", "unitid"]);
    if !what || !label || who || item {
        return Ok(());
    }
    let instead = match columns.iter().find(|column| fold(column) == "id") {
        Some(id) => {
            let label = columns.iter().find(|column| ["label", "labels"].contains(&fold(column).as_str()));
            let map = match label {
                Some(label) if label != "label" => {
                    format!(" --map {}=item --map {}=label", quoted(id), quoted(label))
                }
                _ => String::new(),
            };
            format!(
                "give --labeler NAME{map} for each annotator's file (its name is the only thing that says who)"
            )
        }
        None => "add an id for each row and say who labelled it: columns item and labeler".to_owned(),
    };
    Err(other("a doccano export or another file that does not say who labelled it", instead))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{Table, Value};

    fn table<'a>(columns: impl IntoIterator<Item = &'a str>) -> Table {
        Table::new(columns.into_iter().map(|name| (name.to_owned(), vec![Value::Int(1)])).collect()).unwrap()
    }

    #[test]
    fn other_tools_are_named() {
        for (columns, expected) in [
            ("text _input_hash _task_hash answer _view_id _timestamp _annotator_id", "a Prodigy export"),
            ("text _input_hash _task_hash meta", "a Prodigy input file"),
            ("id fields responses suggestions", "Argilla's nested"),
            ("id text label.responses label.responses.users", "Argilla's flattened"),
            ("id key run_id score feedback_source", "LangSmith"),
            ("id authorUserId dataType value source", "Langfuse"),
            ("span_id annotator_kind result", "Phoenix"),
            ("user_id instance_id_to_label_to_value", "Potato"),
            ("HITId AssignmentId WorkerId Input.id Answer.tone", "an Amazon Mechanical Turk batch"),
            ("data_row media_attributes projects", "a Labelbox export"),
            ("prompt chosen rejected", "preference pairs"),
            ("id text label", "a doccano export"),
            ("text labels", "a doccano export"),
        ] {
            let message = check_columns(&table(columns.split(' ')), false).unwrap_err().to_string();
            assert!(message.starts_with(&format!("this is {expected}")), "{message}");
        }
        for columns in
            ["item_id labeler label", "text label item worker", "item_id gold", "id annotator text label"]
        {
            assert_eq!(check_columns(&table(columns.split(' ')), false), Ok(()), "{columns:?}");
        }
        let keys = |names: &str| names.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert!(check_root(&keys("images annotations categories")).is_err());
        assert!(check_root(&keys("version tags shapes tracks")).is_err());
        assert!(check_root(&keys("data")).is_ok());
    }

    #[test]
    fn prodigy_gets_its_flags() {
        let columns = ["_input_hash", "_task_hash", "answer", "_view_id", "_timestamp", "_session_id"];
        let message = check_columns(&table(columns), false).unwrap_err().to_string();
        let flags =
            "--map _task_hash=item --map _session_id=labeler --map answer=label --map _timestamp=created_at";
        assert!(message.ends_with(flags), "{message}");
    }
}
