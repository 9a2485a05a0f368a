//! Weekly full exports of one tool, and how many of their rows are news.

use super::*;

/// Commits exports one after the other.
struct Desk {
    records: Vec<Loaded>,
}

impl Desk {
    fn new() -> Self {
        Self { records: Vec::new() }
    }

    fn ledger(&self) -> Ledger {
        Ledger::fold(self.records.clone())
    }

    fn plan(&self, rows: &[Row], wish: Wish) -> Plan {
        plan(&self.ledger(), "t", &labels(0, &[], rows).rows, wish)
    }

    /// Plans and commits a file, and returns how many rows of it are new, returned, there, changed, amended and taken
    /// back.
    fn commit(&mut self, rows: &[Row], wish: Wish) -> [usize; 6] {
        let plan = self.plan(rows, wish);
        let mut record = labels(self.next(), &self.heads(), rows);
        record.rows = plan.to_add(&record.rows, record.manifest.recorded_at);
        if !record.rows.is_empty() {
            self.records.push(record);
        }
        let Counts { new, returned, there, changed, amended, taken_back, repeated } = plan.counts();
        assert_eq!(new + returned + there + amended + taken_back + repeated, rows.len());
        [new, returned, there, changed, amended, taken_back]
    }

    fn revert(&mut self, record: u8) {
        self.records.push(super::revert(self.next(), &self.heads(), of_records(&[record])));
    }

    fn next(&self) -> u8 {
        self.records.len() as u8 + 1
    }

    fn heads(&self) -> Vec<u8> {
        self.ledger().heads().iter().map(|id| id.0.0[0]).collect()
    }

    /// What ana currently says of `x`.
    fn says(&self) -> Option<String> {
        let ledger = self.ledger();
        let current = ledger.current_of("t", Kind::Labels, "x", "ana")?;
        ledger.judgements()[current].statement.map(|statement| ledger.statement_text(statement).to_owned())
    }
}

/// An export in which ana says `label` of `x`, and what she always says of `y` and `z`.
fn week(label: &'static str) -> [Row; 3] {
    [row("x", "ana", label), row("y", "ana", "A"), row("z", "ana", "A")]
}

fn timed(micros: i64, label: &'static str) -> [Row; 3] {
    [at(micros, row("x", "ana", label)), at(1, row("y", "ana", "A")), at(1, row("z", "ana", "A"))]
}

const PLAIN: Wish = Wish { same_file: false, again: false, amend: false };
const SAME: Wish = Wish { same_file: true, ..PLAIN };
const AGAIN: Wish = Wish { again: true, ..PLAIN };
const AMEND: Wish = Wish { amend: true, ..PLAIN };

#[test]
fn of_a_there_and_back_in_untimed_exports_each_step_is_one_row() {
    let mut desk = Desk::new();
    assert_eq!(desk.commit(&week("A"), PLAIN), [3, 0, 0, 0, 0, 0]);
    assert_eq!(desk.commit(&week("B"), PLAIN), [1, 0, 2, 0, 0, 0]);
    assert_eq!(desk.says(), Some("B".into()));
    assert_eq!(desk.commit(&week("A"), PLAIN), [0, 1, 2, 0, 0, 0]);
    assert_eq!(desk.says(), Some("A".into()));
    // Files that were committed before add nothing, whatever came after them.
    assert_eq!(desk.commit(&week("A"), SAME), [0, 0, 3, 0, 0, 0]);
    assert_eq!(desk.commit(&week("B"), SAME), [0, 0, 3, 0, 0, 0]);
    assert_eq!(desk.says(), Some("A".into()));
    assert_eq!(desk.commit(&week("B"), PLAIN), [0, 1, 2, 0, 0, 0]);
    assert_eq!(desk.says(), Some("B".into()));
    assert_eq!(desk.commit(&week("A"), SAME), [0, 0, 3, 0, 0, 0]);
}

#[test]
fn of_a_there_and_back_in_timed_exports_each_step_is_one_row() {
    let mut desk = Desk::new();
    assert_eq!(desk.commit(&timed(1, "A"), PLAIN), [3, 0, 0, 0, 0, 0]);
    assert_eq!(desk.commit(&timed(2, "B"), PLAIN), [1, 0, 2, 0, 0, 0]);
    assert_eq!(desk.commit(&timed(3, "A"), PLAIN), [1, 0, 2, 0, 0, 0]);
    assert_eq!(desk.says(), Some("A".into()));
    for (time, label) in [(1, "A"), (2, "B"), (3, "A")] {
        assert_eq!(desk.commit(&timed(time, label), PLAIN), [0, 0, 3, 0, 0, 0]);
    }
}

#[test]
fn what_was_taken_back_between_two_exports_stays_so_until_asked_for() {
    let mut desk = Desk::new();
    desk.commit(&week("A"), PLAIN);
    desk.commit(&week("B"), PLAIN);
    desk.revert(2);
    assert_eq!(desk.says(), Some("A".into()));
    assert_eq!(desk.commit(&week("A"), PLAIN), [0, 0, 3, 0, 0, 0]);
    assert_eq!(desk.commit(&week("B"), PLAIN), [0, 0, 2, 0, 0, 1]);
    assert_eq!(*desk.plan(&week("B"), SAME).of(0), Disposition::TakenBack { by: vec![id(3)] });
    assert_eq!(desk.commit(&week("B"), AGAIN), [1, 0, 2, 0, 0, 0]);
    assert_eq!(desk.says(), Some("B".into()));
}

#[test]
fn an_earlier_value_taken_back_is_said_again_as_of_now() {
    let mut desk = Desk::new();
    desk.commit(&week("A"), PLAIN);
    desk.commit(&week("B"), PLAIN);
    desk.revert(1);
    assert_eq!(desk.says(), Some("B".into()));
    assert_eq!(desk.commit(&week("A"), PLAIN), [0, 0, 0, 0, 0, 3]);
    assert_eq!(desk.commit(&week("A"), AGAIN), [2, 1, 0, 0, 0, 0]);
    assert_eq!(desk.says(), Some("A".into()));
    let mut desk = Desk::new();
    desk.commit(&timed(1, "A"), PLAIN);
    desk.revert(1);
    assert_eq!(desk.commit(&timed(2, "B"), PLAIN), [1, 0, 0, 0, 0, 2]);
    assert_eq!(desk.commit(&timed(1, "A"), AGAIN), [3, 0, 0, 0, 0, 0]);
    assert_eq!(desk.says(), Some("B".into()));
}

#[test]
fn another_guideline_makes_no_row_new() {
    let under = |guideline, rows: [Row; 3]| rows.map(|row| Row { guideline: Some(guideline), ..row });
    let mut desk = Desk::new();
    assert_eq!(desk.commit(&under("tone@1", week("A")), PLAIN), [3, 0, 0, 0, 0, 0]);
    assert_eq!(desk.commit(&under("tone@2", week("B")), PLAIN), [1, 0, 2, 2, 0, 0]);
    assert_eq!(desk.commit(&week("B"), AMEND), [0, 0, 3, 0, 0, 0]);
    assert_eq!(desk.commit(&under("tone@2", week("B")), AMEND), [0, 0, 1, 0, 2, 0]);
    assert_eq!(desk.commit(&under("tone@2", week("B")), AMEND), [0, 0, 3, 0, 0, 0]);
    assert_eq!(desk.ledger().judgements().len(), 4);
}

#[test]
fn a_row_twice_in_a_file_is_added_once() {
    let mut desk = Desk::new();
    let twice = [row("x", "ana", "A"), row("x", "ana", "A"), row("x", "raj", "A")];
    assert_eq!(desk.plan(&twice, PLAIN).counts().repeated, 1);
    desk.commit(&twice, PLAIN);
    assert_eq!(desk.ledger().judgements().len(), 2);
}

#[test]
fn others_words_are_not_hers() {
    let mut desk = Desk::new();
    desk.commit(&week("A"), PLAIN);
    let rows = [row("x", "raj", "A"), row("y", "ana", "new"), row("q", "ana", "A")];
    assert_eq!(desk.commit(&rows, PLAIN), [3, 0, 0, 0, 0, 0]);
}

#[test]
fn again_adds_as_of_now_what_would_only_contradict() {
    let mut desk = Desk::new();
    let doubted = Row { origin: Origin::Unknown, ..row("x", "ana", "A") };
    desk.commit(&[doubted, row("x", "ana", "B")], PLAIN);
    let filter = Filter { origins: vec![Origin::Unknown], ..Filter::default() };
    desk.records.push(super::revert(2, &[1], Revert { filter, ..Revert::default() }));
    assert_eq!(desk.says(), Some("B".into()));
    assert_eq!(desk.commit(&[row("x", "ana", "A")], AGAIN), [0, 1, 0, 0, 0, 0]);
    assert_eq!(desk.says(), Some("A".into()));
}
