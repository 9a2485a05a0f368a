//! Where a record lies: derived from its manifest, never read from one.

use crate::base::{Digest, Timestamp};
use crate::record::{Kind, RecordId, check_slug};

/// Returns where a record's manifest lies: `ledger/<kind>/<task or _>/<yyyy-mm>/<aa>/<id>.yaml`.
pub fn manifest_path(kind: Kind, task: Option<&str>, recorded_at: Timestamp, id: RecordId) -> String {
    format!("{}.yaml", stem(kind, task, recorded_at, id))
}

/// Returns where a record's shard lies: beside its manifest.
pub fn shard_path(kind: Kind, task: Option<&str>, recorded_at: Timestamp, id: RecordId) -> String {
    format!("{}.parquet", stem(kind, task, recorded_at, id))
}

/// Returns where the signature of a record by the key of `fingerprint` lies: beside its manifest, as
/// `<id>.<fingerprint>.sig`.
pub fn signature_path(
    kind: Kind,
    task: Option<&str>,
    recorded_at: Timestamp,
    id: RecordId,
    fingerprint: Digest,
) -> String {
    format!("{}.{fingerprint}.sig", stem(kind, task, recorded_at, id))
}

fn stem(kind: Kind, task: Option<&str>, recorded_at: Timestamp, id: RecordId) -> String {
    let hex = id.to_string();
    format!("ledger/{kind}/{}/{}/{}/{hex}", task.unwrap_or("_"), recorded_at.month(), &hex[..2])
}

/// Which file of a record a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Its manifest.
    Manifest,
    /// Its rows.
    Shard,
    /// A signature, by the key of this fingerprint.
    Signature(Digest),
}

/// What the path of a record's file tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordPath<'a> {
    /// The record's kind.
    pub kind: Kind,
    /// Its task, of judgements.
    pub task: Option<&'a str>,
    /// The record.
    pub id: RecordId,
    /// Which of its files.
    pub part: Part,
}

/// Returns the record that `path` names, and which of its files.
///
/// `None` is a path that no record can have: another depth, an unknown kind, an id in the wrong folder.
pub fn record_of_path(path: &str) -> Option<RecordPath<'_>> {
    let (stem, part) = if let Some(stem) = path.strip_suffix(".yaml") {
        (stem, Part::Manifest)
    } else if let Some(stem) = path.strip_suffix(".parquet") {
        (stem, Part::Shard)
    } else {
        let (stem, fingerprint) = path.strip_suffix(".sig")?.rsplit_once('.')?;
        (stem, Part::Signature(fingerprint.parse().ok()?))
    };
    let parts: Vec<&str> = stem.split('/').collect();
    let ["ledger", kind, task, month, fan, hex] = parts[..] else { return None };
    let kind: Kind = kind.parse().ok()?;
    let id: RecordId = hex.parse().ok()?;
    let task_fits = if kind.is_judgement() { check_slug("task", task).is_ok() } else { task == "_" };
    let task = kind.is_judgement().then_some(task);
    (task_fits && is_month(month) && hex[..2] == *fan).then_some(RecordPath { kind, task, id, part })
}

fn is_month(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| bytes[range].iter().all(u8::is_ascii_digit);
    bytes.len() == 7
        && digits(0..4)
        && bytes[4] == b'-'
        && digits(5..7)
        && ("01"..="12").contains(&&text[5..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_its_record_name_each_other() {
        let id = RecordId::of(b"format: 1\n");
        let at: Timestamp = "2026-05-04T10:20:30Z".parse().unwrap();
        let manifest = manifest_path(Kind::Labels, Some("tone"), at, id);
        assert!(manifest.starts_with("ledger/labels/tone/2026-05/"), "{manifest}");
        let named = RecordPath { kind: Kind::Labels, task: Some("tone"), id, part: Part::Manifest };
        assert_eq!(record_of_path(&manifest), Some(named));
        let shard = shard_path(Kind::Reverts, None, at, id);
        let named = RecordPath { kind: Kind::Reverts, task: None, id, part: Part::Shard };
        assert_eq!(record_of_path(&shard), Some(named));
        let key = Digest::of(b"a key");
        let signature = signature_path(Kind::Reverts, None, at, id, key);
        assert_eq!(signature, shard.replace(".parquet", &format!(".{key}.sig")));
        assert_eq!(record_of_path(&signature), Some(RecordPath { part: Part::Signature(key), ..named }));
    }

    #[test]
    fn no_other_path_names_a_record() {
        let id = RecordId::of(b"format: 1\n");
        let at: Timestamp = "2026-05-04T10:20:30Z".parse().unwrap();
        let good = manifest_path(Kind::Labels, Some("tone"), at, id);
        let hex = id.to_string();
        let key = Digest::of(b"a key").to_string();
        for bad in [
            good.replace("labels", "label"),
            good.replace("tone", "_"),
            good.replace("tone", "Tone"),
            good.replace("2026-05", "2026-5"),
            good.replace("2026-05", "2026-13"),
            good.replace("2026-05", "é26-05"),
            good.replace(&hex, &hex.to_uppercase()),
            good.replace(".yaml", ".yml"),
            format!("/{good}"),
            format!("{good}.parquet"),
            good.replace("ledger/", "ledger//"),
            good.replace(&format!("/{}/", &hex[..2]), "/zz/"),
            good.replace(".yaml", ".sig"),
            good.replace(".yaml", &format!(".{}.sig", &key[1..])),
            good.replace(".yaml", &format!(".{}.sig", key.to_uppercase())),
            good.replace(".yaml", &format!(".{key}.{key}.sig")),
            good.replace(".yaml", &format!("{key}.sig")),
            good.replace(".yaml", &format!(".parquet.{key}.sig")),
            String::new(),
        ] {
            assert_eq!(record_of_path(&bad), None, "{bad}");
        }
    }
}
