//! What takes part, and the dense ids it goes by.

use super::{Lists, Reviews};

/// Of what takes no part.
pub const NONE: u32 = u32::MAX;

/// What takes part: dense ids of predicates in order of rank then id, dense ids of edits in order of id.
pub struct Names {
    /// The id each dense one stands for.
    pub predicates: Vec<u32>,
    /// Likewise.
    pub edits: Vec<u32>,
    /// The dense id of every predicate, [`NONE`] of those that take no part.
    pub dense_predicates: Vec<u32>,
    /// Likewise.
    pub dense_edits: Vec<u32>,
}

impl Names {
    /// Returns the edits of at least `min_support` mined items and the predicates that so many have and so many lack.
    pub fn of(reviews: &Reviews, min_support: u32) -> Self {
        let least = min_support.max(1);
        let (lists, edits) = (&reviews.predicates, &reviews.edits);
        let items = reviews.runs(false).count() as u32;
        let (with, without) = spread(reviews, lists, reviews.predicate_count, items);
        let taking_part = |id: &u32| with[*id as usize] >= least && without[*id as usize] >= least;
        let mut predicates: Vec<u32> = (0..reviews.predicate_count as u32).filter(taking_part).collect();
        predicates.sort_by_key(|id| reviews.ranks[*id as usize]);
        let (with, _) = spread(reviews, edits, reviews.edit_count, items);
        let edits = (0..reviews.edit_count as u32).filter(|id| with[*id as usize] >= least).collect();
        Self::only(reviews, predicates, edits)
    }

    /// Returns these, dense ids being places in the lists.
    pub fn only(reviews: &Reviews, predicates: Vec<u32>, edits: Vec<u32>) -> Self {
        let places = |ids: &[u32], count: usize| {
            let mut places = vec![NONE; count];
            ids.iter().zip(0..).for_each(|(id, place)| places[*id as usize] = place);
            places
        };
        let dense_predicates = places(&predicates, reviews.predicate_count);
        let dense_edits = places(&edits, reviews.edit_count);
        Self { predicates, edits, dense_predicates, dense_edits }
    }
}

/// Returns of each id how many mined items have rows with it, and how many have rows without it.
fn spread(reviews: &Reviews, lists: &Lists, count: usize, items: u32) -> (Vec<u32>, Vec<u32>) {
    let (mut with, mut throughout, mut rows) = (vec![0; count], vec![0; count], vec![0; count]);
    for run in reviews.runs(false) {
        let values = &lists.values[lists.starts[run.start]..lists.starts[run.end]];
        if run.len() == 1 {
            values.iter().for_each(|id| throughout[*id as usize] += 1);
            continue;
        }
        values.iter().for_each(|id| rows[*id as usize] += 1);
        for id in values {
            let rows = std::mem::take(&mut rows[*id as usize]);
            with[*id as usize] += u32::from(0 < rows && rows < run.len());
            throughout[*id as usize] += u32::from(rows == run.len());
        }
    }
    let without = throughout.iter().map(|throughout| items - throughout).collect();
    with.iter_mut().zip(throughout).for_each(|(with, throughout)| *with += throughout);
    (with, without)
}
