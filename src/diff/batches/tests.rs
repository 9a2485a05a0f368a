//! Laws of two sides side by side, and what is counted of small ones.

use proptest::prelude::*;

use super::*;

fn label<'a>(item: &'a str, labeler: &'a str, label: &'a str) -> Said<'a> {
    let answer = Answer::Label(Some(label));
    Said { task: "tone", kind: Kind::Labels, item, labeler, created_at: None, answer }
}

fn fix<'a>(item: &'a str, labeler: &'a str, corrected: &'a str) -> Said<'a> {
    let answer = Answer::Correction {
        verdict: Verdict::Corrected,
        original: Some("a cat"),
        corrected: Some(corrected),
    };
    Said { task: "fluency", kind: Kind::Corrections, item, labeler, created_at: None, answer }
}

fn side<'a>(name: &str, said: &[Said<'a>]) -> Side<'a> {
    Side { name: name.into(), said: said.to_vec(), ..Side::default() }
}

fn of<'a>(a: &[Said<'a>], b: &[Said<'a>]) -> BatchDiff {
    compare(&side("A", a), &side("B", b), None)
}

fn cells(part: &PartDiff) -> Vec<(Option<&str>, Option<&str>, u64)> {
    part.transitions.iter().map(|cell| (cell.before.as_deref(), cell.after.as_deref(), cell.count)).collect()
}

#[test]
fn labels_are_compared_by_labeler_and_else_across() {
    let a = [
        label("1", "ana", "good"),
        label("1", "bob", "bad"),
        label("2", "ana", "good"),
        label("3", "ana", "bad"),
    ];
    let b = [
        label("1", "ana", "good"),
        label("1", "bob", "good"),
        label("2", "cid", "bad"),
        label("4", "ana", "bad"),
    ];
    let report = of(&a, &b);
    let part = &report.parts[0];
    assert_eq!(part.items, ItemCounts { only_a: 1, only_b: 1, both: 2, alike: 0, differently: 2 });
    assert_eq!((part.pairs, part.pairs_alike), (3, 1));
    assert_eq!(
        cells(part),
        [(Some("bad"), Some("good"), 1), (Some("good"), Some("bad"), 1), (Some("good"), Some("good"), 1)]
    );
    assert_eq!((&part.only_a[..], &part.only_b[..]), (&["3".to_owned()][..], &["4".to_owned()][..]));
    let first = &part.differing[0];
    assert_eq!((first.item.as_str(), first.versions.len()), ("1", 2));
    assert_eq!(
        (first.versions[1].a.join(" "), first.versions[1].b.join(" ")),
        ("ana".into(), "ana bob".into())
    );
    assert!(!report.same && part.corrections.is_none());
}

#[test]
fn who_has_nobody_to_be_compared_with_is_compared_with_all() {
    let report = of(&[label("1", "ana", "x")], &[label("1", "ana", "x"), label("1", "bob", "y")]);
    assert_eq!((report.parts[0].pairs, report.parts[0].pairs_alike), (2, 1));
    assert_eq!(report.parts[0].items.differently, 1);
}

#[test]
fn the_last_row_of_a_labeler_counts() {
    let at = |seconds: i64, said: Said<'static>| Said { created_at: Timestamp::from_micros(seconds), ..said };
    let a = [at(2, label("1", "ana", "new")), label("1", "ana", "zzz"), at(1, label("1", "ana", "old"))];
    let report = of(&a, &[label("1", "ana", "new")]);
    assert!(report.same);
    assert_eq!((report.a.rows, report.a.earlier), (3, 2));
}

#[test]
fn corrections_agree_when_the_same_text_comes_of_them() {
    let verdict = |labeler, verdict, corrected| Said {
        answer: Answer::Correction { verdict, original: Some("a cat"), corrected },
        ..fix("1", labeler, "")
    };
    let kept = [verdict("ana", Verdict::Approved, None)];
    assert!(of(&kept, &[fix("1", "bob", "a cat")]).same);
    assert!(!of(&kept, &[verdict("bob", Verdict::Rejected, None)]).same);
    assert!(of(&[verdict("ana", Verdict::Rejected, None)], &[verdict("bob", Verdict::Rejected, None)]).same);
    assert!(
        !of(&[verdict("ana", Verdict::Rejected, None)], &[verdict("bob", Verdict::Suggested, None)]).same
    );
}

#[test]
fn distances_and_shares_are_counted_over_pairs() {
    let a = [fix("1", "ana", "the cat"), fix("1", "bob", "the cat"), fix("2", "ana", "a cat")];
    let b = [fix("1", "cid", "the cats"), fix("2", "cid", "a cat")];
    let report = of(&a, &b);
    let corrections = report.parts[0].corrections.as_ref().unwrap();
    assert_eq!(corrections.a, Made { rows: 3, changed: 2, mean_distance: Some(2.0) });
    assert_eq!(corrections.within_a.share_equal, Some(1.0));
    assert_eq!(corrections.within_b.share_equal, None);
    assert_eq!((corrections.between.pairs, corrections.between.equal), (3, 1));
    assert_eq!(corrections.between.mean_distance, Some(2.0 / 3.0));
    let together = &corrections.together;
    assert_eq!(
        (together.pairs, together.equal, together.items_some_equal, together.items_all_equal),
        (4, 2, 2, 1)
    );
    let item = &report.parts[0].differing[0];
    assert_eq!(
        (item.original.as_deref(), item.versions[0].distance, item.apart[0].distance),
        (Some("a cat"), Some(3), 1)
    );
    assert_eq!(
        report.parts[0].items,
        ItemCounts { both: 2, alike: 1, differently: 1, ..ItemCounts::default() }
    );
}

#[test]
fn rows_of_different_originals_say_which() {
    let mut other = fix("1", "bob", "the cat");
    other.answer = Answer::Correction {
        verdict: Verdict::Corrected,
        original: Some("The dog"),
        corrected: Some("the dog"),
    };
    let report = of(&[fix("1", "ana", "the cat")], &[other]);
    let item = &report.parts[0].differing[0];
    assert_eq!(item.original, None);
    let originals: Vec<_> = item.versions.iter().map(|version| version.original.as_deref()).collect();
    assert_eq!(originals, [Some("a cat"), Some("The dog")]);
    assert_eq!(item.versions[1].distance, Some(1));
}

#[test]
fn a_limit_cuts_lists_and_no_count() {
    let a: Vec<Said<'_>> = ["1", "2", "3"].map(|item| label(item, "ana", "x")).to_vec();
    let b: Vec<Said<'_>> = ["1", "2", "3"].map(|item| label(item, "ana", "y")).to_vec();
    let cut = compare(&side("A", &a), &side("B", &b), Some(1));
    let whole = of(&a, &b);
    assert!(cut.parts[0].is_cut() && !whole.parts[0].is_cut());
    assert_eq!((cut.parts[0].differing.len(), cut.parts[0].items), (1, whole.parts[0].items));
}

#[test]
fn long_texts_far_apart_are_not_measured() {
    let (one, other) = ("ab ".repeat(20_000), "xy ".repeat(20_000));
    assert_eq!(apart::distance(&one, &other), None);
    assert_eq!(apart::distance(&one, &format!("{one}!")), Some(1));
    assert_eq!(apart::distance(&one, "short"), Some(60_000));
}

#[test]
fn who_contradicts_themself_makes_sides_differ() {
    let torn = |name: &str, words: &[&'static str]| Side {
        conflicts: words.iter().map(|word| fix("1", "ana", word)).collect(),
        ..side(name, &[])
    };
    let both = torn("B", &["the cat", "cats"]);
    let report = compare(&side("A", &[]), &both, None);
    assert!(!report.same);
    assert_eq!((report.a.conflicts, report.b.conflicts, report.parts[0].conflicts), (0, 1, 1));
    let wanted = ConflictDiff { item: "1".into(), labeler: "ana".into(), a: 0, b: 2 };
    assert_eq!(report.parts[0].conflicting, [wanted]);
    assert_eq!(report.clone().mirrored(), compare(&both, &side("A", &[]), None));
    assert!(compare(&torn("A", &["cats", "the cat"]), &both, None).same);
    assert!(!compare(&torn("A", &["cats", "a cat"]), &both, None).same);
}

#[test]
fn what_one_item_costs_is_bounded_and_the_mean_stays_near() {
    let texts: Vec<String> = (0..800).map(|i| format!("{}{i:03}", "word ".repeat(400))).collect();
    let names: Vec<String> = (0..400).map(|i| format!("l{i:03}")).collect();
    let rows = |from: usize| -> Vec<Said<'_>> {
        names.iter().enumerate().map(|(i, name)| fix("1", name, &texts[from + i])).collect()
    };
    let outcomes: Vec<item::Outcome<'_>> =
        texts.iter().map(|text| item::Outcome { text: Some(text), verdict: None }).collect();
    let measured = apart::Distances::of(&outcomes[..60], &mut apart::Known::default());
    assert_eq!((measured.stride, measured.iter().count()), (1, 60 * 59 / 2));
    let stride = apart::stride(texts.iter().map(|text| text.len() as u64));
    assert_eq!(stride, 75);
    let report = of(&rows(0), &rows(400));
    let part = &report.parts[0];
    let stats = &part.corrections.as_ref().unwrap().together;
    assert_eq!((stats.pairs, stats.equal), (800 * 799 / 2, 0));
    assert!((4_000..4_400).contains(&stats.measured), "{}", stats.measured);
    assert!((stats.mean_distance.unwrap() - 2.678).abs() < 0.03, "{:?}", stats.mean_distance);
    let item = &part.differing[0];
    assert_eq!((item.versions.len(), item.apart.len() as u64 + item.apart_more), (800, stats.measured));
    assert_eq!(item.apart.len(), 6);
}

#[test]
fn thousands_of_labelers_a_side_are_counted_and_not_listed() {
    let names: Vec<String> = (0..40_000).map(|i| format!("l{i:05}")).collect();
    let rows = |from: usize, word: fn(usize) -> &'static str| -> Vec<Said<'_>> {
        (from..from + 20_000).map(|i| label("1", &names[i], word(i))).collect()
    };
    let a = rows(0, |_| "x");
    let part = &of(&a, &rows(20_000, |i| if i % 4 == 0 { "y" } else { "x" })).parts[0];
    assert_eq!((part.pairs, part.pairs_alike), (400_000_000, 300_000_000));
    assert_eq!(cells(part), [(Some("x"), Some("x"), 300_000_000), (Some("x"), Some("y"), 100_000_000)]);
    // Half are on both sides and judge for themselves.
    assert_eq!(of(&a, &rows(10_000, |_| "x")).parts[0].pairs, 10_000 + 10_000 * 10_000);
}

/// Rows that often meet: few items, labelers and answers.
fn rows() -> impl Strategy<Value = Vec<Said<'static>>> {
    let row = (0..3usize, 0..3usize, 0..4usize, 0..3i64, 0..4usize).prop_map(
        |(item, labeler, kind, time, says)| {
            let words = ["a cat", "the cat", "cats", "ü\u{301}日"];
            let (item, labeler) = (["1", "2", "3"][item], ["ana", "bob", "cid"][labeler]);
            let (kind, answer) = match kind {
                0 => (Kind::Labels, Answer::Label(Some(words[says]))),
                1 => (Kind::Labels, Answer::Label(None)),
                _ => {
                    let verdict = Verdict::ALL[says];
                    let corrected = (verdict == Verdict::Corrected).then_some(words[time as usize]);
                    (
                        Kind::Corrections,
                        Answer::Correction { verdict, original: Some(words[says % 2]), corrected },
                    )
                }
            };
            Said { task: "t", kind, item, labeler, created_at: Timestamp::from_micros(time), answer }
        },
    );
    prop::collection::vec(row, 0..12)
}

/// The pairs of one item, one by one, as the module's doc has them.
fn paired<'a>(a: &[Said<'a>], b: &[Said<'a>]) -> Vec<(Said<'a>, Said<'a>)> {
    let has = |side: &[Said<'_>], one: &Said<'_>| side.iter().any(|other| other.labeler == one.labeler);
    let alone = |one: &[Said<'a>], other: &[Said<'a>]| -> Vec<Said<'a>> {
        one.iter().filter(|row| !has(other, row)).copied().collect()
    };
    let (alone_a, alone_b) = (alone(a, b), alone(b, a));
    let with =
        |alone: &[Said<'a>], all: &[Said<'a>]| if alone.is_empty() { all.to_vec() } else { alone.to_vec() };
    let crossed = !alone_a.is_empty() || !alone_b.is_empty();
    let cross = |one: Said<'a>| with(&alone_b, b).into_iter().map(move |other| (one, other));
    let own = a
        .iter()
        .flat_map(|one| b.iter().filter(|other| other.labeler == one.labeler).map(|other| (*one, *other)));
    own.chain(with(&alone_a, a).into_iter().filter(|_| crossed).flat_map(cross)).collect()
}

proptest! {
    #[test]
    fn pairs_counted_are_pairs_listed(a in rows(), b in rows()) {
        let (said_a, said_b) = (standing(&a), standing(&b));
        let report = of(&a, &b);
        for part in &report.parts {
            let here = |said: &[Said<'static>]| -> Vec<Said<'static>> {
                said.iter().filter(|one| one.kind == part.kind).copied().collect()
            };
            let (here_a, here_b) = (here(&said_a), here(&said_b));
            let (mut pairs, mut alike, mut measured, mut sum) = (0, 0, 0, 0);
            for sides in together(&here_a, &here_b) {
                for (one, other) in paired(sides.a, sides.b) {
                    let [one, other] = [one, other].map(|row| item::Outcome::of(&row));
                    pairs += 1;
                    alike += u64::from(one == other);
                    if let (Some(one), Some(other)) = (one.text, other.text) {
                        (measured, sum) = (measured + 1, sum + apart::distance(one, other).unwrap());
                    }
                }
            }
            prop_assert_eq!((part.pairs, part.pairs_alike), (pairs, alike));
            if let Some(corrections) = &part.corrections {
                prop_assert_eq!((corrections.between.pairs, corrections.between.equal), (pairs, alike));
                prop_assert_eq!(corrections.between.measured, measured);
                let mean = (measured > 0).then(|| sum as f64 / measured as f64);
                prop_assert_eq!(corrections.between.mean_distance, mean);
            }
        }
    }

    #[test]
    fn of_a_side_and_itself_everything_is_alike(a in rows()) {
        let report = of(&a, &a);
        prop_assert!(report.same);
        for part in &report.parts {
            prop_assert!(part.differing.is_empty() && part.only_a.is_empty() && part.only_b.is_empty());
            prop_assert_eq!(part.pairs, part.pairs_alike);
            prop_assert!(part.transitions.iter().all(|cell| cell.before == cell.after));
            if let Some(corrections) = &part.corrections {
                prop_assert_eq!(&corrections.within_a, &corrections.within_b);
                prop_assert_eq!(&corrections.within_a, &corrections.together);
            }
        }
    }

    #[test]
    fn of_the_sides_exchanged_the_report_is_mirrored(a in rows(), b in rows(), limit in 0..4usize) {
        let (a, b) = (side("A", &a), side("B", &b));
        prop_assert_eq!(compare(&a, &b, Some(limit)).mirrored(), compare(&b, &a, Some(limit)));
    }

    #[test]
    fn the_order_of_rows_does_not_matter(a in rows(), b in rows()) {
        let reversed: Vec<Said<'_>> = a.iter().rev().copied().collect();
        prop_assert_eq!(of(&a, &b), of(&reversed, &b));
    }

    #[test]
    fn items_and_pairs_add_up(a in rows(), b in rows()) {
        for part in of(&a, &b).parts {
            prop_assert_eq!(part.items.both, part.items.alike + part.items.differently);
            let cells: u64 = part.transitions.iter().map(|cell| cell.count).sum();
            prop_assert!(part.kind == Kind::Corrections || cells == part.pairs);
        }
    }
}
