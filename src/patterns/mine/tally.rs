//! Counts of every predicate at once, over some rows.

use std::sync::Mutex;

use super::population::{Population, Scoped};

/// A pair of counts for every predicate, and which of them are not 0.
pub struct Tally {
    cells: Vec<[i32; 2]>,
    touched: Vec<u32>,
    /// Of the item at hand: rows with the predicate, and those of them that made the edit.
    of_item: Vec<[u32; 2]>,
    met: Vec<u32>,
}

impl Tally {
    fn new(predicates: usize) -> Self {
        let of_item = vec![[0, 0]; predicates];
        Self { cells: vec![[0, 0]; predicates], touched: Vec::new(), of_item, met: Vec::new() }
    }

    /// Adds to every predicate, for every item with rows among `rows`, what `score` returns for the item, how many of
    /// these rows have the predicate, how many of those made the edit, and how many rows of the item did.
    pub fn count(
        &mut self,
        population: &Population,
        rows: impl Iterator<Item = Scoped>,
        score: impl Fn(u32, u32, u32, u32) -> [i32; 2],
    ) {
        let mut rows = rows.peekable();
        while let Some(first) = rows.next() {
            let item = population.item_of(first.row);
            let follows = |next: &Scoped| population.item_of(next.row) == item;
            if !rows.peek().is_some_and(follows) {
                let score = score(item, 1, u32::from(first.made), first.of_item);
                population.predicates_of(first.row).iter().for_each(|predicate| self.add(*predicate, score));
                continue;
            }
            self.note(population, first);
            while let Some(next) = rows.next_if(follows) {
                self.note(population, next);
            }
            while let Some(predicate) = self.met.pop() {
                let [matched, made] = std::mem::take(&mut self.of_item[predicate as usize]);
                self.add(predicate, score(item, matched, made, first.of_item));
            }
        }
    }

    fn note(&mut self, population: &Population, scoped: Scoped) {
        for predicate in population.predicates_of(scoped.row) {
            let counts = &mut self.of_item[*predicate as usize];
            if counts[0] == 0 {
                self.met.push(*predicate);
            }
            counts[0] += 1;
            counts[1] += u32::from(scoped.made);
        }
    }

    /// Adds to the counts of a predicate.
    fn add(&mut self, predicate: u32, score: [i32; 2]) {
        let cell = &mut self.cells[predicate as usize];
        if *cell == [0, 0] {
            self.touched.push(predicate);
        }
        cell[0] += score[0];
        cell[1] += score[1];
    }

    /// Returns the counts of a predicate.
    pub fn get(&self, predicate: u32) -> [i32; 2] {
        self.cells[predicate as usize]
    }

    /// Sets all counts to 0.
    pub fn clear(&mut self) {
        self.touched.drain(..).for_each(|predicate| self.cells[predicate as usize] = [0, 0]);
    }

    /// Returns the predicates whose first count is at least `least`, ascending, and sets all counts to 0.
    pub fn drain(&mut self, least: u32) -> Vec<(u32, [i32; 2])> {
        let mut drained = Vec::new();
        for predicate in self.touched.drain(..) {
            // Counts that came back to 0 in between are touched twice, and are 0 by then.
            let counts = std::mem::take(&mut self.cells[predicate as usize]);
            if counts[0] >= least as i32 {
                drained.push((predicate, counts));
            }
        }
        drained.sort_unstable();
        drained
    }
}

/// Tallies that are not in use, all counts 0.
pub struct Tallies {
    predicates: usize,
    spare: Mutex<Vec<Tally>>,
}

impl Tallies {
    pub fn new(predicates: usize) -> Self {
        Self { predicates, spare: Mutex::new(Vec::new()) }
    }

    /// Calls `with` with an empty tally, which it must leave empty.
    pub fn with<T>(&self, with: impl FnOnce(&mut Tally) -> T) -> T {
        let spare = self.spare.lock().expect("nothing panics while it holds the lock").pop();
        let mut tally = spare.unwrap_or_else(|| Tally::new(self.predicates));
        let outcome = with(&mut tally);
        self.spare.lock().expect("nothing panics while it holds the lock").push(tally);
        outcome
    }
}
