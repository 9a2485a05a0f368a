//! Quality: what a labeler's answers as a whole say, time left aside.

use std::collections::BTreeMap;

use super::answer::Answer;
use super::proportion::{mean_share, wilson};
use super::report::{Basis, MeanShare, NoValue, Proportion, WorstClass};

/// Answers on a class that its recall takes: with fewer the worst class is the rarest one.
pub const FEW_OF_CLASS: u64 = 10;

/// Returns the median; of an even number, the mean of the middle two.
///
/// # Errors
/// There are none.
pub(super) fn median(mut durations: Vec<i64>) -> Result<f64, NoValue> {
    durations.sort_unstable();
    let middle = durations.len() / 2;
    match (durations.len() % 2, durations.get(middle)) {
        (_, None) => Err(NoValue::NoDurations),
        (0, Some(upper)) => Ok((i128::from(durations[middle - 1]) + i128::from(*upper)) as f64 / 2.0),
        (_, Some(middle)) => Ok(*middle as f64),
    }
}

/// Returns the mean over answers of the share of the others who agree: percent agreement, seen from one labeler.
///
/// # Errors
/// No item was labelled by others.
pub(super) fn agreement(answers: &[Answer]) -> Result<MeanShare, NoValue> {
    let mut alike = BTreeMap::<(u64, u64), u64>::new();
    for others in answers.iter().filter_map(|answer| answer.others).filter(|others| others.count() > 0) {
        *alike.entry((u64::from(others.agree), others.count())).or_insert(0) += 1;
    }
    mean_share(alike.iter().map(|((agree, others), answers)| (*agree, *others, *answers)), NoValue::NoOthers)
}

/// Returns the right answers on gold items.
///
/// # Errors
/// No answer is on a gold item.
pub(super) fn accuracy(answers: &[Answer]) -> Result<Proportion, NoValue> {
    share(answers.iter().filter_map(|answer| Some(answer.gold? == answer.given)), NoValue::NoGold)
}

/// Returns the guesses confirmed, of those shown.
///
/// # Errors
/// None was shown.
pub(super) fn confirmed(answers: &[Answer]) -> Result<Proportion, NoValue> {
    share(answers.iter().filter_map(|answer| Some(answer.guess?.accepted)), NoValue::NoGuessShown)
}

/// Returns the wrong guesses on gold items that the labeler did not take over, whatever the answer was instead.
///
/// # Errors
/// No wrong guess was shown on a gold item.
pub(super) fn caught(answers: &[Answer]) -> Result<Proportion, NoValue> {
    let wrong = |answer: &Answer| -> Option<u32> {
        let gold = answer.gold?;
        answer.guess?.shown.filter(|shown| *shown != gold)
    };
    let caught = answers.iter().filter_map(|answer| Some(wrong(answer)? != answer.given));
    share(caught, NoValue::NoWrongGuessOnGold)
}

fn share(is_so: impl Iterator<Item = bool>, nothing: NoValue) -> Result<Proportion, NoValue> {
    let (k, n) = is_so.fold((0, 0), |(k, n), so| (k + u64::from(so), n + 1));
    wilson(k, n, nothing)
}

/// Returns the class of the lowest recall: on gold, or against the majority of the others where no class has enough
/// gold. Of equal ones that with more answers, then the lower class.
///
/// # Errors
/// No class has enough answers on either.
pub(super) fn worst_class(answers: &[Answer], classes: &[String]) -> Result<WorstClass, NoValue> {
    let worst = |recalls: &Recalls, basis| worst(recalls, basis, classes);
    let on_gold = recalls(answers, |answer| answer.gold);
    let by_others = recalls(answers, |answer| answer.others?.majority);
    worst(&on_gold, Basis::Gold).or_else(|| worst(&by_others, Basis::Others)).unwrap_or_else(|| {
        let most = on_gold.values().chain(by_others.values()).map(|(_, n)| *n).max();
        Err(most.map_or(NoValue::NothingToJudgeBy, |found| NoValue::TooFewAnswers {
            found,
            needed: FEW_OF_CLASS,
        }))
    })
}

/// For every true class: how many answers gave it, of how many.
type Recalls = BTreeMap<u32, (u64, u64)>;

fn recalls(answers: &[Answer], truth: impl Fn(&Answer) -> Option<u32>) -> Recalls {
    let mut recalls = Recalls::new();
    for (truth, given) in answers.iter().filter_map(|answer| Some((truth(answer)?, answer.given))) {
        let (k, n) = recalls.entry(truth).or_insert((0, 0));
        *k += u64::from(truth == given);
        *n += 1;
    }
    recalls
}

fn worst(recalls: &Recalls, basis: Basis, classes: &[String]) -> Option<Result<WorstClass, NoValue>> {
    let enough = || recalls.iter().filter(|(_, (_, n))| *n >= FEW_OF_CLASS);
    // Shares are compared in whole numbers; `min_by` keeps the first of equal ones.
    let (class, (k, n)) = enough().min_by(|(_, (k1, n1)), (_, (k2, n2))| {
        let [left, right] = [(k1, n2), (k2, n1)].map(|(k, n)| u128::from(*k) * u128::from(*n));
        left.cmp(&right).then(n2.cmp(n1))
    })?;
    let (class, compared) = (classes[*class as usize].clone(), enough().count() as u64);
    let recall = wilson(*k, *n, NoValue::NothingToJudgeBy);
    Some(recall.map(|recall| WorstClass { class, basis, recall, classes: compared }))
}

#[cfg(test)]
mod tests {
    use super::super::answer::{Guess, Others};
    use super::*;

    fn gold(given: u32, gold: u32) -> Answer {
        Answer { given, gold: Some(gold), ..Answer::default() }
    }

    fn worst_of(answers: &[Answer]) -> Result<WorstClass, NoValue> {
        worst_class(answers, &["a", "b", "c", "d", "e"].map(String::from))
    }

    #[test]
    fn medians() {
        assert_eq!(median(vec![9, 1, 4]), Ok(4.0));
        assert_eq!(median(vec![9, 1, 4, 5]), Ok(4.5));
        assert_eq!(median(vec![i64::MAX, i64::MAX]), Ok(i64::MAX as f64));
        assert_eq!(median(vec![]), Err(NoValue::NoDurations));
    }

    /// Class c is always wrong, but only 9 answers say so.
    #[test]
    fn the_worst_class_has_enough_answers() {
        let mut answers = vec![gold(0, 0); 10];
        answers.extend([vec![gold(1, 1); 9], vec![gold(0, 1); 3], vec![gold(0, 2); 9]].concat());
        let worst = worst_of(&answers).unwrap();
        assert_eq!((worst.class.as_str(), worst.recall.k, worst.recall.n, worst.classes), ("b", 9, 12, 2));
        answers.push(gold(0, 2));
        assert_eq!(worst_of(&answers).unwrap().class, "c");
        // Of equal shares the one seen more often, then the lower class.
        let equal = [vec![gold(0, 2); 10], vec![gold(0, 3); 12], vec![gold(0, 4); 12]].concat();
        assert_eq!(worst_of(&equal).unwrap().class, "d");
        let few = NoValue::TooFewAnswers { found: 9, needed: FEW_OF_CLASS };
        assert_eq!(worst_of(&[gold(0, 2); 9]), Err(few));
        assert_eq!(worst_of(&[]), Err(NoValue::NothingToJudgeBy));
    }

    #[test]
    fn without_gold_the_majority_of_the_others_stands_in() {
        let others = |majority| Some(Others { agree: 0, disagree: 2, majority });
        let answer = |majority| Answer { given: 0, others: others(majority), ..Answer::default() };
        let answers = [vec![answer(Some(3)); 10], vec![answer(None); 5], vec![gold(0, 0); 9]].concat();
        let worst = worst_of(&answers).unwrap();
        assert_eq!((worst.class.as_str(), worst.basis, worst.recall.n), ("d", Basis::Others, 10));
    }

    /// A wrong guess replaced by another wrong class is caught; a right one confirmed is no catch, nor is one that was lost.
    #[test]
    fn wrong_guesses_are_caught_by_any_other_answer() {
        let shown = |shown, given| {
            let guess = Guess { shown: Some(shown), accepted: shown == given };
            Answer { guess: Some(guess), ..gold(given, 0) }
        };
        let lost = Answer { guess: Some(Guess { shown: None, accepted: false }), ..gold(1, 0) };
        let answers = [shown(1, 0), shown(1, 2), shown(1, 1), lost, shown(0, 0), gold(0, 0)];
        let of = |share: Result<Proportion, _>| share.map(|share| (share.k, share.n));
        assert_eq!(of(caught(&answers)), Ok((2, 3)));
        assert_eq!(of(confirmed(&answers)), Ok((2, 5)));
        assert_eq!(of(accuracy(&answers)), Ok((3, 6)));
        assert_eq!(of(caught(&answers[3..])), Err(NoValue::NoWrongGuessOnGold));
        assert_eq!(of(confirmed(&answers[5..])), Err(NoValue::NoGuessShown));
    }

    /// (1 + 1/2 + 0)/3; an item nobody else labelled does not count.
    #[test]
    fn agreement_is_a_mean_over_items() {
        let others = |agree, disagree| Answer {
            others: Some(Others { agree, disagree, majority: None }),
            ..Answer::default()
        };
        let mean = agreement(&[others(2, 0), others(1, 1), others(0, 3), others(0, 0)]).unwrap();
        assert_eq!((mean.share, mean.n), (0.5, 3));
    }
}
