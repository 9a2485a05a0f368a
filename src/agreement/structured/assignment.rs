//! Optimal one-to-one matching of two lists: as many pairs as can be, or the pairs whose weights add up highest.
//!
//! Most pairs: augmenting paths (Berge 1957). Highest weight: shortest augmenting paths with potentials, the Hungarian
//! method as Jonker & Volgenant (1987), Computing 38:325-340, have it, on every connected component alone, in cubic
//! time of its size.

use std::collections::BTreeMap;

use super::components::Components;

/// Returns how many pairs can be matched at most; `neighbours[i]` are those of the second list, of `count`, that the
/// i-th of the first can go with.
pub(super) fn maximum_matching(neighbours: &[Vec<u32>], count: usize) -> u64 {
    let mut partner: Vec<Option<u32>> = vec![None; count];
    (0..).zip(neighbours).filter(|(start, _)| augment(*start, neighbours, &mut partner)).count() as u64
}

/// Looks, breadth first, for a path from `start` to somebody free, and turns the partners along it.
fn augment(start: u32, neighbours: &[Vec<u32>], partner: &mut [Option<u32>]) -> bool {
    if let Some(free) = neighbours[start as usize].iter().find(|other| partner[**other as usize].is_none()) {
        partner[*free as usize] = Some(start);
        return true;
    }
    // For each one met: who led to it.
    let mut led: BTreeMap<u32, u32> = BTreeMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for other in &neighbours[node as usize] {
            if led.contains_key(other) {
                continue;
            }
            led.insert(*other, node);
            if let Some(taken) = partner[*other as usize] {
                queue.push_back(taken);
                continue;
            }
            let (mut at, mut node) = (*other, node);
            loop {
                // What `node` held before goes to who led to it.
                let before =
                    neighbours[node as usize].iter().find(|held| partner[**held as usize] == Some(node));
                partner[at as usize] = Some(node);
                let Some(held) = before else { return true };
                at = *held;
                node = led[held];
            }
        }
    }
    false
}

/// Returns the pairs, ascending, whose weights add up highest. `edges` are (first, second, weight > 0); a pair that is
/// not among them has no weight and is never matched.
pub(super) fn heaviest_matching(first: usize, second: usize, edges: &[(u32, u32, f64)]) -> Vec<(u32, u32)> {
    let shift = u32::try_from(first).expect("fewer than 2^32 of them");
    let mut components = Components::new(first + second);
    edges.iter().for_each(|(a, b, _)| components.join(*a, b + shift));
    let mut parts: BTreeMap<u32, Vec<(u32, u32, f64)>> = BTreeMap::new();
    for edge in edges {
        parts.entry(components.root(edge.0)).or_default().push(*edge);
    }
    let mut matched: Vec<_> = parts.values().flat_map(|edges| heaviest_of_component(edges)).collect();
    matched.sort_unstable();
    matched
}

fn heaviest_of_component(edges: &[(u32, u32, f64)]) -> Vec<(u32, u32)> {
    if let [(a, b, _)] = edges {
        return vec![(*a, *b)];
    }
    let ids = |pick: fn(&(u32, u32, f64)) -> u32| {
        let mut ids: Vec<u32> = edges.iter().map(pick).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let (rows, columns) = (ids(|edge| edge.0), ids(|edge| edge.1));
    let place = |ids: &[u32], id| ids.partition_point(|known| *known < id);
    // The shorter side is what is assigned: everybody on it gets a partner, if only one of no weight.
    let flipped = rows.len() > columns.len();
    let (few, many) = if flipped { (&columns, &rows) } else { (&rows, &columns) };
    let mut weights = vec![0.0; few.len() * many.len()];
    for (a, b, weight) in edges {
        let (short, long) = if flipped { (b, a) } else { (a, b) };
        weights[place(few, *short) * many.len() + place(many, *long)] = *weight;
    }
    let partners = assign(few.len(), many.len(), |row, column| -weights[row * many.len() + column]);
    let pairs =
        partners.into_iter().enumerate().filter(|(row, column)| weights[row * many.len() + column] > 0.0);
    pairs
        .map(|(row, column)| if flipped { (many[column], few[row]) } else { (few[row], many[column]) })
        .collect()
}

/// Returns for each of `rows` its column, such that the costs add up lowest; there are no fewer columns than rows.
fn assign(rows: usize, columns: usize, cost: impl Fn(usize, usize) -> f64) -> Vec<usize> {
    // Column 0 and row 0 are none, as in the textbook: a new row waits at column 0 until a path to a free one is found.
    let (mut row_price, mut column_price) = (vec![0.0; rows + 1], vec![0.0; columns + 1]);
    let mut row_of = vec![0usize; columns + 1];
    for row in 1..=rows {
        row_of[0] = row;
        let (mut least, mut led) = (vec![f64::INFINITY; columns + 1], vec![0usize; columns + 1]);
        let mut done = vec![false; columns + 1];
        let mut at = 0;
        while row_of[at] != 0 {
            done[at] = true;
            let (current, mut step, mut next) = (row_of[at], f64::INFINITY, 0);
            for column in 1..=columns {
                if done[column] {
                    continue;
                }
                let reduced = cost(current - 1, column - 1) - row_price[current] - column_price[column];
                if reduced < least[column] {
                    (least[column], led[column]) = (reduced, at);
                }
                if least[column] < step {
                    (step, next) = (least[column], column);
                }
            }
            for column in 0..=columns {
                if done[column] {
                    row_price[row_of[column]] += step;
                    column_price[column] -= step;
                } else {
                    least[column] -= step;
                }
            }
            at = next;
        }
        while at != 0 {
            row_of[at] = row_of[led[at]];
            at = led[at];
        }
    }
    columns_of(&row_of, rows)
}

/// Returns for each of `rows` the column that `row_of` gives it; both count from 1 there.
fn columns_of(row_of: &[usize], rows: usize) -> Vec<usize> {
    let mut column_of = vec![0; rows];
    for column in (1..row_of.len()).filter(|column| row_of[*column] != 0) {
        column_of[row_of[column] - 1] = column - 1;
    }
    column_of
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The best total over all matchings, one by one.
    fn brute(weights: &[Vec<f64>], row: usize, used: u32) -> f64 {
        let Some(line) = weights.get(row) else { return 0.0 };
        let without = brute(weights, row + 1, used);
        (0..line.len()).filter(|column| used & (1 << column) == 0).fold(without, |best, column| {
            best.max(line[column] + brute(weights, row + 1, used | (1 << column)))
        })
    }

    fn weights() -> impl Strategy<Value = Vec<Vec<f64>>> {
        (1..6usize, 1..6usize).prop_flat_map(|(rows, columns)| {
            let cell = prop_oneof![Just(0.0), (1..100u32).prop_map(|weight| f64::from(weight) / 16.0)];
            prop::collection::vec(prop::collection::vec(cell, columns), rows)
        })
    }

    proptest! {
        #[test]
        fn no_matching_is_heavier(weights in weights()) {
            let cells = (0..).zip(&weights).flat_map(|(row, line)| (0..).zip(line).map(move |(column, weight)| (row, column, *weight)));
            let edges: Vec<(u32, u32, f64)> = cells.filter(|edge| edge.2 > 0.0).collect();
            let pairs = heaviest_matching(weights.len(), weights[0].len(), &edges);
            let total: f64 = pairs.iter().map(|(row, column)| weights[*row as usize][*column as usize]).sum();
            prop_assert_eq!(total, brute(&weights, 0, 0));
            let distinct = |pick: fn(&(u32, u32)) -> u32| pairs.iter().map(pick).collect::<std::collections::BTreeSet<_>>().len();
            prop_assert_eq!((distinct(|pair| pair.0), distinct(|pair| pair.1)), (pairs.len(), pairs.len()));
        }

        #[test]
        fn no_matching_has_more_pairs(weights in weights()) {
            let ones: Vec<Vec<f64>> = weights.iter().map(|line| line.iter().map(|weight| f64::from(u8::from(*weight > 0.0))).collect()).collect();
            let neighbours: Vec<Vec<u32>> = ones.iter().map(|line| (0..).zip(line).filter(|(_, one)| **one > 0.0).map(|(at, _)| at).collect()).collect();
            prop_assert_eq!(maximum_matching(&neighbours, ones[0].len()) as f64, brute(&ones, 0, 0));
        }
    }
}
