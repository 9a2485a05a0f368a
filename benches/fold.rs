//! How long a million rows take to fold: 100 records in a chain, 20 labelers, 50,000 items; without reverts and with 10.

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use hitl::base::{Digest, Timestamp};
use hitl::ledger::{How, Ledger, Loaded, Wish, plan, resolve};
use hitl::record::{
    Cascade, Filter, GuidelineRef, Kind, LabelerKind, LabelerUse, Labelers, Manifest, Origin, Policy,
    RecordId, Revert, Rows, col,
};

const RECORDS: usize = 100;
const LABELERS: usize = 20;
const ITEMS: usize = 500;

fn id(number: usize) -> RecordId {
    RecordId(Digest::of(&number.to_be_bytes()))
}

fn record(number: usize, rows: Rows, revert: Option<Revert>) -> Loaded {
    let labelers = (0..LABELERS).map(|labeler| {
        (format!("l-{labeler:02}"), LabelerUse { kind: LabelerKind::Human, rows: ITEMS as u64 })
    });
    let manifest = Manifest {
        kind: rows.kind(),
        task: rows.kind().is_judgement().then(|| "sentiment".to_owned()),
        actor: "bench".into(),
        recorded_at: Timestamp::from_micros((number as i64 + 1) * Timestamp::DAY_MICROS).expect("in range"),
        tool: "hitl".into(),
        parents: number.checked_sub(1).map(id).into_iter().collect(),
        source: None,
        schema_sha256: None,
        labelers: Labelers::Listed(labelers.collect()),
        guidelines: BTreeMap::new(),
        origins: BTreeMap::new(),
        shard: None,
        rows_root: None,
        revert,
        message: String::new(),
    };
    Loaded { id: id(number), manifest, rows }
}

/// A batch in which every labeler judges 500 items; one row in 20 judges an item of the batch before once more.
fn batch(number: usize) -> Loaded {
    let mut rows = Rows::empty(Kind::Labels);
    for item in 0..ITEMS {
        for labeler in 0..LABELERS {
            let mix = (item * 31 + labeler * 17 + number * 7) % 100;
            let owner = if mix < 5 { number.saturating_sub(1) } else { number };
            let row = rows.push_judgement(
                &format!("item-{owner:04}-{item:05}"),
                &format!("l-{labeler:02}"),
                Origin::Fresh,
            );
            rows.set_text(row, col::LABEL, ["negative", "neutral", "positive"][mix % 3]);
            rows.set_text(row, col::GUIDELINE, ["tone@1", "tone@2"][number / 50]);
            // One row in ten has no time.
            let time =
                (!mix.is_multiple_of(10)).then_some(number as i64 * Timestamp::DAY_MICROS + mix as i64);
            rows.set_time(row, col::CREATED_AT, time.and_then(Timestamp::from_micros));
        }
    }
    record(number, rows, None)
}

fn reverts() -> Vec<Loaded> {
    let by_labeler = |name: &str| Filter { labelers: vec![name.into()], ..Filter::default() };
    let by_record = |number| Filter { records: vec![id(number)], ..Filter::default() };
    let guideline = Filter { guidelines: vec![GuidelineRef("tone@1".into())], ..by_labeler("l-07") };
    let window = Filter { since: Timestamp::from_micros(90 * Timestamp::DAY_MICROS), ..Filter::default() };
    let filters = [
        by_labeler("l-03"),
        by_labeler("l-11"),
        guideline,
        window,
        by_record(5),
        by_record(17),
        by_record(40),
    ];
    let more =
        (0..3).map(|n| Filter { items: Some([format!("item-{n:04}-00001")].into()), ..Filter::default() });
    let revert = |(index, filter)| {
        let revert = Revert { filter, cascade: Cascade::None, concurrent: index % 5 == 0 };
        record(RECORDS + index, Rows::empty(Kind::Reverts), Some(revert))
    };
    filters.into_iter().chain(more).enumerate().map(revert).collect()
}

fn fold(c: &mut Criterion) {
    let batches: Vec<Loaded> = (0..RECORDS).map(batch).collect();
    let with_reverts: Vec<Loaded> = batches.iter().cloned().chain(reverts()).collect();
    let mut group = c.benchmark_group("million rows");
    group.sample_size(10);
    group.bench_function("fold", |b| {
        b.iter_batched(|| batches.clone(), Ledger::fold, BatchSize::PerIteration)
    });
    group.bench_function("fold with 10 reverts", |b| {
        b.iter_batched(|| with_reverts.clone(), Ledger::fold, BatchSize::PerIteration);
    });
    let ledger = Ledger::fold(with_reverts);
    group.bench_function("resolve", |b| {
        b.iter(|| resolve(black_box(&ledger), 0, How::by(Policy::Majority, 3)))
    });
    let rows = &batches[50].rows;
    group
        .bench_function("plan 10,000 rows", |b| b.iter(|| plan(&ledger, "sentiment", rows, Wish::default())));
    group.finish();
}

criterion_group!(benches, fold);
criterion_main!(benches);
