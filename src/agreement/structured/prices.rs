//! Prices of units for set packing: what bounds the search from above, and a first packing from below.
//!
//! The dual of the packing's linear relaxation: least Σ p with Σ_{u ∈ group} p_u ≥ saving of the group. Subgradient
//! steps on the Lagrangian Σ p + Σ_groups max(0, saving − Σ p), their length after Polyak (1969): Fisher (1981),
//! Management Science 27:1-18. Whatever the prices are, they are then raised until they bound, and lowered again as far
//! as each alone can be.

use super::packing::Candidates;

const STEPS: usize = 250;

/// Returns a packing made by taking what saves most as long as it fits.
pub(super) fn greedy(units: usize, candidates: &Candidates) -> Vec<usize> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|a, b| candidates.saving(*b).total_cmp(&candidates.saving(*a)).then(a.cmp(b)));
    let mut settled = vec![false; units];
    order.retain(|index| {
        let members = candidates.members(*index);
        let fits = members.iter().all(|member| !settled[*member as usize]);
        if fits {
            members.iter().for_each(|member| settled[*member as usize] = true);
        }
        fits
    });
    order
}

/// Returns prices that bound; `lower` is what can surely be saved.
pub(super) fn prices(units: usize, candidates: &Candidates, lower: f64) -> Vec<f64> {
    let mut prices = vec![0.0f64; units];
    for index in 0..candidates.len() {
        let share = candidates.saving(index) / candidates.members(index).len() as f64;
        candidates
            .members(index)
            .iter()
            .for_each(|unit| prices[*unit as usize] = prices[*unit as usize].max(share));
    }
    let mut best = tightened(prices.clone(), candidates);
    let mut bound: f64 = best.iter().sum();
    let (mut scale, mut lowest, mut idle) = (1.0, f64::INFINITY, 0);
    for _ in 0..STEPS {
        let (value, slope) = lagrangian(&prices, candidates);
        (lowest, idle) = if value < lowest - 1e-9 { (value, 0) } else { (lowest, idle + 1) };
        if idle == 8 {
            (scale, idle) = (scale / 2.0, 0);
            let tight = tightened(prices.clone(), candidates);
            let sum = tight.iter().sum();
            if sum < bound {
                (best, bound) = (tight, sum);
            }
        }
        let steep: f64 = slope.iter().map(|slope| slope * slope).sum();
        if steep == 0.0 || value - lower < 1e-12 {
            break;
        }
        let step = scale * (value - lower) / steep;
        prices.iter_mut().zip(&slope).for_each(|(price, slope)| *price = (*price - step * slope).max(0.0));
    }
    let tight = tightened(prices, candidates);
    if tight.iter().sum::<f64>() < bound { tight } else { best }
}

/// Returns the Lagrangian at `prices` and its slope.
fn lagrangian(prices: &[f64], candidates: &Candidates) -> (f64, Vec<f64>) {
    let (mut value, mut slope) = (prices.iter().sum::<f64>(), vec![1.0; prices.len()]);
    for index in 0..candidates.len() {
        let over = lacking(prices, candidates, index);
        if over > 0.0 {
            value += over;
            candidates.members(index).iter().for_each(|unit| slope[*unit as usize] -= 1.0);
        }
    }
    (value, slope)
}

/// Returns what a group saves beyond the prices of its units.
fn lacking(prices: &[f64], candidates: &Candidates, index: usize) -> f64 {
    let members = candidates.members(index);
    candidates.saving(index) - members.iter().map(|unit| prices[*unit as usize]).sum::<f64>()
}

/// Raises `prices` until they bound every group, then lowers each as far as it can be.
fn tightened(mut prices: Vec<f64>, candidates: &Candidates) -> Vec<f64> {
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); prices.len()];
    for index in 0..candidates.len() {
        let members = candidates.members(index);
        let over = lacking(&prices, candidates, index);
        if over > 0.0 {
            let share = over / members.len() as f64;
            members.iter().for_each(|unit| prices[*unit as usize] += share);
        }
        members.iter().for_each(|unit| groups[*unit as usize].push(index));
    }
    for (unit, groups) in groups.iter().enumerate() {
        let spare = |index: &usize| -lacking(&prices, candidates, *index);
        let least = groups.iter().map(spare).fold(prices[unit], f64::min);
        prices[unit] -= least.max(0.0);
    }
    prices
}
