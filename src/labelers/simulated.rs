//! Simulated labelers: how often drift and fatigue are flagged where they were planted, and where they were not; and
//! the laws that hold for any answers. Seeds are fixed. The whole table is in `docs/statistics.md`.

use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Bernoulli, Distribution, Uniform};

use super::fatigue::fatigue;
use super::outcome::timed;
use super::{
    Answer, Basis, ChangePoint, Counts, Guess, Known, Labeler, LabelerReport, LabelersReport, NoValue,
    Others, Setting, Verdict, measure,
};
use crate::base::Timestamp;

const MINUTE: i64 = 60_000_000;
const DAY: i64 = Timestamp::DAY_MICROS;
/// 2026-01-05, a Monday.
const START: i64 = 20_458 * DAY;
const RUNS: u64 = 200;

/// An answer on a gold item of one of three classes, right with the probability given.
fn gold(random: &mut ChaCha8Rng, at: i64, right: f64) -> Answer {
    let gold = Uniform::new(0, 3).unwrap().sample(random);
    let is_right = Bernoulli::new(right).unwrap().sample(random);
    let given = if is_right { gold } else { (gold + 1) % 3 };
    Answer { at: Some(at), gold: Some(gold), given, ..Answer::default() }
}

/// 300 gold items over 12 weeks: 5 a working day from 9 o'clock, 2 minutes apart. The share right falls by `drop` after
/// week 6.
fn twelve_weeks(seed: u64, base: f64, drop: f64) -> Vec<Answer> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let answer = |item: i64| {
        let (week, day, turn) = (item / 25, item / 5 % 5, item % 5);
        let at = START + (7 * week + day) * DAY + (9 * 60 + 2 * turn) * MINUTE;
        gold(&mut random, at, if week < 6 { base } else { base - drop })
    };
    (0..300).map(answer).collect()
}

fn report(labelers: &[Labeler<'_>], guideline_changes: &[Timestamp]) -> LabelersReport {
    let classes = ["a", "b", "c"].map(String::from);
    let counts = Counts::default();
    measure(labelers, &Setting { task: "t", classes: &classes, guideline_changes, counts })
}

fn one(answers: &[Answer]) -> LabelerReport {
    report(&[Labeler { name: "ana", answers }], &[]).labelers.remove(0)
}

/// Of 200 labelers, each measured alone: how many have a flag `is`.
fn flagged(answers: impl Fn(u64) -> Vec<Answer>, is: impl Fn(&str) -> bool) -> usize {
    (0..RUNS).filter(|run| one(&answers(*run)).flags.iter().any(|flag| is(flag.code))).count()
}

/// What the issue asks for: 90 % of labelers with a 10-point drop, 5 % of steady ones, the latter with any flag.
#[test]
fn a_planted_drop_is_flagged_and_steady_labelers_are_not() {
    let found = flagged(|run| twelve_weeks(run, 0.98, 0.1), |code| code == "drift");
    assert!(found >= 180, "{found} of {RUNS}");
    for (base, seed) in [(0.98, 1_000), (0.95, 2_000), (0.90, 3_000), (0.80, 4_000)] {
        let found = flagged(|run| twelve_weeks(seed + run, base, 0.0), |_| true);
        assert!(found <= 10, "{found} of {RUNS} at {base}");
    }
}

/// From 90 % no unbiased test on 300 answers finds such a drop in more than 74 % of cases at this level, though it be
/// told the week; this one finds two thirds.
#[test]
fn a_drop_from_90_percent_is_found_as_often_as_documented() {
    let found = flagged(|run| twelve_weeks(5_000 + run, 0.90, 0.1), |code| code == "drift");
    assert!((115..=155).contains(&found), "{found} of {RUNS}");
}

/// 30 sessions of 40 answers, one a minute; in second halves the share right is lower by `drop`.
fn thirty_sessions(seed: u64, drop: f64) -> Vec<Answer> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let answer = |item: i64| {
        let (session, turn) = (item / 40, item % 40);
        let right = if session % 3 == 0 { 0.8 } else { 0.95 };
        let at = START + session * DAY + (600 + turn) * MINUTE;
        let answer = gold(&mut random, at, if turn < 20 { right } else { right - drop });
        Answer { duration_ms: Some(60_000 - 500 * turn), ..answer }
    };
    (0..1_200).map(answer).collect()
}

#[test]
fn planted_fatigue_is_flagged_and_hard_days_are_not() {
    let flagged = |seed: u64, drop| {
        let tires = |run: &u64| {
            let answers = thirty_sessions(seed + run, drop);
            fatigue(&timed(&answers)).is_ok_and(|fatigue| fatigue.verdict == Verdict::Drop)
        };
        (0..RUNS).filter(tires).count()
    };
    let found = flagged(0, 0.1);
    assert!(found >= 180, "{found} of {RUNS}");
    let found = flagged(1_000, 0.0);
    assert!(found <= 6, "{found} of {RUNS}");
}

#[test]
fn a_flag_says_what_was_seen_and_what_else_may_explain_it() {
    // Weeks of 15 answers, one an hour: all right in four, 6 and 7 wrong in the last two.
    let week = |(week, wrong): (i64, i64)| {
        (0..15).map(move |item| Answer {
            at: Some(START + 7 * week * DAY + item * 60 * MINUTE),
            gold: Some(0),
            given: u32::from(item < wrong),
            ..Answer::default()
        })
    };
    let answers: Vec<Answer> = (0..).zip([0, 0, 0, 0, 6, 7]).flat_map(week).collect();
    let steady: Vec<Answer> = twelve_weeks(1, 0.95, 0.0);
    let labelers = [Labeler { name: "raj", answers: &steady }, Labeler { name: "ana", answers: &answers }];
    let changes = [START + 25 * DAY, START + 300 * DAY].map(|at| Timestamp::from_micros(at).unwrap());
    let report = report(&labelers, &changes);
    assert_eq!((report.tested_for_drift, report.labelers[1].flags.len()), (2, 0));
    let [flag] = &report.labelers[0].flags[..] else { panic!("one flag: {:?}", report.labelers[0].flags) };
    assert_eq!(
        flag.evidence,
        "Accuracy on gold fell by 43.3 points (95% interval 26.3 to 60.8), from 100.0% (60 of 60) up to week 4 to 56.7% \
         (17 of 30) from 2026-02-02 on (p = 0.0003)."
    );
    assert_eq!(
        flag.caveat,
        "The week was chosen on the same answers: the drop is likely smaller than it looks, and the interval is that of \
         this week alone. The gold items of that time may have been harder. A version of the guideline came into force \
         on 2026-01-30. 2 labelers were tested at a level of 3.5%, of whom 0.07 would be flagged by chance, and this flag \
         holds when all of them are allowed for (Holm, p = 0.0005)."
    );
}

#[test]
fn confirming_wrong_guesses_is_flagged() {
    let guess = |shown, given| Answer {
        gold: Some(0),
        given,
        guess: Some(Guess { shown: Some(shown), accepted: shown == given }),
        ..Answer::default()
    };
    let few = [vec![guess(1, 1); 3], vec![guess(1, 0); 1]].concat();
    assert_eq!(one(&few).flags, []);
    let many = [vec![guess(1, 1); 30], vec![guess(1, 0); 10]].concat();
    let flag = &one(&many).flags[0];
    assert_eq!(flag.code, "low_catch_rate");
    assert!(flag.evidence.contains("25.0% (10 of 40)"), "{}", flag.evidence);
}

/// Without gold the others stand in, and the caveat says that it may be they who changed.
#[test]
fn without_gold_the_others_are_the_measure() {
    let by_others = |answer: &Answer| {
        let right = answer.gold == Some(answer.given);
        let others =
            Others { agree: 2 * u32::from(right), disagree: 2 * u32::from(!right), majority: answer.gold };
        Answer { gold: None, others: Some(others), ..*answer }
    };
    let answers: Vec<Answer> = twelve_weeks(3, 0.98, 0.2).iter().map(by_others).collect();
    let report = one(&answers);
    let drift = report.drift.value().unwrap();
    assert_eq!(
        (drift.basis, drift.answers, drift.weeks, drift.verdict),
        (Basis::Others, 300, 12, Verdict::Drop)
    );
    assert!(report.flags[0].caveat.contains("the others may have changed"));
}

#[test]
fn what_has_no_value_says_why() {
    let none = one(&[]);
    assert_eq!((none.labels, none.first, none.active_weeks, none.sessions), (0, None, 0, 0));
    assert_eq!(none.drift, Known::Missing(NoValue::NoTimes));
    assert_eq!(none.accuracy, Known::Missing(NoValue::NoGold));
    let bare = one(&[Answer { at: Some(START), ..Answer::default() }; 50]);
    assert_eq!(bare.drift, Known::Missing(NoValue::NothingToJudgeBy));
    let few = one(&twelve_weeks(1, 0.9, 0.0)[..29]);
    assert_eq!(few.drift, Known::Missing(NoValue::TooFewAnswers { found: 29, needed: 30 }));
    let short = one(&twelve_weeks(1, 0.9, 0.0)[..75]);
    assert_eq!(short.drift, Known::Missing(NoValue::TooFewWeeks { found: 3, needed: 4 }));
    let week = Answer { at: Some(START), gold: Some(0), ..Answer::default() };
    let sessionless =
        one(&(0..40).map(|day| Answer { at: Some(START + day * DAY), ..week }).collect::<Vec<_>>());
    assert_eq!(sessionless.fatigue, Known::Missing(NoValue::TooFewSessions { found: 0, needed: 3 }));
    let json = serde_json::to_value(&few).unwrap();
    assert_eq!(json["drift"], serde_json::json!({"reason": "too_few_answers", "found": 29, "needed": 30}));
}

#[test]
fn untimed_answers_count_but_have_no_part_in_time() {
    let timed = twelve_weeks(2, 0.98, 0.1);
    let untimed = |at| Answer { at, given: 1, gold: Some(0), ..Answer::default() };
    let all = [&timed[..], &[untimed(None), untimed(Some(i64::MAX)), untimed(Some(i64::MIN))]].concat();
    let (with, without) = (one(&all), one(&timed));
    assert_eq!((with.labels, with.untimed), (303, 3));
    assert_eq!((with.drift, with.fatigue, with.sessions), (without.drift, without.fatigue, without.sessions));
    assert_eq!(with.accuracy.value().unwrap().n, 303);
}

/// Weeks count from the first day, empty ones included: a change after week 3 of work may be one after week 8.
#[test]
fn weeks_are_those_of_the_calendar() {
    let mut answers = twelve_weeks(0, 1.0, 0.4);
    for answer in &mut answers[100..] {
        answer.at = answer.at.map(|at| at + 35 * DAY);
    }
    let report = one(&answers);
    let from = Timestamp::from_micros(START + 77 * DAY).unwrap();
    assert_eq!(report.drift.value().unwrap().change_point, ChangePoint { after_week: 11, from });
    assert_eq!((report.active_weeks, report.sessions), (12, 60));
}

/// Up to 80 answers within some weeks, with or without everything that may be missing.
fn any_answers() -> impl Strategy<Value = Vec<Answer>> {
    let at = prop::option::weighted(
        0.9,
        (0..40_i64, 0..90_i64).prop_map(|(day, minute)| START + day * DAY + minute * MINUTE),
    );
    let others = prop::option::of((0..3_u32, 0..3_u32, prop::option::of(0..3_u32)));
    let guess = prop::option::of((prop::option::of(0..3_u32), any::<bool>()));
    let answer =
        (at, prop::option::of(0..9_i64), 0..3_u32, prop::option::weighted(0.7, 0..2_u32), others, guess);
    let answer = answer.prop_map(|(at, duration_ms, given, gold, others, guess)| Answer {
        at,
        duration_ms,
        given,
        gold,
        others: others.map(|(agree, disagree, majority)| Others { agree, disagree, majority }),
        guess: guess.map(|(shown, accepted)| Guess { shown, accepted }),
    });
    prop::collection::vec(answer, 0..80)
}

fn two(ana: &[Answer], raj: &[Answer]) -> [LabelersReport; 2] {
    let labelers = [Labeler { name: "ana", answers: ana }, Labeler { name: "raj", answers: raj }];
    let [first, second] = labelers;
    [report(&labelers, &[]), report(&[second, first], &[])]
}

proptest! {
    #[test]
    fn the_order_of_answers_and_labelers_never_matters(
        given in any_answers().prop_flat_map(|answers| (Just(answers.clone()), Just(answers).prop_shuffle())),
        other in any_answers(),
    ) {
        let [a, swapped] = two(&given.0, &other);
        prop_assert_eq!(&a, &swapped);
        prop_assert_eq!(&a, &two(&given.1, &other)[0]);
        prop_assert!(serde_json::to_string(&a).is_ok_and(|json| !json.contains("NaN")));
    }

    /// Whole weeks later everything is the same but for the dates.
    #[test]
    fn whole_days_later_nothing_else_changes(given in any_answers(), days in 1..400_i64) {
        let later: Vec<Answer> =
            given.iter().map(|answer| Answer { at: answer.at.map(|at| at + days * DAY), ..*answer }).collect();
        let (a, b) = (one(&given), one(&later));
        let of = |report: &LabelerReport| report.drift.value().map(|drift| (drift.p_value, drift.change_point.after_week));
        prop_assert_eq!(of(&a), of(&b));
        prop_assert_eq!((a.fatigue, a.sessions, a.active_weeks), (b.fatigue, b.sessions, b.active_weeks));
    }

    /// Every interval contains its share, and every share and p-value is one.
    #[test]
    fn shares_lie_in_their_intervals(given in any_answers()) {
        let report = one(&given);
        let shares = [report.accuracy, report.confirmed, report.caught];
        for share in shares.iter().filter_map(Known::value) {
            prop_assert!(0.0 <= share.interval[0] && share.interval[0] <= share.share);
            prop_assert!(share.share <= share.interval[1] && share.interval[1] <= 1.0);
        }
        if let Some(drift) = report.drift.value() {
            let [low, high] = drift.change.interval.unwrap();
            prop_assert!(low <= drift.change.change && drift.change.change <= high);
            prop_assert!((0.0..=1.0).contains(&drift.p_value) && drift.before.n + drift.after.n == drift.answers);
        }
        let fatigue = report.fatigue.value();
        prop_assert!(fatigue.is_none_or(|fatigue| (0.0..=1.0).contains(&fatigue.p_value)));
    }
}
