//! Mines reviews made up at scale, or those of a file of transactions, and says how long it took.
//!
//!     cargo run --release --example mine -- text 1000000 [rows-per-item] [beam]
//!     cargo run --release --example mine -- labels 10000000 [rows-per-item] [beam]
//!     cargo run --release --example mine -- write labels 20000 out.txt
//!     cargo run --release --example mine -- file out.txt [beam]
//!
//! A file has a row a line: predicates, ` | `, edits.
#![allow(clippy::print_stdout, reason = "a program that says how long something took")]

use std::collections::BTreeMap;
use std::time::Instant;

use hitl::patterns::mine::{Lists, Options, Reviews, Status, mine};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rand_distr::{Distribution, Zipf};

fn below(bound: u32, rng: &mut ChaCha8Rng) -> u32 {
    ((u64::from(rng.next_u32()) * u64::from(bound)) >> 32) as u32
}

struct Builder {
    reviews: Reviews,
    rows_per_item: u32,
}

impl Builder {
    fn new(rows_per_item: u32) -> Self {
        let mut reviews = Reviews::default();
        reviews.predicates.starts.push(0);
        reviews.edits.starts.push(0);
        Self { reviews, rows_per_item }
    }

    fn push(&mut self, labeler: u32, predicates: &mut Vec<u32>, edits: &mut Vec<u32>) {
        let reviews = &mut self.reviews;
        let item = reviews.items.len() as u32 / self.rows_per_item;
        reviews.items.push(item);
        reviews.labelers.push(labeler);
        reviews.held_out.push(item.wrapping_mul(2_654_435_761) >> 30 == 0);
        for (lists, row) in [(&mut reviews.predicates, predicates), (&mut reviews.edits, edits)] {
            row.sort_unstable();
            row.dedup();
            lists.values.append(row);
            lists.starts.push(lists.values.len());
        }
    }

    fn done(mut self) -> Reviews {
        let count = |lists: &Lists| lists.values.iter().max().map_or(0, |most| *most as usize + 1);
        self.reviews.predicate_count = count(&self.reviews.predicates);
        self.reviews.edit_count = count(&self.reviews.edits);
        self.reviews.ranks = (0..self.reviews.predicate_count as u32).collect();
        self.reviews
    }
}

/// 30 words of 50 000 by Zipf, their 29 pairs, 10 columns of metadata; some words call for an edit four times in five.
fn text(rows: u32, rows_per_item: u32) -> Reviews {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let words = Zipf::new(50_000.0, 1.0).expect("a law");
    let others = Zipf::new(20_000.0, 1.0).expect("a law");
    let columns = [8, 4, 5, 10, 6, 3, 20, 50, 200, 1000];
    let mut pairs = BTreeMap::<u64, u32>::new();
    let mut builder = Builder::new(rows_per_item);
    for _ in 0..rows {
        let sentence: Vec<u32> = (0..30).map(|_| words.sample(&mut rng) as u32 - 1).collect();
        let mut predicates = sentence.clone();
        let mut start = 50_000;
        let mut labeler = 0;
        for (place, size) in columns.into_iter().enumerate() {
            let value = below(size, &mut rng);
            predicates.push(start + value);
            start += size;
            labeler = if place == 0 { value } else { labeler };
        }
        for pair in sentence.windows(2) {
            let next = start + pairs.len() as u32;
            predicates.push(*pairs.entry(u64::from(pair[0]) << 32 | u64::from(pair[1])).or_insert(next));
        }
        let mut edits = Vec::new();
        if below(10, &mut rng) < 6 {
            edits.extend((0..2).map(|_| others.sample(&mut rng) as u32 - 1));
        }
        for word in sentence {
            if (200..4200).contains(&word) && word % 20 == 0 && below(10, &mut rng) < 8 {
                edits.push(word * 4 + 100);
            }
        }

        builder.push(labeler, &mut predicates, &mut edits);
    }
    builder.done()
}

/// 8 columns; an edit of 20 on 3 rows of 10, and three rules of two columns and one of three.
fn labels(rows: u32, rows_per_item: u32) -> Reviews {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let columns = [20u32, 5, 4, 10, 8, 50, 100, 3];
    let mut builder = Builder::new(rows_per_item);
    for _ in 0..rows {
        let values: Vec<u32> = columns.iter().map(|size| below(*size, &mut rng)).collect();
        let mut edits = Vec::new();
        if below(10, &mut rng) < 3 {
            edits.push(below(20, &mut rng));
        }
        let rules = [
            values[1] == 0 && values[3] == 1,
            values[2] == 3 && values[5] == 7,
            values[4] == 2 && values[6] == 9,
            values[1] == 2 && values[4] == 4 && values[7] == 1,
        ];
        for (rule, edit) in rules.into_iter().zip(0..) {
            if rule && below(10, &mut rng) < 8 {
                edits = vec![edit];
            }
        }
        let mut start = 0;
        let mut predicates = Vec::new();
        for (value, size) in values.iter().zip(columns) {
            predicates.push(start + value);
            start += size;
        }
        builder.push(values[0], &mut predicates, &mut edits);
    }
    builder.done()
}

fn write(reviews: &Reviews, path: &str) {
    let join = |ids: &[u32]| ids.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
    let line = |row| format!("{} | {}\n", join(reviews.predicates.row(row)), join(reviews.edits.row(row)));
    std::fs::write(path, (0..reviews.items.len()).map(line).collect::<String>()).expect("a path to write to");
}

fn read(path: &str) -> Reviews {
    let mut builder = Builder::new(1);
    for (line, row) in std::fs::read_to_string(path).expect("a file").lines().zip(0..) {
        let (predicates, edits) = line.split_once('|').expect("predicates | edits");
        let ids = |text: &str| text.split_whitespace().map(|id| id.parse().expect("an id")).collect();
        builder.push(row % 7, &mut ids(predicates), &mut ids(edits));
    }
    // Peers hold nothing out.
    builder.reviews.held_out.fill(false);
    builder.done()
}

fn number(arguments: &[String], place: usize, otherwise: u32) -> u32 {
    arguments.get(place).map_or(otherwise, |text| text.parse().expect("a number"))
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let kind = arguments.first().map_or("labels", String::as_str);
    let make = |kind: &str, rows, rows_per_item| match kind {
        "text" => text(rows, rows_per_item),
        _ => labels(rows, rows_per_item),
    };
    if kind == "write" {
        return write(&make(&arguments[1], number(&arguments, 2, 20_000), 1), &arguments[3]);
    }
    let (reviews, beam) = match kind {
        "file" => (read(&arguments[1]), number(&arguments, 2, 8)),
        kind => {
            let reviews = make(kind, number(&arguments, 1, 100_000), number(&arguments, 2, 1));
            (reviews, number(&arguments, 3, 8))
        }
    };
    let options = Options { beam: beam as usize, ..Options::default() };
    let start = Instant::now();
    let mined = mine(&reviews, &options);
    let took = start.elapsed().as_secs_f64();
    let accepted = mined.rules.iter().filter(|rule| rule.status == Status::Accepted).count();
    println!(
        "{took:.4} s  rules {}  accepted {accepted}  redundant {}  tested {}  predicates {}  edits {}",
        mined.rules.len(),
        mined.redundant,
        mined.tested,
        reviews.predicate_count,
        reviews.edit_count,
    );
    for rule in mined.rules.iter().take(number(&arguments, 4, 0) as usize) {
        println!(
            "{:?} => {} {}/{} p {:e} q {:e} {:?}",
            rule.when, rule.edit, rule.support, rule.matches, rule.p, rule.q, rule.status
        );
    }
}
