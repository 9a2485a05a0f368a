//! Which rules are returned.

use rayon::prelude::*;

use super::Options;
use super::discoveries::log_q;
use super::nodes::Node;
use super::population::Population;
use super::space::Space;

/// A rule that is returned.
pub struct Kept {
    /// The rule.
    pub node: Node,
    /// ln of its q.
    pub log_q: f64,
}

/// Returns the rules with q ≤ level that are not redundant, in order of edit, p and length, and how many are redundant.
///
/// Rules that say the same are cut before q is final, for otherwise many wordings of one rule would let chance finds
/// of others in: q is that of the rules that are left among all tests.
pub fn select(
    population: &Population,
    found: Vec<Node>,
    space: &Space,
    options: &Options,
) -> (Vec<Kept>, u64) {
    let (mut found, _) = discoveries(found, space, options);
    found.sort_unstable_by(Node::by_p);
    let edits: Vec<&[Node]> = found.chunk_by(|a, b| a.edit == b.edit).collect();
    let kept: Vec<Node> =
        edits.into_par_iter().flat_map_iter(|rules| distinct(population, rules, options)).collect();
    let redundant = (found.len() - kept.len()) as u64;
    let (mut kept, log_q) = discoveries(kept, space, options);
    let mut kept: Vec<Kept> = kept.drain(..).zip(log_q).map(|(node, log_q)| Kept { node, log_q }).collect();
    kept.sort_unstable_by(|a, b| a.node.by_p(&b.node));
    (kept, redundant)
}

/// Returns the rules whose q is at most the level, and ln of their q.
fn discoveries(rules: Vec<Node>, space: &Space, options: &Options) -> (Vec<Node>, Vec<f64>) {
    let weighted: Vec<f64> =
        rules.iter().map(|node| node.log_p + space.log_weight(node.when.len())).collect();
    let log_level = options.level.ln();
    rules.into_iter().zip(log_q(&weighted, 0.0)).filter(|(_, log_q)| *log_q <= log_level).unzip()
}

/// Returns the rules of one edit, surest first, that each have `min_support` hits which none before them has.
fn distinct(population: &Population, rules: &[Node], options: &Options) -> Vec<Node> {
    let mut order: Vec<(f64, &Node)> = rules.iter().map(|node| (node.table.interval()[0], node)).collect();
    order.sort_by(|(a, first), (b, second)| {
        let shorter = first.when.len().cmp(&second.when.len());
        b.total_cmp(a).then(shorter).then_with(|| first.when.cmp(&second.when))
    });
    let mut covered: Vec<u32> = Vec::new();
    let mut kept = Vec::new();
    for (_, node) in order {
        let mut hits = Vec::new();
        population.hits(node.edit, &population.postings().of_all(&node.when), |item, score| {
            if score[0] > 0 && covered.binary_search(&item).is_err() {
                hits.push(item);
            }
        });
        if hits.len() >= options.min_support.max(1) as usize {
            covered.extend(hits);
            covered.sort_unstable();
            kept.push(node.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::super::{Lists, Mined, Options, Reviews, mine};

    /// Mines single rows of predicates and edits by two labelers, rules of one predicate.
    fn mined(rows: Vec<(Vec<u32>, Vec<u32>)>, ranks: Vec<u32>) -> Mined {
        let count = rows.len() as u32;
        let reviews = Reviews {
            items: (0..count).collect(),
            labelers: (0..count).map(|row| row % 2).collect(),
            predicates: Lists::of(rows.iter().map(|row| row.0.clone())),
            edits: Lists::of(rows.iter().map(|row| row.1.clone())),
            predicate_count: ranks.len(),
            ranks,
            edit_count: 2,
            held_out: vec![false; count as usize],
        };
        mine(&reviews, &Options { max_when: 1, ..Options::default() })
    }

    /// Returns the `when` of the rules of edit 0, and how many were redundant.
    fn kept(rows: Vec<(Vec<u32>, Vec<u32>)>, ranks: Vec<u32>) -> (Vec<Vec<u32>>, u64) {
        let mined = mined(rows, ranks);
        let mut kept: Vec<Vec<u32>> = mined.rules.into_iter().map(|rule| rule.when).collect();
        kept.sort();
        (kept, mined.redundant)
    }

    /// Predicate 1 holds wherever 0 does, and for `more` rows besides, with the edit or without.
    fn nested(more: u32, made: bool) -> Vec<(Vec<u32>, Vec<u32>)> {
        let both = (0..20).map(|_| (vec![0, 1], vec![0]));
        let one = (0..more).map(|_| (vec![1], if made { vec![0] } else { vec![] }));
        both.chain(one).chain((0..200).map(|_| (vec![], vec![]))).collect()
    }

    #[test]
    fn of_rules_that_say_the_same_the_surer_is_kept_then_the_one_of_lower_rank() {
        assert_eq!(kept(nested(0, true), vec![0, 1]), (vec![vec![0]], 1));
        assert_eq!(kept(nested(0, true), vec![1, 0]), (vec![vec![1]], 1));
        assert_eq!(kept(nested(8, false), vec![1, 0]), (vec![vec![0]], 1));
        assert_eq!(kept(nested(2, true), vec![0, 1]), (vec![vec![1]], 1));
    }

    #[test]
    fn a_rule_with_enough_support_of_its_own_is_kept_beside_a_surer_one() {
        let of = |own: u32| {
            let mut rows = nested(0, true);
            rows.iter_mut().take(20).for_each(|row| row.0 = vec![0]);
            rows.iter_mut().take(10).for_each(|row| row.0 = vec![0, 1]);
            rows.extend((0..own).map(|_| (vec![1], vec![0])));
            rows
        };
        assert_eq!(kept(of(2), vec![0, 1]), (vec![vec![0]], 1));
        assert_eq!(kept(of(3), vec![0, 1]), (vec![vec![0], vec![1]], 0));
    }

    /// Ten names of one sure rule would let a chance find of another edit in (p .012 × 22 tests / rank 11), but count once.
    #[test]
    fn many_names_of_one_rule_let_no_chance_find_in() {
        let names = (0..40).map(|_| ((0..10).collect(), vec![0]));
        let find = (0..4).map(|row| (vec![10], if row < 3 { vec![1] } else { vec![] }));
        let rest = (0..56).map(|row| (vec![], if row < 12 { vec![1] } else { vec![] }));
        let mined = mined(names.chain(find).chain(rest).collect(), (0..11).collect());
        assert_eq!(mined.tested, 22);
        assert_eq!(mined.rules.iter().map(|rule| rule.edit).collect::<Vec<_>>(), [0]);
    }
}
