//! One class against all others: how well it alone is told apart.
//!
//! Every coefficient is that of the table whose classes are "it" and "not it". Specific agreement is the share of its
//! labels that another label of the item joins: 2 p_kk/(p_k+ + p_+k) for two labelers, Σ_i r_ik(r_ik − 1)/Σ_i r_ik(r_i − 1)
//! for more. Fleiss (1971), Psychological Bulletin 76:378-382; Cicchetti & Feinstein (1990), Journal of Clinical
//! Epidemiology 43:551-558.

use super::{Contingency, Estimate, Tallies, Undefined, Weights, cohen_kappa};

/// How well one class is told apart from the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OfClass {
    /// Fleiss' κ.
    pub fleiss: Result<Estimate, Undefined>,
    /// Krippendorff's α, nominal.
    pub alpha: Result<Estimate, Undefined>,
    /// Specific agreement.
    pub specific: Result<Estimate, Undefined>,
    /// Items with two labels or more of which one is of the class.
    pub items: u64,
    /// Labels of the class on them.
    pub labels: u64,
}

/// Sums of one class over the items with two labels or more.
#[derive(Clone, Copy, Default)]
struct Sums {
    /// Σ 2 r_k(r − r_k)/r(r − 1): the share of pairs that differ.
    differing: f64,
    /// Σ 2 r_k(r − r_k)/(r − 1): the same, each label alike.
    differing_by_label: f64,
    /// Σ r_k(r_k − 1), and Σ r_k(r − 1).
    joined: u64,
    could_join: u64,
    items: u64,
}

/// Returns what can be said of every class, in domain order.
pub fn per_class(tallies: &Tallies) -> Vec<OfClass> {
    let mut sums = vec![Sums::default(); tallies.classes()];
    for tally in tallies.paired() {
        let labels = u64::from(tally.labels);
        for (class, count) in tally.counts {
            let (count, sums) = (u64::from(*count), &mut sums[*class as usize]);
            let differing = (tally.items * 2 * count * (labels - count)) as f64;
            sums.differing += differing / tally.pairs() as f64;
            sums.differing_by_label += differing / (labels - 1) as f64;
            sums.joined += tally.items * count * (count - 1);
            sums.could_join += tally.items * count * (labels - 1);
            sums.items += tally.items;
        }
    }
    let (prevalence, totals) = (tallies.prevalence(), tallies.pairable());
    let (paired, labels) = (tallies.paired_items(), totals.iter().sum::<u64>());
    let of = |class: usize| {
        let (sums, share, own) = (sums[class], prevalence.get(class).copied().unwrap_or(0.0), totals[class]);
        let paired_or = |known: Result<(), Undefined>| match paired {
            0 => Err(Undefined::NoItemWithTwoLabels),
            _ => known,
        };
        let others = prevalence.iter().enumerate().any(|(other, share)| other != class && *share > 0.0);
        let known = if share > 0.0 && others { Ok(()) } else { Err(Undefined::ExpectedAgreementIs1) };
        let fleiss = paired_or(known).map(|()| {
            let expected = share * share + (1.0 - share) * (1.0 - share);
            Estimate::beyond_chance(1.0 - sums.differing / paired as f64, expected)
        });
        let known = if own > 0 && own < labels { Ok(()) } else { Err(Undefined::ExpectedDisagreementIs0) };
        let alpha = paired_or(known).map(|()| {
            let expected = 2.0 * own as f64 * (labels - own) as f64 / (labels as f64 * (labels - 1) as f64);
            let observed = sums.differing_by_label / labels as f64;
            Estimate {
                value: 1.0 - observed / expected,
                observed: 1.0 - observed,
                expected: Some(1.0 - expected),
            }
        });
        let known = if own > 0 { Ok(()) } else { Err(Undefined::ClassNeverUsed) };
        let specific =
            paired_or(known).map(|()| Estimate::plain(sums.joined as f64 / sums.could_join as f64));
        OfClass { fleiss, alpha, specific, items: sums.items, labels: own }
    };
    (0..tallies.classes()).map(of).collect()
}

/// Returns Cohen's κ of a pair for one class against all others.
///
/// # Errors
/// As [`cohen_kappa`]; or neither gave the class.
pub fn cohen_of_class(pair: &Contingency<'_>, class: u32) -> Result<Estimate, Undefined> {
    if pair.items() > 0 && pair.cells.iter().all(|(k, l, _)| *k != class && *l != class) {
        return Err(Undefined::ClassNeverUsed);
    }
    let mut table = [[0u32; 2]; 2];
    for (k, l, items) in pair.cells {
        table[usize::from(*k == class)][usize::from(*l == class)] += items;
    }
    let cells =
        [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(k, l): (u32, u32)| (k, l, table[k as usize][l as usize]));
    let cells: Vec<_> = cells.into_iter().filter(|(.., items)| *items > 0).collect();
    cohen_kappa(&Contingency { labelers: pair.labelers, cells: &cells }, &Weights::identity(2))
}
