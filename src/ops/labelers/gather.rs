//! From a ledger, or a part of one, to every human labeler's answers on one task.
//!
//! Item by item: the current labels of people, each beside the others' and beside gold. Of several current labels of one
//! labeler, which all say the same, the latest counts.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::labelers::{Answer, Counts, Guess, Others};
use crate::ledger::{Judgement, Ledger, State};
use crate::record::{Column, Filter, Kind, LabelerKind, Origin, Rows, col};

/// What one ledger says; classes are positions in `classes`.
pub(super) struct Gathered {
    pub(super) classes: Vec<String>,
    pub(super) answers: BTreeMap<String, Vec<Answer>>,
    /// Names of the guidelines that labels were given under.
    pub(super) guidelines: BTreeSet<String>,
    pub(super) counts: Counts,
}

/// Returns the answers on `task` that `filter` chooses; `None` where nobody judged anything of it.
pub(super) fn gather(ledger: &Ledger, task: &str, filter: &Filter) -> Option<Gathered> {
    let task = ledger.find_task(task)?;
    let mut gathering = Gathering {
        ledger,
        chosen: (!filter.is_empty()).then(|| ledger.select(filter)),
        classes: Classes { of_statement: vec![None; ledger.statements()], ..Classes::default() },
        answers: vec![Vec::new(); ledger.labelers()],
        guidelines: BTreeSet::new(),
        counts: Counts::default(),
    };
    ledger.item_runs(task).for_each(|(_, run)| gathering.item(run));
    let name = |labeler: usize| ledger.labeler_name(labeler as u32).to_owned();
    let answers = gathering.answers.into_iter().enumerate().filter(|(_, answers)| !answers.is_empty());
    Some(Gathered {
        answers: answers.map(|(labeler, answers)| (name(labeler), answers)).collect(),
        classes: gathering.classes.names,
        guidelines: gathering.guidelines.into_iter().map(str::to_owned).collect(),
        counts: gathering.counts,
    })
}

struct Gathering<'a> {
    ledger: &'a Ledger,
    /// For each judgement, whether the filter chooses it; `None` when all are chosen.
    chosen: Option<Vec<bool>>,
    classes: Classes,
    /// By labeler number.
    answers: Vec<Vec<Answer>>,
    guidelines: BTreeSet<&'a str>,
    counts: Counts,
}

/// What one labeler says of an item.
struct Said {
    labeler: u32,
    /// The latest of their labels that the filter chooses.
    chosen: Option<usize>,
    /// The statement; none where they skipped it, or contradict themselves.
    statement: Option<u32>,
    conflict: bool,
}

/// What an item's gold says.
enum Gold {
    None,
    Class(u32),
    Contradicts,
}

impl<'a> Gathering<'a> {
    fn item(&mut self, run: Range<usize>) {
        let (said, gold) = self.said(run);
        let mut statements: Vec<u32> = said.iter().filter_map(|said| said.statement).collect();
        statements.sort_unstable();
        let votes: Vec<(u32, u32)> =
            statements.chunk_by(|a, b| a == b).map(|alike| (alike[0], alike.len() as u32)).collect();
        let mut answered = false;
        for said in &said {
            match (said.chosen, said.statement) {
                (None, _) => {}
                (Some(_), None) if said.conflict => self.counts.conflicts += 1,
                (Some(_), None) => self.counts.abstentions += 1,
                (Some(number), Some(statement)) => {
                    let answer = self.answer(number, statement, &gold, &votes);
                    self.answers[said.labeler as usize].push(answer);
                    answered = true;
                }
            }
        }
        self.counts.items += u64::from(answered);
        self.counts.gold_items += u64::from(answered && matches!(gold, Gold::Class(_)));
        self.counts.contradicting_gold += u64::from(answered && matches!(gold, Gold::Contradicts));
    }

    /// Returns what each human labeler says of an item, by labeler number, and what gold says.
    fn said(&self, run: Range<usize>) -> (Vec<Said>, Gold) {
        let (mut all, mut gold) = (Vec::<Said>::new(), Gold::None);
        for number in run {
            let judgement = &self.ledger.judgements()[number];
            if judgement.kind != Kind::Labels || !matches!(judgement.state, State::Current | State::Conflict)
            {
                continue;
            }
            match self.ledger.labeler_kind(judgement) {
                LabelerKind::Human => self.add(&mut all, number, judgement),
                LabelerKind::Gold => gold = gold.and(judgement),
                LabelerKind::Model => {}
            }
        }
        (all, gold)
    }

    fn add(&self, all: &mut Vec<Said>, number: usize, judgement: &Judgement) {
        let chosen = self.chosen.as_ref().is_none_or(|chosen| chosen[number]).then_some(number);
        match all.last_mut().filter(|said| said.labeler == judgement.labeler) {
            Some(said) => said.chosen = chosen.or(said.chosen),
            None => {
                let conflict = judgement.state == State::Conflict;
                let statement = judgement.statement.filter(|_| !conflict);
                all.push(Said { labeler: judgement.labeler, chosen, statement, conflict });
            }
        }
    }

    fn answer(&mut self, number: usize, statement: u32, gold: &Gold, votes: &[(u32, u32)]) -> Answer {
        let ledger = self.ledger;
        let judgement = &ledger.judgements()[number];
        let (rows, row) = ledger.row_of(ledger.attributes(judgement));
        if let Some((name, _)) = rows.text(row, col::GUIDELINE).and_then(|key| key.split_once('@')) {
            self.guidelines.insert(name);
        }
        let Column::Int(durations) = &rows.columns()[col::DURATION_MS] else {
            unreachable!("judgements share one attribution block")
        };
        let gold = match gold {
            Gold::Class(class) => Some(self.classes.of(ledger, *class)),
            Gold::None | Gold::Contradicts => None,
        };
        Answer {
            at: judgement.created_at.map(|at| at.micros()),
            duration_ms: durations[row],
            given: self.classes.of(ledger, statement),
            gold,
            others: self.others(statement, votes),
            guess: self.guess(rows, row, statement),
        }
    }

    /// Returns what the others say, where `votes` has everybody's statements with how many gave each.
    fn others(&mut self, own: u32, votes: &[(u32, u32)]) -> Option<Others> {
        let others = |(statement, count): &(u32, u32)| (*statement, count - u32::from(*statement == own));
        let count: u32 = votes.iter().map(|vote| others(vote).1).sum();
        let agree = votes.iter().map(others).find(|(statement, _)| *statement == own)?.1;
        let most = votes.iter().map(|vote| others(vote).1).max().filter(|most| *most > 0)?;
        let mut top = votes.iter().map(others).filter(|(_, count)| *count == most);
        let majority = top.next().filter(|_| top.next().is_none());
        let majority = majority.map(|(statement, _)| self.classes.of(self.ledger, statement));
        Some(Others { agree, disagree: count - agree, majority })
    }

    /// Returns the guess a row's labeler saw. Where the source lost what it said, the origin still tells whether it was
    /// taken over.
    fn guess(&mut self, rows: &Rows, row: usize, given: u32) -> Option<Guess> {
        let origin: Origin = rows.text(row, col::ORIGIN)?.parse().ok()?;
        let given_text = self.ledger.statement_text(given);
        let shown = rows.text(row, col::SHOWN);
        let (shown, accepted) = match (origin, shown) {
            (Origin::Fresh, _) => return None,
            (Origin::Confirmed, shown) => (Some(shown.unwrap_or(given_text)), true),
            (_, Some(shown)) => (Some(shown), shown == given_text),
            (Origin::Changed, None) => (None, false),
            (_, None) => return None,
        };
        Some(Guess { shown: shown.map(|text| self.classes.named(self.ledger, text)), accepted })
    }
}

impl Gold {
    fn and(self, judgement: &Judgement) -> Self {
        match (self, judgement.state, judgement.statement) {
            (_, State::Conflict, _) => Self::Contradicts,
            (Self::None, _, Some(class)) => Self::Class(class),
            (Self::Class(one), _, Some(other)) if one != other => Self::Contradicts,
            (gold, ..) => gold,
        }
    }
}

/// The classes met so far.
#[derive(Default)]
struct Classes {
    names: Vec<String>,
    /// By statement number.
    of_statement: Vec<Option<u32>>,
    /// Guesses that nobody's label says.
    unsaid: BTreeMap<String, u32>,
}

impl Classes {
    fn of(&mut self, ledger: &Ledger, statement: u32) -> u32 {
        if let Some(class) = self.of_statement[statement as usize] {
            return class;
        }
        let class = self.next(ledger.statement_text(statement));
        self.of_statement[statement as usize] = Some(class);
        class
    }

    fn named(&mut self, ledger: &Ledger, text: &str) -> u32 {
        if let Some(statement) = ledger.find_statement(text) {
            return self.of(ledger, statement);
        }
        if let Some(class) = self.unsaid.get(text) {
            return *class;
        }
        let class = self.next(text);
        self.unsaid.insert(text.to_owned(), class);
        class
    }

    fn next(&mut self, text: &str) -> u32 {
        self.names.push(text.to_owned());
        u32::try_from(self.names.len() - 1).expect("a ledger in memory has fewer than 2^32 statements")
    }
}
