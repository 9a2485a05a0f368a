//! What 100,000 labels cost: encoding, decoding, their Merkle root.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use criterion::{Criterion, criterion_group, criterion_main};
use hitl::base::{Digest, Timestamp};
use hitl::record::{Kind, Origin, Rows, Shard, col, rows_root, sort};
use hitl::shard::{Limits, decode, encode};

fn labels(count: i64) -> Rows {
    let mut rows = Rows::empty(Kind::Labels);
    for n in 0..count {
        let labeler = format!("worker-{:03}", n * 7919 % 164);
        let row = rows.push_judgement(&format!("item-{:06}", n / 5), &labeler, Origin::Fresh);
        rows.set_text(row, col::LABEL, ["negative", "neutral", "positive"][(n * 31 % 3) as usize]);
        rows.set_text(row, col::GUIDELINE, "tone@2");
        rows.set_time(row, col::CREATED_AT, Timestamp::from_micros(1_750_000_000_000_000 + n * 7_654_321));
        rows.set_int(row, col::DURATION_MS, Some(n * 7919 % 90_000));
    }
    sort(&rows)
}

fn shard(criterion: &mut Criterion) {
    let rows = labels(100_000);
    let bytes = encode(&rows, None).expect("valid rows");
    let expected = Shard { sha256: Digest::of(&bytes), bytes: bytes.len() as u64, rows: rows.len() as u64 };
    let mut group = criterion.benchmark_group("100k labels");
    group.sample_size(10);
    group.bench_function("encode", |bench| bench.iter(|| encode(&rows, None)));
    group.bench_function("decode", |bench| {
        bench.iter(|| decode(&bytes, Kind::Labels, &expected, &Limits::SHARD))
    });
    group.bench_function("root", |bench| bench.iter(|| rows_root(&rows)));
    group.finish();
}

criterion_group!(benches, shard);
criterion_main!(benches);
