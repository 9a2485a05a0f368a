//! Cohen's κ of two labelers: chance is each one's own distribution of classes, over the items both labelled.
//!
//! κ = (p_o − p_e)/(1 − p_e), p_o = Σ w_kl p_kl, p_e = Σ w_kl p_k+ p_+l. Cohen (1960), Educational and Psychological
//! Measurement 20:37-46; weighted (1968), Psychological Bulletin 70:213-220. Items that one of the two did not label are
//! left out (pairwise deletion). Standard errors: Fleiss, Cohen & Everitt (1969), Psychological Bulletin 72:323-327.

use super::{Contingency, Estimate, Undefined, Weights};

/// Returns Cohen's κ of a pair.
///
/// # Errors
/// The two have no items in common, or gave one and the same class throughout.
pub fn cohen_kappa(pair: &Contingency<'_>, weights: &Weights) -> Result<Estimate, Undefined> {
    let items = pair.items();
    if items == 0 {
        return Err(Undefined::NoCommonItems);
    }
    // In whole numbers, n²p_e and n²p_o: the coefficient is exact but for one division.
    let square = u128::from(items) * u128::from(items);
    let chance = chance(pair);
    if chance == square {
        return Err(Undefined::ExpectedAgreementIs1);
    }
    if !weights.is_identity() {
        let (first, second) = pair.marginals();
        let classes =
            |marginal: &[(u32, u64)]| marginal.iter().map(|(class, _)| *class).collect::<Vec<u32>>();
        let (first, second) = (classes(&first), classes(&second));
        if !weights.tell_apart(first.into_iter(), second.iter().copied()) {
            return Err(Undefined::ExpectedAgreementIs1);
        }
        let shares = Shares::of(pair, weights);
        return Ok(Estimate::beyond_chance(shares.observed, shares.expected));
    }
    let agreeing = u128::from(pair.agreeing()) * u128::from(items);
    let above_chance =
        if agreeing >= chance { (agreeing - chance) as f64 } else { -((chance - agreeing) as f64) };
    Ok(Estimate {
        value: above_chance / (square - chance) as f64,
        observed: pair.agreeing() as f64 / items as f64,
        expected: Some(chance as f64 / square as f64),
    })
}

/// How sure Cohen's κ is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CohenErrors {
    /// The standard error.
    pub se: f64,
    /// The standard error if κ were 0, for a test of that alone.
    pub se_of_chance: f64,
}

/// Returns the standard errors of κ, `estimate`, of large samples.
pub fn cohen_errors(pair: &Contingency<'_>, weights: &Weights, estimate: &Estimate) -> CohenErrors {
    let shares = Shares::of(pair, weights);
    let (kappa, expected) = (estimate.value, shares.expected);
    let scale = pair.items() as f64 * (1.0 - expected).powi(2);
    let squares: f64 = pair
        .cells
        .iter()
        .map(|(k, l, items)| {
            let weighted = shares.first(*k).1 + shares.second(*l).1;
            f64::from(*items) * (weights.at(*k, *l) - weighted * (1.0 - kappa)).powi(2)
        })
        .sum();
    let variance = squares / pair.items() as f64 - (kappa - expected * (1.0 - kappa)).powi(2);
    let by_chance = shares.spread_of_chance(weights);
    // Rounding may leave a hair below 0 where there is no variance.
    let root = |variance: f64| (variance.max(0.0) / scale).sqrt();
    CohenErrors { se: root(variance), se_of_chance: root(by_chance - expected * expected) }
}

/// The shares of a pair's contingency table under weights.
struct Shares {
    observed: f64,
    expected: f64,
    /// For each class the first gave: the class, p_k+, and the mean weight w̄_k. of what the second gave.
    first: Vec<(u32, f64, f64)>,
    /// The same of the second.
    second: Vec<(u32, f64, f64)>,
}

impl Shares {
    fn of(pair: &Contingency<'_>, weights: &Weights) -> Self {
        let items = pair.items() as f64;
        let (first, second) = pair.marginals();
        let weighted = |own: &[(u32, u64)], other: &[(u32, u64)]| -> Vec<(u32, f64, f64)> {
            own.iter()
                .map(|(class, labels)| {
                    let sum: f64 = match weights.is_identity() {
                        true => other
                            .binary_search_by_key(class, |(other, _)| *other)
                            .map_or(0.0, |at| other[at].1 as f64),
                        false => other
                            .iter()
                            .map(|(other, labels)| weights.at(*class, *other) * *labels as f64)
                            .sum(),
                    };
                    (*class, *labels as f64 / items, sum / items)
                })
                .collect()
        };
        let (by_first, by_second) = (weighted(&first, &second), weighted(&second, &first));
        let observed: f64 =
            pair.cells.iter().map(|(k, l, items)| weights.at(*k, *l) * f64::from(*items)).sum();
        let expected = by_first.iter().map(|(_, share, weight)| share * weight).sum();
        Self { observed: observed / items, expected, first: by_first, second: by_second }
    }

    /// Returns Σ p_k+ p_+l (w_kl − (w̄_k. + w̄_.l))².
    fn spread_of_chance(&self, weights: &Weights) -> f64 {
        if !weights.is_identity() {
            let of = |(k, p_k, w_k): &(u32, f64, f64)| -> f64 {
                let seconds = self.second.iter();
                seconds.map(|(l, p_l, w_l)| p_k * p_l * (weights.at(*k, *l) - (w_k + w_l)).powi(2)).sum()
            };
            return self.first.iter().map(of).sum();
        }
        // w_kl is 0 but for equal classes: the square is that of w̄_k. + w̄_.l, and what it is off for those.
        let sum = |shares: &[(u32, f64, f64)], power: i32| -> f64 {
            shares.iter().map(|(_, share, weight)| share * weight.powi(power)).sum()
        };
        let (first, second) = (&self.first, &self.second);
        let all = sum(first, 2) + 2.0 * sum(first, 1) * sum(second, 1) + sum(second, 2);
        let equal = first.iter().map(|(class, p_k, w_k)| {
            let (p_l, w_l) = self.second(*class);
            p_k * p_l * (1.0 - 2.0 * (w_k + w_l))
        });
        all + equal.sum::<f64>()
    }

    /// Returns p_k+ and w̄_k. of a class that the first gave.
    fn first(&self, class: u32) -> (f64, f64) {
        find(&self.first, class)
    }

    /// Returns p_+l and w̄_.l of a class that the second gave.
    fn second(&self, class: u32) -> (f64, f64) {
        find(&self.second, class)
    }
}

fn find(shares: &[(u32, f64, f64)], class: u32) -> (f64, f64) {
    let at = shares.binary_search_by_key(&class, |(class, ..)| *class);
    at.map_or((0.0, 0.0), |at| (shares[at].1, shares[at].2))
}

/// Whether one of the two gave one class throughout: κ is 0 then, whatever they agree on.
pub(super) fn has_constant_labeler(pair: &Contingency<'_>) -> bool {
    let constant = |class: fn(&(u32, u32, u32)) -> u32| {
        pair.cells.windows(2).all(|two| class(&two[0]) == class(&two[1]))
    };
    constant(|cell| cell.0) || constant(|cell| cell.1)
}

/// Returns Σ_k n_k+ n_+k, in whole numbers.
fn chance(pair: &Contingency<'_>) -> u128 {
    let (first, second) = pair.marginals();
    let mut second = second.into_iter().peekable();
    let mut sum = 0;
    // Both sides are in class order: they are walked together.
    for (class, labels) in first {
        while second.next_if(|(other, _)| *other < class).is_some() {}
        if let Some((_, others)) = second.next_if(|(other, _)| *other == class) {
            sum += u128::from(labels) * u128::from(others);
        }
    }
    sum
}
