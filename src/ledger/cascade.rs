//! Rule 4: which judgements were built on which, and how far a cascading revert spreads.

use rayon::prelude::*;

use super::reverts::{self, Cover};
use super::{Ledger, introducing};
use crate::record::{Cascade, Kind, Origin, col};

/// That one judgement was built on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    /// The judgement made with the other in sight.
    pub(super) built: u32,
    /// The judgement that was shown.
    pub(super) on: u32,
    /// How the one came about, as the row says that was shown the other.
    pub(super) origin: Origin,
}

/// Returns the links between the judgements of every item, sorted.
pub(super) fn links(ledger: &Ledger) -> Vec<Link> {
    let items: Vec<&[super::Judgement]> =
        ledger.judgements().chunk_by(|a, b| (a.task, a.item) == (b.task, b.item)).collect();
    let starts: Vec<u32> = items
        .iter()
        .scan(0u32, |next, item| {
            let start = *next;
            *next += item.len() as u32;
            Some(start)
        })
        .collect();
    let found: Vec<Vec<Link>> = starts
        .par_iter()
        .zip(&items)
        .filter(|(_, item)| item.len() > 1)
        .map(|(start, item)| item_links(ledger, *start, item.len() as u32))
        .filter(|links| !links.is_empty())
        .collect();
    found.concat()
}

/// Returns the links between `count` judgements from `start` on, all of one item.
fn item_links(ledger: &Ledger, start: u32, count: u32) -> Vec<Link> {
    // Sorted when first needed: most items were judged with nothing shown.
    let mut shown: Vec<(u32, u32, u32)> = Vec::new();
    let mut links = Vec::new();
    for built in start..start + count {
        let carriers = ledger.carriers(&ledger.judgements()[built as usize]);
        for carrier in introducing(&ledger.set.ancestry, carriers) {
            let (rows, row) = ledger.row_of(*carrier);
            let (Some(guess), Some(whose)) = (rows.text(row, col::SHOWN), rows.text(row, col::SHOWN_BY))
            else {
                continue;
            };
            let (Some(guess), Some(whose)) = (ledger.find_statement(guess), ledger.find_labeler(whose))
            else {
                continue;
            };
            if shown.is_empty() {
                shown = can_be_shown(ledger, start, count);
            }
            let origin =
                rows.text(row, col::ORIGIN).and_then(|word| word.parse().ok()).unwrap_or(Origin::Unknown);
            let first =
                shown.partition_point(|(labeler, statement, _)| (*labeler, *statement) < (whose, guess));
            let same = shown[first..]
                .iter()
                .take_while(|(labeler, statement, _)| (*labeler, *statement) == (whose, guess));
            links.extend(
                same.map(|(_, _, on)| Link { built, on: *on, origin })
                    .filter(|link| link.on != built && !comes_after(ledger, link.on, built)),
            );
        }
    }
    links.sort_unstable();
    links.dedup();
    links
}

/// Returns (labeler, statement, judgement) for those that say something other than an adjudication, sorted.
fn can_be_shown(ledger: &Ledger, start: u32, count: u32) -> Vec<(u32, u32, u32)> {
    let numbered = (start..start + count).map(|number| (number, &ledger.judgements()[number as usize]));
    let mut shown: Vec<_> = numbered
        .filter(|(_, judgement)| judgement.kind != Kind::Adjudications)
        .filter_map(|(number, judgement)| Some((judgement.labeler, judgement.statement?, number)))
        .collect();
    shown.sort_unstable();
    shown
}

/// Whether a record that introduces `a` descends from one that introduces `b`.
fn comes_after(ledger: &Ledger, a: u32, b: u32) -> bool {
    let carriers = |number: u32| ledger.carriers(&ledger.judgements()[number as usize]);
    introducing(&ledger.set.ancestry, carriers(a)).any(|a| {
        introducing(&ledger.set.ancestry, carriers(b))
            .any(|b| ledger.descends(a.record as usize, b.record as usize))
    })
}

/// Lets every cascading revert take what was built on what it took, all of them together, until nothing more falls.
pub(super) fn spread(ledger: &mut Ledger) {
    let links = links(ledger);
    let mut by_on: Vec<(u32, u32)> = links.iter().map(|link| (link.on, link.built)).collect();
    by_on.sort_unstable();
    by_on.dedup();
    let mut covers = std::mem::take(&mut ledger.covers);
    let mut cascading: Vec<Spread> = covers.iter().filter_map(|cover| Spread::new(ledger, cover)).collect();
    let mut waiting: Vec<u32> = links.iter().map(|link| link.built).collect();
    waiting.dedup();
    while let Some(built) = waiting.pop() {
        let first = links.partition_point(|link| link.built < built);
        let on = links[first..].chunk_by(|a, b| a.built == b.built).next().unwrap_or_default();
        let stands = on.iter().any(|link| ledger.is_live(link.on as usize));
        if stands || ledger.judgements()[built as usize].kind == Kind::Adjudications {
            continue;
        }
        let mut fell = false;
        for spread in &mut cascading {
            if spread.takes(ledger, built, on) {
                spread.taken[built as usize] = true;
                reverts::mark(ledger, spread.revert, built as usize);
                fell = true;
            }
        }
        if fell {
            let first = by_on.partition_point(|(on, _)| *on < built);
            waiting.extend(by_on[first..].iter().take_while(|(on, _)| *on == built).map(|(_, built)| *built));
        }
    }
    for spread in cascading {
        let Some(cover) = covers.iter_mut().find(|cover| cover.revert as usize == spread.revert) else {
            continue;
        };
        cover.judgements =
            (0u32..).zip(&spread.taken).filter(|(_, taken)| **taken).map(|(number, _)| number).collect();
    }
    ledger.covers = covers;
}

/// A cascading revert on its way.
struct Spread {
    revert: usize,
    cascade: Cascade,
    concurrent: bool,
    /// By judgement: whether it is taken back.
    taken: Vec<bool>,
}

impl Spread {
    fn new(ledger: &Ledger, cover: &Cover) -> Option<Self> {
        let number = cover.revert as usize;
        let revert = reverts::revert(ledger, number).filter(|revert| revert.cascade != Cascade::None)?;
        let mut taken = vec![false; ledger.judgements().len()];
        cover.judgements.iter().for_each(|judgement| taken[*judgement as usize] = true);
        Some(Self { revert: number, cascade: revert.cascade, concurrent: revert.concurrent, taken })
    }

    /// Whether the revert comes to take `built`, none of whose `links` leads to a live judgement.
    fn takes(&self, ledger: &Ledger, built: u32, links: &[Link]) -> bool {
        !self.taken[built as usize]
            && links.iter().any(|link| self.taken[link.on as usize] && self.cascade.takes(link.origin))
            && ledger.carriers(&ledger.judgements()[built as usize]).iter().any(|carrier| {
                reverts::looks_in(ledger, self.revert, self.concurrent, carrier.record as usize)
            })
    }
}
