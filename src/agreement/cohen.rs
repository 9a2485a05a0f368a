//! Cohen's κ of two labelers: chance is each one's own distribution of classes, over the items both labelled.
//!
//! κ = (p_o − p_e)/(1 − p_e), p_e = Σ_k p_k+ p_+k. Cohen (1960), Educational and Psychological Measurement 20:37-46.
//! Items that one of the two did not label are left out (pairwise deletion).

use super::{Contingency, Estimate, Undefined};

/// Returns Cohen's κ of a pair, unweighted.
///
/// # Errors
/// The two have no items in common, or gave one and the same class throughout.
pub fn cohen_kappa(pair: &Contingency<'_>) -> Result<Estimate, Undefined> {
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
    let agreeing = u128::from(pair.agreeing()) * u128::from(items);
    let above_chance =
        if agreeing >= chance { (agreeing - chance) as f64 } else { -((chance - agreeing) as f64) };
    Ok(Estimate {
        value: above_chance / (square - chance) as f64,
        observed: pair.agreeing() as f64 / items as f64,
        expected: Some(chance as f64 / square as f64),
    })
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
    let mut second: Vec<(u32, u32)> = pair.cells.iter().map(|(_, class, items)| (*class, *items)).collect();
    second.sort_unstable();
    let mut second = second.chunk_by(|a, b| a.0 == b.0).peekable();
    let mut sum = 0;
    // Both sides are in class order: they are walked together.
    for first in pair.cells.chunk_by(|a, b| a.0 == b.0) {
        let class = first[0].0;
        while second.next_if(|items| items[0].0 < class).is_some() {}
        if let Some(items) = second.next_if(|items| items[0].0 == class) {
            let total = |items: &mut dyn Iterator<Item = u32>| items.map(u128::from).sum::<u128>();
            sum += total(&mut first.iter().map(|cell| cell.2)) * total(&mut items.iter().map(|cell| cell.1));
        }
    }
    sum
}
