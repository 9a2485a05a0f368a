//! Rows that are decisions taken now: those not decided yet are left out, each says why, and of an item the ledger
//! knows.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Error;
use super::Scene;
use super::check::{self, RowFault};
use crate::base::{Timestamp, text};
use crate::dataset::Dataset;
use crate::ingest::{Import, Note, TaskRows};
use crate::ledger::{Disposition, Ledger, Plan};
use crate::record::{Kind, Rows, col};

/// Returns `import` without the rows that say neither a label nor why: a form is filled in bit by bit.
pub(super) fn decided(mut import: Import) -> Import {
    let (mut abstentions, mut undecided) = (0, 0);
    for batch in &mut import.batches {
        let rows = &batch.rows;
        let says = |row: &u32| {
            let row = *row as usize;
            rows.text(row, col::LABEL).is_some() || !is_blank(rows.text(row, col::RATIONALE))
        };
        let kept: Vec<u32> = (0..rows.len() as u32).filter(says).collect();
        if kept.len() < rows.len() {
            let of_kept = |values: &[u32]| kept.iter().map(|row| values[*row as usize]).collect();
            (batch.lines, batch.records) = (of_kept(&batch.lines), of_kept(&batch.records));
            undecided += rows.len() - kept.len();
            batch.rows = rows.take(&kept);
        }
        abstentions += batch.rows.texts(col::LABEL).iter().filter(Option::is_none).count();
    }
    import.notes.retain(|note| !matches!(note, Note::Abstentions(_)));
    if abstentions > 0 {
        import.notes.push(Note::NoLabel(abstentions));
    }
    if undecided > 0 {
        import.notes.push(Note::Undecided(undecided));
    }
    import
}

fn is_blank(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

/// Gives `rows`, those that `planned` adds, the time of deciding where they give none; one that amends another keeps
/// that one's.
pub(super) fn now(rows: &mut Rows, planned: &Plan, now: Timestamp) {
    let added = planned.added();
    for place in 0..rows.len() {
        let row = added.as_ref().map_or(place, |added| added[place] as usize);
        let amends = matches!(planned.of(row), Disposition::Amended { .. });
        if !amends && rows.time(place, col::CREATED_AT).is_none() {
            rows.set_time(place, col::CREATED_AT, Some(now));
        }
    }
}

/// Returns what keeps rows from being decisions: no reason, an item that the ledger has nothing of, another decision on
/// the same item at the same time.
///
/// # Errors
/// The ledger could not be read.
pub(super) fn faults(
    dataset: &Dataset,
    scene: &Scene<'_>,
    ledger: &Ledger,
    batch: &TaskRows,
) -> Result<Vec<RowFault>, Error> {
    let unknown = unknown_items(dataset, scene, ledger, &batch.rows)?;
    let twice = decided_twice(batch);
    let unsaid = check::faults(batch, |rows, row| {
        let hint = "say why in a column `reason`".to_owned();
        is_blank(rows.text(row, col::RATIONALE)).then(|| ("a decision says why".to_owned(), Some(hint)))
    });
    let unknown = check::faults(batch, |rows, row| {
        let item = rows.text(row, col::ITEM)?;
        let hint = unknown.get(item)?.as_ref().map(|near| format!("did you mean `{near}`?"));
        Some((format!("the ledger has nothing of item `{item}`"), hint))
    });
    let twice = check::faults(batch, |rows, row| {
        let (line, item) = (twice.get(&row)?, rows.text(row, col::ITEM)?);
        let hint = "keep one of the rows, or give each its time".to_owned();
        Some((format!("item `{item}` is decided otherwise in line {line}, as of the same time"), Some(hint)))
    });
    Ok([unsaid, unknown, twice].into_iter().flatten().collect())
}

/// Returns the rows that decide an item otherwise than an earlier row, as of the same moment, with that one's line.
fn decided_twice(batch: &TaskRows) -> BTreeMap<usize, u32> {
    let mut first: BTreeMap<(&str, Option<Timestamp>), usize> = BTreeMap::new();
    let mut twice = BTreeMap::new();
    for row in 0..batch.rows.len() {
        let key =
            (batch.rows.text(row, col::ITEM).unwrap_or_default(), batch.rows.time(row, col::CREATED_AT));
        let other = *first.entry(key).or_insert(row);
        if batch.rows.text(other, col::LABEL) != batch.rows.text(row, col::LABEL) {
            twice.insert(row, batch.lines[other]);
        }
    }
    twice
}

/// Returns the items of `rows` that `ledger`, which has at least all there is of them, has nothing of, each with the
/// one most likely meant.
fn unknown_items(
    dataset: &Dataset,
    scene: &Scene<'_>,
    ledger: &Ledger,
    rows: &Rows,
) -> Result<BTreeMap<String, Option<String>>, Error> {
    let known = known_items(ledger);
    let items = rows.texts(col::ITEM).iter().flatten();
    let unknown: BTreeSet<&str> = items.filter(|item| !known.contains(item)).collect();
    if unknown.is_empty() {
        return Ok(BTreeMap::new());
    }
    let whole = dataset.whole_ledger(&scene.view)?;
    let known = known_items(&whole);
    let near = |item: &str| text::did_you_mean(item, known.iter().copied()).map(str::to_owned);
    // Of a file of another ledger, the first few tell.
    let named = unknown.into_iter().enumerate();
    Ok(named.map(|(at, item)| (item.to_owned(), if at < NEAR { near(item) } else { None })).collect())
}

/// The one most likely meant is looked for of at most so many items.
const NEAR: usize = 20;

/// Returns the items that somebody judged, or that were committed as items.
fn known_items(ledger: &Ledger) -> BTreeSet<&str> {
    let records = ledger.records().iter().filter(|record| record.head.kind == Kind::Items);
    let committed = records.flat_map(|record| record.rows.texts(col::ITEM).iter().flatten());
    (0..ledger.items() as u32).map(|item| ledger.item_name(item)).chain(committed).collect()
}
