//! Krippendorff's α, nominal: chance is drawing two of the labels that can be paired, without putting back.
//!
//! α = 1 − D_o/D_e with D_o = (1/n..) Σ_u Σ_c n_uc (m_u − n_uc)/(m_u − 1) and
//! D_e = Σ_c n_c (n.. − n_c) / n..(n.. − 1), over units with m_u ≥ 2 labels only. Krippendorff (2011), Computing
//! Krippendorff's alpha-reliability; (2004), Content Analysis, 2nd ed., ch. 11.

use super::{Average, Estimate, Tallies, Undefined, percent_agreement};

/// Returns Krippendorff's α for nominal labels.
///
/// # Errors
/// No item has two labels, or all labels that can be paired are one class.
pub fn krippendorff_alpha(tallies: &Tallies) -> Result<Estimate, Undefined> {
    let observed = percent_agreement(tallies, Average::Labels)?.value;
    let mut totals = vec![0u64; tallies.classes()];
    for tally in tallies.paired() {
        for (class, count) in tally.counts {
            totals[*class as usize] += tally.items * u64::from(*count);
        }
    }
    // Exact in 128 bits: n..² of ten billion labels is 10^20.
    let labels: u128 = totals.iter().map(|total| u128::from(*total)).sum();
    let alike: u128 = totals.iter().map(|total| u128::from(*total).pow(2)).sum();
    let differing = labels * labels - alike;
    if differing == 0 {
        return Err(Undefined::ExpectedDisagreementIs0);
    }
    let expected_disagreement = differing as f64 / (labels * (labels - 1)) as f64;
    let value = 1.0 - (1.0 - observed) / expected_disagreement;
    Ok(Estimate { value, observed, expected: Some(1.0 - expected_disagreement) })
}
