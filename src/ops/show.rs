//! `show`: one record in full.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::log::{LogEntry, entry};
use super::{Error, resolve_record, standings};
use crate::authority::Standing;
use crate::base::Digest;
use crate::dataset::{At, Dataset};
use crate::ledger::Ledger;
use crate::record::{Column, Kind, Origin, Rows, Source, schema};

/// What `show` tells.
#[derive(Clone, Debug, Serialize)]
pub struct ShowReport {
    /// `hitl.show/1`.
    pub schema: &'static str,
    /// The records: one, or all that a Git revision added.
    pub records: Vec<RecordReport>,
}

/// One record in full.
#[derive(Clone, Debug, Serialize)]
pub struct RecordReport {
    /// What `log` tells of it.
    #[serde(flatten)]
    pub entry: LogEntry,
    /// Its manifest's path.
    pub path: String,
    /// The program that wrote it.
    pub tool: String,
    /// Who signed it, and whether it counts; null where nothing is committed.
    pub standing: Option<Standing>,
    /// The records it was made on top of.
    pub parents: Vec<String>,
    /// Where it came from.
    pub read_from: Option<SourceReport>,
    /// Rows of each origin.
    pub origins: BTreeMap<Origin, u64>,
    /// Merkle root over its canonical rows.
    pub rows_root: Option<Digest>,
    /// Size of its Parquet file.
    pub shard_bytes: Option<u64>,
    /// Live reverts that cover rows of it.
    pub reverted_by: Vec<String>,
    /// Its first rows: a value a field, null where absent.
    pub rows_shown: Vec<serde_json::Map<String, Value>>,
}

/// Where a record came from.
#[derive(Clone, Debug, Serialize)]
pub struct SourceReport {
    /// The file's name.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// Its length.
    pub bytes: u64,
    /// The format it was read as.
    pub detected: String,
    /// Column → field.
    pub mapping: BTreeMap<String, String>,
    /// Flags that changed how it was read.
    pub flags: Vec<String>,
}

impl From<&Source> for SourceReport {
    fn from(source: &Source) -> Self {
        Self {
            file: source.file.clone(),
            sha256: source.sha256,
            bytes: source.bytes,
            detected: source.detected.clone(),
            mapping: source.mapping.clone(),
            flags: source.flags.clone(),
        }
    }
}

/// Shows the record, or records, that `given` names, with at most `limit` rows each.
///
/// # Errors
/// It names nothing, or a prefix of several records.
pub fn show(dataset: &Dataset, at: &At, given: &str, limit: usize) -> Result<ShowReport, Error> {
    let view = dataset.view(at)?;
    let commits =
        dataset.commits(view.commit.as_ref(), view.ledger.records().iter().map(|record| record.id))?;
    let ledger = &view.ledger;
    let mut records = Vec::new();
    let ids = resolve_record(dataset, &view, given)?;
    let mut standings = match &view.commit {
        Some(commit) => {
            let shown = ids.iter().copied().collect();
            standings::standings(dataset, commit, ledger.record_set(), &shown)?
        }
        None => BTreeMap::new(),
    };
    for id in ids {
        let index = ledger.find_record(&id).ok_or_else(|| Error::UnknownRecord {
            given: given.to_owned(),
            why: "the commit it was added by is not part of this state".to_owned(),
        })?;
        let record = &ledger.records()[index];
        let (reverted, reverted_by) = coverage(ledger, index);
        let live = (record.head.kind == Kind::Reverts).then(|| ledger.is_live_revert(index));
        let manifest = &record.manifest;
        let rows = ledger.rows_of(index);
        records.push(RecordReport {
            entry: entry(record, reverted, live, commits.get(&id)),
            path: view.path(&id).unwrap_or_default(),
            tool: manifest.tool.clone(),
            standing: standings.remove(&id),
            parents: manifest.parents.iter().map(ToString::to_string).collect(),
            read_from: manifest.source.as_ref().map(SourceReport::from),
            origins: manifest.origins.clone(),
            rows_root: manifest.rows_root,
            shard_bytes: manifest.shard.map(|shard| shard.bytes),
            reverted_by,
            rows_shown: (0..rows.len().min(limit)).map(|row| row_json(rows, row)).collect(),
        });
    }
    Ok(ShowReport { schema: "hitl.show/1", records })
}

/// Returns how many rows of a record are taken back, and by which reverts.
fn coverage(ledger: &Ledger, record: usize) -> (usize, Vec<String>) {
    let mut reverted = 0;
    let mut by = std::collections::BTreeSet::new();
    for judgement in ledger.judgements() {
        let covered =
            |carrier: &&crate::ledger::Carrier| carrier.record as usize == record && carrier.reverted;
        let rows = ledger.carriers(judgement).iter().filter(covered).count();
        if rows > 0 {
            reverted += rows;
            by.extend(ledger.reverted_by(judgement));
        }
    }
    (reverted, by.into_iter().map(|index| ledger.records()[index].id.to_string()).collect())
}

/// Returns one row as JSON, a member a field, in schema order.
pub(super) fn row_json(rows: &Rows, row: usize) -> serde_json::Map<String, Value> {
    let value = |column: &Column| match column {
        Column::Text(values) => values.get(row).map(Value::from),
        Column::Time(_) => None,
        Column::Int(values) => values[row].map(Value::from),
        Column::Float(values) => values[row].map(float_json),
        Column::Bool(values) => values[row].map(Value::from),
        Column::Texts(values) => values[row].clone().map(Value::from),
        Column::Floats(values) => {
            values[row].as_ref().map(|list| list.iter().copied().map(float_json).collect())
        }
    };
    let fields = schema(rows.kind()).iter().enumerate().map(|(index, field)| {
        let time = matches!(rows.columns()[index], Column::Time(_));
        let json = if time {
            rows.time(row, index).map(|time| Value::from(time.to_string()))
        } else {
            value(&rows.columns()[index])
        };
        (field.name.to_owned(), json.unwrap_or(Value::Null))
    });
    fields.collect()
}

/// Returns a single-precision number as the shortest decimal that reads back as it: 0.9, never 0.8999999762.
pub(super) fn float_json(value: f32) -> Value {
    value.to_string().parse::<f64>().map_or(Value::Null, Value::from)
}
