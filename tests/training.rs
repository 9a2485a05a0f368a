//! What training sets are made of, on corrections that people really made: needs `../shared/data`; says what it skips
//! without it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use hitl::corrections::{Answers, Example};
use hitl::edit::{EditKind, Wording, edits, wording};
use hitl::record::Verdict;
use hitl::training::few_shot::{Ask, Index, pack};
use serde_json::Value;

/// Examples in a pack.
const PACK: usize = 5;
/// Resamples of the bootstrap.
const RESAMPLES: usize = 1000;

/// A folder of the data that is kept beside the project.
#[expect(clippy::print_stderr, reason = "a test says that it was skipped")]
fn data(name: &str) -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = above.map(|folder| folder.join("shared/data").join(name)).find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("skipped: needs ../shared/data/{name}");
    }
    found
}

/// Every correction of the files that changes something, item by item.
fn corrections(folder: &Path, files: &[&str]) -> Vec<Example> {
    let texts = files.iter().map(|file| std::fs::read_to_string(folder.join(file)).unwrap());
    let lines: Vec<Value> = texts
        .flat_map(|text| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<_>>())
        .collect();
    let text = |line: &Value, field: &str| line[field].as_str().unwrap().to_owned();
    let example = |line: &Value| Example {
        item: text(line, "item_id"),
        split: None,
        original: Some(text(line, "original")),
        corrected: Some(text(line, "corrected")),
        verdict: Verdict::Corrected,
        adjudicated: false,
        votes: 1,
        labelers: vec![text(line, "labeler")],
        reasons: vec![],
        categories: vec![],
        severity: None,
        source: None,
        context: None,
        answers: Answers::Itself,
        guidelines: vec![],
        records: vec![],
    };
    let mut examples: Vec<Example> =
        lines.iter().map(example).filter(|one| one.original != one.corrected).collect();
    examples.sort_by(|a, b| a.item.cmp(&b.item));
    examples
}

/// The wordings of each example's edits, as numbers, and the kind of each wording.
fn wordings(examples: &[Example]) -> (Vec<BTreeSet<usize>>, Vec<EditKind>) {
    let (mut numbers, mut kinds) = (BTreeMap::<Wording, usize>::new(), Vec::new());
    let of = |example: &Example| {
        let (original, corrected) =
            (example.original.as_deref().unwrap(), example.corrected.as_deref().unwrap());
        let edits = edits(original, corrected);
        let told = edits.iter().filter(|edit| edit.kind != EditKind::Rewrite);
        let number = |edit| {
            let next = kinds.len();
            let number = *numbers.entry(wording(edit, original, corrected)).or_insert(next);
            if number == next {
                kinds.push(edit.kind);
            }
            number
        };
        told.map(number).collect()
    };
    (examples.iter().map(of).collect(), kinds)
}

/// Of the corrections of one item: how many packs hold one with the same edit, how many of as many random choices, and how
/// many corrections there are.
type Found = (f64, f64, f64);

/// Leaves out one item after another.
fn leave_one_out(examples: &[Example], wordings: &[BTreeSet<usize>], packs: &[Vec<usize>]) -> Vec<Found> {
    let mut having: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, of_one) in wordings.iter().enumerate() {
        of_one.iter().for_each(|wording| having.entry(*wording).or_default().push(number));
    }
    let items: Vec<usize> = examples.chunk_by(|a, b| a.item == b.item).map(<[Example]>::len).collect();
    let item_of: Vec<usize> = items.iter().enumerate().flat_map(|(item, size)| vec![item; *size]).collect();
    let mut found = vec![(0.0, 0.0, 0.0); items.len()];
    for (number, wanted) in wordings.iter().enumerate().filter(|(_, wanted)| !wanted.is_empty()) {
        let item = item_of[number];
        let mut same: Vec<usize> = wanted.iter().flat_map(|wording| &having[wording]).copied().collect();
        same.sort_unstable();
        same.dedup();
        same.retain(|one| item_of[*one] != item);
        let misses = same
            .chunk_by(|a, b| item_of[*a] == item_of[*b])
            .map(|hits| 1.0 - hits.len() as f64 / items[item_of[hits[0]]] as f64);
        found[item].0 += f64::from(u8::from(packs[item].iter().any(|one| same.binary_search(one).is_ok())));
        found[item].1 += by_chance(&misses.collect::<Vec<f64>>(), items.len() - 1);
        found[item].2 += 1.0;
    }
    found
}

/// How probable it is that one correction of each of five other items, items and corrections drawn at random, holds the
/// same edit: 1 − e₅(q) / C(others, 5), where q is for each item the share of its corrections without it, given in
/// `misses` where that is not 1, and e₅ the elementary symmetric polynomial.
fn by_chance(misses: &[f64], others: usize) -> f64 {
    let mut polynomial = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    for miss in misses {
        (1..=PACK).rev().for_each(|degree| polynomial[degree] += polynomial[degree - 1] * miss);
    }
    let choose = |n: usize, k: usize| (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product::<f64>();
    let untouched = others - misses.len();
    let none: f64 = (0..=PACK).map(|degree| polynomial[degree] * choose(untouched, PACK - degree)).sum();
    1.0 - none / choose(others, PACK)
}

/// The ratio of the two rates, and its 95 % percentile interval over items drawn with replacement.
fn ratio(found: &[Found]) -> (f64, f64, f64) {
    let of = |chosen: &mut dyn Iterator<Item = &Found>| {
        let (packed, random) = chosen.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        packed / random
    };
    let mut state = 1_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        &found[(state >> 33) as usize % found.len()]
    };
    let mut resampled: Vec<f64> = (0..RESAMPLES)
        .map(|_| of(&mut (0..found.len()).map(|_| draw()).collect::<Vec<_>>().into_iter()))
        .collect();
    resampled.sort_by(f64::total_cmp);
    (of(&mut found.iter()), resampled[RESAMPLES / 40], resampled[RESAMPLES - 1 - RESAMPLES / 40])
}

/// The pack of five for every item, made from all others, as numbers of examples.
fn packs(examples: &[Example]) -> Vec<Vec<usize>> {
    let items: Vec<&Example> =
        examples.chunk_by(|a, b| a.item == b.item).map(|of_item| &of_item[0]).collect();
    let inputs: Vec<&str> = items.iter().map(|one| one.original.as_deref().unwrap()).collect();
    let index = Index::new(examples, &inputs);
    let number = |item: &str, output: &str| {
        let first = examples.partition_point(|one| one.item.as_str() < item);
        first + examples[first..].iter().position(|one| one.corrected.as_deref() == Some(output)).unwrap()
    };
    let of = |(item, input): (&&Example, &&str)| {
        let ask = Ask { input, examples: PACK, max_chars: usize::MAX, without: Some(&item.item) };
        let pack = pack(&index, &ask, &[]);
        assert!(pack.examples.iter().all(|shot| shot.item != item.item && shot.input.trim() != input.trim()));
        pack.examples.iter().map(|shot| number(&shot.item, &shot.output)).collect()
    };
    items.iter().zip(&inputs).map(of).collect()
}

#[expect(clippy::print_stdout, reason = "the figures of docs/training.md")]
fn measure(name: &str, examples: &[Example]) -> Vec<(f64, f64, f64)> {
    let packs = packs(examples);
    let (all, kinds) = wordings(examples);
    let is_of_words = |wording: &usize| {
        !matches!(kinds[*wording], EditKind::Whitespace | EditKind::Case | EditKind::Punctuation)
    };
    let of_words = all.iter().map(|of_one| of_one.iter().copied().filter(is_of_words).collect()).collect();
    let measure = |(what, wordings): (&str, Vec<BTreeSet<usize>>)| {
        let found = leave_one_out(examples, &wordings, &packs);
        let sum = |part: fn(&Found) -> f64| found.iter().map(part).sum::<f64>();
        let (packed, random, n) = (sum(|one| one.0), sum(|one| one.1), sum(|one| one.2));
        let (ratio, low, high) = ratio(&found);
        println!(
            "{name}, {what}: {n} corrections, pack {:.4}, random {:.4}, ratio {ratio:.3} [{low:.3}, {high:.3}]",
            packed / n,
            random / n
        );
        (ratio, low, high)
    };
    [("edits of words", of_words), ("all edits", all)].map(measure).to_vec()
}

#[test]
fn a_pack_of_five_holds_the_same_edit_twice_as_often_as_chance() {
    let Some(folder) = data("jfleg") else { return };
    let examples = corrections(&folder, &["corrections_dev.jsonl", "corrections_test.jsonl"]);
    let found = measure("jfleg", &examples);
    assert!(found.iter().all(|(ratio, low, _)| *ratio >= 2.0 && *low > 1.0), "{found:?}");
}

#[test]
fn words_of_one_character_do_too() {
    let Some(folder) = data("mucgec-dev") else { return };
    let examples = corrections(&folder, &["corrections.jsonl"]);
    let found = measure("mucgec-dev", &examples);
    assert!(found.iter().all(|(ratio, low, _)| *ratio >= 1.5 && *low > 1.0), "{found:?}");
}
