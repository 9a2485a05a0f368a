//! What `hitl agreement` computes, on synthetic labels: 50 labelers, 5 classes, 3 labels an item, in file order.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use hitl::agreement::{Options, Pairs, Tallies, measure};
use hitl::record::{Kind, Origin, Rows, col};
use hitl::table::Table;

/// A reproducible stream of numbers: SplitMix64.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % limit
    }
}

fn rows(count: usize, labelers: u64, classes: u64) -> Rows {
    let mut numbers = Numbers(1);
    let mut rows = Rows::empty(Kind::Labels);
    for row in 0..count {
        let first = numbers.below(labelers / 3);
        let labeler = first + row as u64 % 3 * (labelers / 3);
        let truth = row as u64 / 3 % classes;
        let class = if numbers.below(10) < 7 { truth } else { numbers.below(classes) };
        let place = rows.push_judgement(
            &format!("item-{:07}", row / 3),
            &format!("labeler-{labeler:03}"),
            Origin::Fresh,
        );
        rows.set_text(place, col::LABEL, &format!("class-{class:02}"));
    }
    rows
}

fn agreement(criterion: &mut Criterion) {
    for (name, count, labelers, classes) in
        [("100k", 100_000, 50, 5), ("1M", 1_000_000, 50, 5), ("1M wide", 1_000_000, 200, 50)]
    {
        let rows = rows(count, labelers, classes);
        let table = Table::from_rows(&rows, None);
        let mut group = criterion.benchmark_group(format!("agreement {name}"));
        group.throughput(Throughput::Elements(count as u64)).sample_size(10);
        group.bench_function("table from rows", |bench| bench.iter(|| Table::from_rows(&rows, None)));
        group.bench_function("tallies", |bench| bench.iter(|| Tallies::of(&table)));
        group.bench_function("pairs", |bench| bench.iter(|| Pairs::of(&table)));
        group.bench_function("measure", |bench| {
            bench.iter_batched(
                || (),
                |()| measure(&table, None, &Options::default()),
                BatchSize::PerIteration,
            )
        });
        group.finish();
    }
}

criterion_group!(benches, agreement);
criterion_main!(benches);
