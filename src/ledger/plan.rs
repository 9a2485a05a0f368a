//! At commit: which rows of a file say something new.
//!
//! In: a folded ledger and the rows of a file, as the file has them. Out: for each row, what is to become of it.
//! Planning a file a second time, after it was committed, adds nothing.

use std::ops::Range;

use rayon::prelude::*;

use super::{Judgement, Ledger, State, order};
use crate::base::Timestamp;
use crate::record::{Column, Kind, Origin, RecordId, Rows, col, compare_keys, key_order};

/// What is to become of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// It is added as it is.
    New,
    /// It has no time and says again what its labeler said before something else: it is added, made now.
    NewReturned,
    /// The ledger holds it, live; it is not added. `changed` tells whether it gives other attributes than the ledger.
    AlreadyThere {
        /// Whether some attribute it gives differs from the ledger's.
        changed: bool,
    },
    /// The ledger holds it with other attributes: it is added for these, with the time the ledger has for it.
    Amended {
        /// The time of the judgement it amends.
        created_at: Option<Timestamp>,
    },
    /// The ledger holds it, taken back by these reverts, in record order; it is not added.
    TakenBack {
        /// The live reverts.
        by: Vec<RecordId>,
    },
    /// An earlier row of the file is the same judgement; it is not added.
    Repeated,
}

/// What the committer wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Exactly this file was committed before: whatever it said once is no news.
    pub same_file: bool,
    /// Rows that were taken back are added again.
    pub again: bool,
    /// Rows that give other attributes than the ledger are added for these.
    pub amend: bool,
}

/// The rows of a file and what is to become of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    rows: usize,
    /// Those that are not simply new, by row: most files hold few of them, or are few.
    others: Vec<(u32, Disposition)>,
}

/// How many rows of a plan there are of each sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Added as they are.
    pub new: usize,
    /// Added, made now.
    pub returned: usize,
    /// In the ledger, live.
    pub there: usize,
    /// Of these, with other attributes.
    pub changed: usize,
    /// Added for their attributes.
    pub amended: usize,
    /// In the ledger, taken back.
    pub taken_back: usize,
    /// Twice in the file.
    pub repeated: usize,
}

impl Plan {
    /// Returns the rows that are not simply new, in order, each with what is to become of it.
    pub fn others(&self) -> &[(u32, Disposition)] {
        &self.others
    }

    /// Returns what is to become of `row`.
    pub fn of(&self, row: usize) -> &Disposition {
        let found = self.others.binary_search_by_key(&row, |(other, _)| *other as usize);
        found.map_or(&Disposition::New, |index| &self.others[index].1)
    }

    /// Returns the rows that are to be added, in order; `None` when all are, as they are.
    pub fn added(&self) -> Option<Vec<u32>> {
        if self.others.is_empty() {
            return None;
        }
        let mut others = self.others.iter().peekable();
        let adds = |row: &u32| match others.next_if(|(other, _)| other == row) {
            Some((_, disposition)) => disposition.adds(),
            None => true,
        };
        Some((0..self.rows as u32).filter(adds).collect())
    }

    /// Counts the rows of each sort.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { new: self.rows - self.others.len(), ..Counts::default() };
        for (_, disposition) in &self.others {
            match disposition {
                Disposition::New => counts.new += 1,
                Disposition::NewReturned => counts.returned += 1,
                Disposition::AlreadyThere { changed } => {
                    counts.there += 1;
                    counts.changed += usize::from(*changed);
                }
                Disposition::Amended { .. } => counts.amended += 1,
                Disposition::TakenBack { .. } => counts.taken_back += 1,
                Disposition::Repeated => counts.repeated += 1,
            }
        }
        counts
    }

    /// Returns those of `rows`, the rows planned, that are to be added, in order, by a record of `recorded_at`.
    pub fn to_add(&self, rows: &Rows, recorded_at: Timestamp) -> Rows {
        let Some(picked) = self.added() else { return rows.clone() };
        let mut added = rows.take(&picked);
        for (row, disposition) in &self.others {
            let time = match disposition {
                Disposition::NewReturned => Some(recorded_at),
                Disposition::Amended { created_at } => *created_at,
                _ => continue,
            };
            let place = picked.binary_search(row).expect("what is amended or said again is added");
            added.set_time(place, col::CREATED_AT, time);
        }
        added
    }
}

impl Disposition {
    fn adds(&self) -> bool {
        matches!(self, Self::New | Self::NewReturned | Self::Amended { .. })
    }
}

/// Decides what is to become of each of `rows`, judgements that answer `task`.
///
/// Attributes that a row leaves out, and the origin `unknown`, say nothing, and so differ from nothing.
pub fn plan(ledger: &Ledger, task: &str, rows: &Rows, wish: Wish) -> Plan {
    let desk = Desk { ledger, task: ledger.find_task(task), rows, wish };
    // Of a task that nobody has judged yet, all is new.
    let known = if desk.task.is_some() { rows.len() } else { 0 };
    let other = |row: usize| match desk.decide(row) {
        Disposition::New => None,
        disposition => Some((row as u32, disposition)),
    };
    let mut plan = Plan { rows: rows.len(), others: (0..known).into_par_iter().filter_map(other).collect() };
    mark_repeated(rows, &mut plan);
    plan
}

/// Marks rows that an earlier row of the file makes needless.
fn mark_repeated(rows: &Rows, plan: &mut Plan) {
    let Some(order) = key_order(rows) else { return };
    let mut repeated: Vec<u32> = Vec::new();
    let same_key = |a: &u32, b: &u32| compare_keys(rows, *a as usize, *b as usize).is_eq();
    for same in order.chunk_by(same_key).filter(|same| same.len() > 1) {
        let mut added: Vec<_> = same
            .iter()
            .filter(|row| plan.of(**row as usize).adds())
            .map(|row| (rows.statement(*row as usize), *row))
            .collect();
        added.sort();
        let said = added.chunk_by(|a, b| a.0 == b.0);
        repeated.extend(said.flat_map(|same| &same[1..]).map(|(_, row)| *row));
    }
    if repeated.is_empty() {
        return;
    }
    repeated.sort_unstable();
    plan.others.retain(|(row, _)| repeated.binary_search(row).is_err());
    plan.others.extend(repeated.into_iter().map(|row| (row, Disposition::Repeated)));
    plan.others.sort_unstable_by_key(|(row, _)| *row);
}

/// Where rows are compared with the ledger.
struct Desk<'a> {
    ledger: &'a Ledger,
    task: Option<u16>,
    rows: &'a Rows,
    wish: Wish,
}

impl Desk<'_> {
    fn decide(&self, row: usize) -> Disposition {
        let Some(hers) = self.hers(row) else { return Disposition::New };
        let statement = match self.rows.statement(row) {
            Some(text) => match self.ledger.find_statement(&text) {
                Some(statement) => Some(statement),
                None => return Disposition::New,
            },
            None => None,
        };
        let same: Vec<usize> = hers.filter(|number| self.judgement(*number).statement == statement).collect();
        match self.rows.time(row, col::CREATED_AT) {
            Some(time) => {
                let known = same.iter().find(|number| self.judgement(**number).created_at == Some(time));
                known.map_or(Disposition::New, |number| self.known(row, *number))
            }
            None => self.decide_untimed(row, &same),
        }
    }

    /// Returns the judgements of the row's kind, item and labeler; `None` where the ledger knows no such.
    fn hers(&self, row: usize) -> Option<Range<usize>> {
        let item = self.ledger.find_item(self.rows.text(row, col::ITEM)?)?;
        let labeler = self.ledger.find_labeler(self.rows.text(row, col::LABELER)?)?;
        Some(self.ledger.of_labeler(self.task?, self.rows.kind(), item, labeler))
    }

    fn judgement(&self, number: usize) -> &Judgement {
        &self.ledger.judgements()[number]
    }

    /// Decides on a row that is judgement `number`.
    fn known(&self, row: usize, number: usize) -> Disposition {
        match (self.judgement(number).state, self.wish.again) {
            (State::Reverted, true) => Disposition::New,
            (State::Reverted, false) => self.taken_back(number),
            _ => self.there(row, number),
        }
    }

    /// Decides on a row without time, whose labeler said the same in judgements `same`.
    fn decide_untimed(&self, row: usize, same: &[usize]) -> Disposition {
        let Some(first) = same.first() else { return Disposition::New };
        let is = |state: State| move |number: &&usize| self.judgement(**number).state == state;
        if let Some(current) = same.iter().find(is(State::Current)) {
            return self.there(row, *current);
        }
        let live = same.iter().find(|number| self.judgement(**number).state != State::Reverted);
        if let (true, Some(live)) = (self.wish.same_file, live) {
            return self.there(row, *live);
        }
        let untimed = self.judgement(*first).created_at.is_none().then_some(*first);
        if !self.wish.again {
            let known = if self.wish.same_file { Some(*first) } else { None };
            let reverted = untimed.filter(|number| self.judgement(*number).state == State::Reverted);
            if let Some(number) = self.would_be_current(same).or(reverted).or(known) {
                return self.taken_back(number);
            }
        }
        match untimed {
            Some(number) if live.is_some() || !self.would_stand(number) => Disposition::NewReturned,
            _ => Disposition::New,
        }
    }

    /// Returns the one of judgements `same` that would be current were nothing taken back, and is taken back.
    fn would_be_current(&self, same: &[usize]) -> Option<usize> {
        let mut reverted =
            same.iter().filter(|number| self.judgement(**number).state == State::Reverted).peekable();
        let key = order::key_of(self.ledger, **reverted.peek()?);
        let last = order::of_key(self.ledger, key.clone()).last(&vec![true; key.len()]);
        reverted.find(|number| last[**number - key.start]).copied()
    }

    /// Whether the judgement `number` would be current were it live.
    fn would_stand(&self, number: usize) -> bool {
        let key = order::key_of(self.ledger, number);
        let live: Vec<bool> =
            key.clone().map(|other| other == number || self.ledger.is_live(other)).collect();
        let last = order::of_key(self.ledger, key.clone()).last(&live);
        let statement = self.judgement(number).statement;
        last[number - key.start]
            && key.zip(last).all(|(other, last)| !last || self.judgement(other).statement == statement)
    }

    fn taken_back(&self, number: usize) -> Disposition {
        let by = self.ledger.reverted_by(self.judgement(number));
        Disposition::TakenBack { by: by.into_iter().map(|record| self.ledger.records()[record].id).collect() }
    }

    /// Decides on a row that is the live judgement `number`.
    fn there(&self, row: usize, number: usize) -> Disposition {
        let changed = self.gives_other_attributes(row, number);
        match changed && self.wish.amend {
            true => Disposition::Amended { created_at: self.judgement(number).created_at },
            false => Disposition::AlreadyThere { changed },
        }
    }

    fn gives_other_attributes(&self, row: usize, number: usize) -> bool {
        let carrier = self.ledger.attributes(self.judgement(number));
        let (theirs, other) = self.ledger.row_of(carrier);
        let identity: &[usize] = match self.rows.kind() {
            Kind::Corrections => {
                &[col::ITEM, col::LABELER, col::CREATED_AT, col::ORIGINAL, col::CORRECTED, col::VERDICT]
            }
            _ => &[col::ITEM, col::LABELER, col::CREATED_AT, col::LABEL],
        };
        let mut columns = self.rows.columns().iter().zip(theirs.columns()).enumerate();
        columns.any(|(column, (mine, theirs))| {
            let silent = identity.contains(&column)
                || mine.is_null(row)
                || (column == col::ORIGIN && self.rows.text(row, column) == Some(Origin::Unknown.as_str()));
            !silent && !same_cell(mine, row, theirs, other)
        })
    }
}

fn same_cell(mine: &Column, row: usize, theirs: &Column, other: usize) -> bool {
    match (mine, theirs) {
        (Column::Text(a), Column::Text(b)) => a.get(row) == b.get(other),
        (Column::Time(a), Column::Time(b)) | (Column::Int(a), Column::Int(b)) => a[row] == b[other],
        (Column::Float(a), Column::Float(b)) => a[row] == b[other],
        (Column::Bool(a), Column::Bool(b)) => a[row] == b[other],
        (Column::Texts(a), Column::Texts(b)) => a[row] == b[other],
        (Column::Floats(a), Column::Floats(b)) => a[row] == b[other],
        _ => false,
    }
}
