//! What a record did, in words, as plain text.

use crate::base::text;
use crate::ledger::RecordSet;
use crate::ops::filter::FilterReport;
use crate::record::{Cascade, Filter, Kind, Labelers, Manifest, RecordId, Rows, col, guideline_key};
use crate::trace::Called;

/// Labelers that are named; of more, their number is.
const NAMED: usize = 4;

/// Returns what the record of `manifest` did; `rows` are its rows where they judge nothing, and `is_revert` tells which records
/// are reverts.
pub(super) fn words(
    manifest: &Manifest,
    rows: &Rows,
    is_revert: impl Fn(&RecordId) -> bool,
    called: &Called,
) -> String {
    let count = manifest.shard.map_or(0, |shard| usize::try_from(shard.rows).unwrap_or(usize::MAX));
    match manifest.kind {
        Kind::Labels | Kind::Corrections | Kind::Adjudications | Kind::Predictions => {
            let task = manifest.task.as_deref().unwrap_or_default();
            let noun = manifest.kind.noun(count);
            format!(
                "{} {task} {noun} by {}{}",
                text::thousands(count),
                people(&manifest.labelers, called),
                origin(manifest)
            )
        }
        Kind::Items => format!("{}{}", text::count(count, "item"), origin(manifest)),
        Kind::Guidelines => guidelines(rows),
        Kind::Reverts => revert(manifest, rows, is_revert),
        Kind::Joins => format!("makes {} one", text::count(manifest.parents.len(), "head")),
    }
}

fn revert(manifest: &Manifest, rows: &Rows, is_revert: impl Fn(&RecordId) -> bool) -> String {
    let Some(revert) = &manifest.revert else { return "takes back nothing".to_owned() };
    let named = &revert.filter.records;
    if named.len() == 1 && is_revert(&named[0]) {
        return format!("takes back revert {}", named[0].short());
    }
    match FilterReport::new(revert, rows).words() {
        words if words.is_empty() => "takes back all judgements".to_owned(),
        words => format!("takes back judgements {words}"),
    }
}

fn people(labelers: &Labelers, called: &Called) -> String {
    match labelers {
        Labelers::Listed(listed) if listed.len() <= NAMED => {
            let one = |(id, used): (&String, &crate::record::LabelerUse)| match listed.len() {
                1 => called.of(id),
                _ => format!("{} ({})", called.of(id), used.rows),
            };
            listed.iter().map(one).collect::<Vec<_>>().join(", ")
        }
        Labelers::Listed(listed) => text::count(listed.len(), "labeler"),
        Labelers::InShard => "many labelers".to_owned(),
    }
}

/// Returns how many rows the revert `number` of `set` covers, where the manifests tell: it chooses by record, labeler, kind
/// and task alone, and takes back no judgements built on these.
pub(super) fn covered(set: &RecordSet, number: usize) -> Option<u64> {
    let revert = set.records()[number].manifest.revert.as_ref()?;
    let Filter { records, labelers, guidelines, kinds, tasks, origins, items, since, until } = &revert.filter;
    let by_row = !guidelines.is_empty() || !origins.is_empty() || items.is_some();
    let by_time = since.is_some() || until.is_some();
    let of_reverts = records
        .iter()
        .filter_map(|id| set.find(id))
        .any(|number| set.records()[number].head.kind == Kind::Reverts);
    if by_row || by_time || of_reverts || revert.cascade != Cascade::None {
        return None;
    }
    let chosen =
        Filter { records: records.clone(), kinds: kinds.clone(), tasks: tasks.clone(), ..Filter::default() };
    let within = |other: usize| match revert.concurrent {
        true => other != number && !set.descends(other, number),
        false => set.descends(number, other),
    };
    let mut all = 0;
    for (other, record) in set.records().iter().enumerate() {
        let task = record.head.task.as_deref().unwrap_or_default();
        let kind = record.head.kind;
        if !kind.is_judgement() || !chosen.covers_record(&record.id, kind, task) || !within(other) {
            continue;
        }
        all += match &record.manifest.labelers {
            _ if labelers.is_empty() => record.manifest.shard.map_or(0, |shard| shard.rows),
            Labelers::Listed(listed) => labelers.iter().filter_map(|id| Some(listed.get(id)?.rows)).sum(),
            Labelers::InShard => return None,
        };
    }
    Some(all)
}

/// Returns the file and the guidelines, with a space before them.
fn origin(manifest: &Manifest) -> String {
    let under: Vec<&str> = manifest.guidelines.keys().map(String::as_str).collect();
    let under = if under.is_empty() { String::new() } else { format!(" under {}", under.join(", ")) };
    let from = manifest.source.as_ref().map(|source| format!(" from {}", source.file)).unwrap_or_default();
    under + &from
}

fn guidelines(rows: &Rows) -> String {
    let one = |row: usize| {
        let text = |column| rows.text(row, column).unwrap_or_default();
        let key = guideline_key(text(col::GUIDELINE_NAME), text(col::VERSION));
        format!(
            "{key}, a {} change, sha256 {}",
            text(col::CHANGE),
            crate::base::Digest::of(text(col::GUIDELINE_TEXT).as_bytes()).short(10)
        )
    };
    match rows.len() {
        0 => "a guideline version".to_owned(),
        len => (0..len).map(one).collect::<Vec<_>>().join("; "),
    }
}
