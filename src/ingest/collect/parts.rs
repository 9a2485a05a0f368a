//! Small parts of reading one record.

use serde_json::{Map, Value};

use super::batch::Fields;
use crate::base::json;
use crate::ingest::cell::Cell;
use crate::ingest::plan::field;
use crate::ingest::values::{Staged, Trouble};
use crate::record::{Kind, LabelerKind, UnknownWord, Verdict, col};

pub(super) fn tally(count: &mut (usize, String), id: &str) {
    if count.0 == 0 {
        count.1 = id.to_owned();
    }
    count.0 += 1;
}

/// Whether an id looks like `1.23E+05`.
pub(super) fn is_rounded(id: &str) -> bool {
    id.as_bytes().contains(&b'+')
        && id.split_once("E+").is_some_and(|(digits, exponent)| {
            digits.starts_with(|c: char| c.is_ascii_digit())
                && digits.contains(['.', ','])
                && digits.bytes().all(|byte| byte.is_ascii_digit() || b".,".contains(&byte))
                && !exponent.is_empty()
                && exponent.bytes().all(|byte| byte.is_ascii_digit())
        })
}

pub(super) fn kind_of_labeler(cell: Cell<'_>) -> Result<Option<LabelerKind>, Trouble> {
    match cell {
        Cell::Absent | Cell::Null => Ok(None),
        Cell::Text(given) | Cell::Scalar(given) => {
            given.parse().map(Some).map_err(|error: UnknownWord| Trouble::new(error.to_string()))
        }
        Cell::Nested(_) => Err(Trouble::new("a structure where the labeler's kind is wanted")),
    }
}

/// A correction that does not say: equal texts approve, no text rejects, another text corrects.
pub(super) fn default_verdict(staged: &mut Fields<'_>) {
    if staged[col::VERDICT] != Staged::Null {
        return;
    }
    let verdict = match (&staged[col::ORIGINAL], &staged[col::CORRECTED]) {
        (_, Staged::Null) => Verdict::Rejected,
        (original, corrected) if original == corrected => Verdict::Approved,
        _ => Verdict::Corrected,
    };
    staged[col::VERDICT] = Staged::Text(verdict.as_str().into());
}

pub(super) fn collect_metadata(metadata: &mut Map<String, Value>, name: &str, cell: Cell<'_>) {
    let value = match cell {
        Cell::Absent | Cell::Null => return,
        Cell::Text(text) => text.into(),
        Cell::Scalar(given) => serde_json::from_str(given).unwrap_or_else(|_| given.into()),
        Cell::Nested(value) => value.clone(),
    };
    metadata.insert(name.to_owned(), value);
}

/// Joins the file's own `metadata` with the columns that are nothing else.
pub(super) fn put_metadata(staged: &mut Fields<'_>, mut metadata: Map<String, Value>) {
    let Some(field) = field(Kind::Items, "metadata") else { return };
    if let Staged::Text(given) = &staged[field]
        && let Ok(Value::Object(own)) = serde_json::from_str(given)
    {
        metadata.extend(own);
    }
    if !metadata.is_empty() {
        staged[field] = Staged::Text(json::canonical(&Value::Object(metadata)).into());
    }
}
