//! Where a record lies: derived from its manifest, never read from one.

use crate::base::Timestamp;
use crate::record::{Kind, RecordId, check_slug};

/// Returns where a record's manifest lies: `ledger/<kind>/<task or _>/<yyyy-mm>/<aa>/<id>.yaml`.
pub fn manifest_path(kind: Kind, task: Option<&str>, recorded_at: Timestamp, id: RecordId) -> String {
    format!("{}.yaml", stem(kind, task, recorded_at, id))
}

/// Returns where a record's shard lies: beside its manifest.
pub fn shard_path(kind: Kind, task: Option<&str>, recorded_at: Timestamp, id: RecordId) -> String {
    format!("{}.parquet", stem(kind, task, recorded_at, id))
}

fn stem(kind: Kind, task: Option<&str>, recorded_at: Timestamp, id: RecordId) -> String {
    let hex = id.to_string();
    format!("ledger/{kind}/{}/{}/{}/{hex}", task.unwrap_or("_"), recorded_at.month(), &hex[..2])
}

/// Returns kind and id that `path` names, and whether it is the manifest's (else the shard's).
///
/// `None` is a path that no record can have: another depth, an unknown kind, an id in the wrong folder.
pub fn id_of_path(path: &str) -> Option<(Kind, RecordId, bool)> {
    let (stem, is_manifest) = match path.strip_suffix(".yaml") {
        Some(stem) => (stem, true),
        None => (path.strip_suffix(".parquet")?, false),
    };
    let parts: Vec<&str> = stem.split('/').collect();
    let ["ledger", kind, task, month, fan, hex] = parts[..] else { return None };
    let kind: Kind = kind.parse().ok()?;
    let id: RecordId = hex.parse().ok()?;
    let task_fits = if kind.is_judgement() { check_slug("task", task).is_ok() } else { task == "_" };
    (task_fits && is_month(month) && hex[..2] == *fan).then_some((kind, id, is_manifest))
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
        assert_eq!(id_of_path(&manifest), Some((Kind::Labels, id, true)));
        let shard = shard_path(Kind::Reverts, None, at, id);
        assert_eq!(id_of_path(&shard), Some((Kind::Reverts, id, false)));
    }

    #[test]
    fn no_other_path_names_a_record() {
        let id = RecordId::of(b"format: 1\n");
        let at: Timestamp = "2026-05-04T10:20:30Z".parse().unwrap();
        let good = manifest_path(Kind::Labels, Some("tone"), at, id);
        let hex = id.to_string();
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
            String::new(),
        ] {
            assert_eq!(id_of_path(&bad), None, "{bad}");
        }
    }
}
