//! γ: how far labelers mark and classify the same units, aligned as well as can be, against chance.
//!
//! γ = 1 − δ/δ_e: δ the disorder of the best alignment, δ_e the mean disorder of the best alignments of random continua.
//! Mathet, Widlöcher & Métivier (2015), Computational Linguistics 41:437-479. δ_e is known up to a relative precision:
//! 30 continua first, then as many as (1.96·c/p)² says, c being their standard deviation over their mean (section 5.3),
//! but never more than [`MOST_SAMPLES`]; the precision reached is reported. Random continua: `sampler`.
//!
//! Every sample has a sequence of random numbers of its own, so that γ depends on the seed and not on threads.

use rayon::prelude::*;

use super::continuum::{Continuum, best_alignment};
use super::dissimilarity::Dissimilarity;
use super::lists::{Group, Lists};
use super::sampler::Sampler;
use super::span_f1::Mean;
use super::spans::Span;
use crate::agreement::Undefined;
use crate::agreement::random::stream;

/// No more random continua than this are drawn.
pub const MOST_SAMPLES: u32 = 1_000;

/// 95 % of a normal distribution lie within so many standard deviations.
const CONFIDENCE: f64 = 1.96;

/// How γ is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GammaOptions {
    /// How place and class weigh.
    pub weights: Dissimilarity,
    /// How many random continua are drawn first.
    pub samples: u32,
    /// The relative precision of δ_e that is wanted, at 95 % confidence.
    pub precision: f64,
    /// What the random numbers start from.
    pub seed: u64,
}

impl Default for GammaOptions {
    /// 30 samples first, 2 % precision, as in the paper; seed 0.
    fn default() -> Self {
        Self { weights: Dissimilarity::default(), samples: 30, precision: 0.02, seed: 0 }
    }
}

/// γ of one document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamma {
    /// γ.
    pub value: f64,
    /// δ.
    pub observed: f64,
    /// δ_e; none where δ is 0, since γ is 1 then whatever chance does.
    pub expected: Option<f64>,
    /// How many random continua were drawn.
    pub samples: u32,
    /// The relative precision of δ_e reached, at 95 % confidence.
    pub precision: f64,
}

/// γ of many documents.
#[derive(Clone, Debug, PartialEq)]
pub struct GammaReport {
    /// Each document with two labelers or more, ascending, with its γ or why it has none.
    pub documents: Vec<(u32, Result<Gamma, Undefined>)>,
    /// The mean over the documents that have one, each alike.
    pub mean: Result<Mean, Undefined>,
}

/// Returns γ of the labelers of one document; one who marked nothing is among them with no spans.
///
/// # Errors
/// There are fewer than two labelers, nobody marked anything, chance alone would never disagree, or a best alignment
/// would take too long to find.
pub fn gamma(labelers: &[&[Span]], options: &GammaOptions) -> Result<Gamma, Undefined> {
    let continuum = Continuum::of(labelers.iter().copied());
    let observed = best_alignment(&continuum, &options.weights)?.disorder;
    if observed == 0.0 {
        return Ok(Gamma { value: 1.0, observed, expected: None, samples: 0, precision: 0.0 });
    }
    let sampler = Sampler::of(labelers);
    let first = options.samples.clamp(2, MOST_SAMPLES);
    let mut disorders = draw(&sampler, 0..first, options)?;
    let wanted = (CONFIDENCE * variation(&disorders)? / options.precision).powi(2).ceil();
    // The cast stops at the largest number there is.
    let wanted = (wanted as u32).min(MOST_SAMPLES);
    if wanted > first {
        disorders.extend(draw(&sampler, first..wanted, options)?);
    }
    let expected = mean(&disorders);
    Ok(Gamma {
        value: 1.0 - observed / expected,
        observed,
        expected: Some(expected),
        samples: disorders.len() as u32,
        precision: CONFIDENCE * variation(&disorders)? / (disorders.len() as f64).sqrt(),
    })
}

/// Returns γ of every document and their mean. All documents start from the same seed: the γ of one does not depend on
/// what else is measured.
pub fn gamma_of_documents(labels: &Lists<Span>, options: &GammaOptions) -> GammaReport {
    let documents: Vec<Group<'_, Span>> = labels.shared_items().collect();
    let of_one = |document: &Group<'_, Span>| {
        let labelers: Vec<&[Span]> = document.labels().map(|(_, spans)| spans).collect();
        (document.item(), gamma(&labelers, options))
    };
    let documents: Vec<(u32, Result<Gamma, Undefined>)> = documents.par_iter().map(of_one).collect();
    let values = documents.iter().map(|(_, gamma)| gamma.map(|gamma| gamma.value));
    let mean = Mean::of(values, Undefined::NoItemWithTwoLabels);
    GammaReport { documents, mean }
}

/// Returns the disorders of the samples with the numbers `range`.
fn draw(
    sampler: &Sampler,
    range: std::ops::Range<u32>,
    options: &GammaOptions,
) -> Result<Vec<f64>, Undefined> {
    range
        .into_par_iter()
        .map(|sample| {
            let continuum = sampler.draw(&mut stream(options.seed, u64::from(sample)));
            Ok(best_alignment(&continuum, &options.weights)?.disorder)
        })
        .collect()
}

fn mean(disorders: &[f64]) -> f64 {
    disorders.iter().sum::<f64>() / disorders.len() as f64
}

/// Returns the standard deviation of `disorders` over their mean.
fn variation(disorders: &[f64]) -> Result<f64, Undefined> {
    let mean = mean(disorders);
    if mean == 0.0 {
        return Err(Undefined::ExpectedDisagreementIs0);
    }
    let squares: f64 = disorders.iter().map(|disorder| (disorder - mean) * (disorder - mean)).sum();
    Ok((squares / disorders.len() as f64).sqrt() / mean)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labelers() -> impl Strategy<Value = Vec<Vec<Span>>> {
        let one = (0..2u32, 0..40u32, 1..8u32);
        let one = one.prop_map(|(label, start, length)| Span { label, start, end: start + length });
        prop::collection::vec(prop::collection::vec(one, 0..5), 2..4)
    }

    fn slices(labelers: &[Vec<Span>]) -> Vec<&[Span]> {
        labelers.iter().map(Vec::as_slice).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn labelers_have_no_order_and_seeds_fix_it(labelers in labelers()) {
            let options = GammaOptions { precision: 0.2, ..GammaOptions::default() };
            let value = gamma(&slices(&labelers), &options);
            prop_assert_eq!(value, gamma(&slices(&labelers), &options));
            let turned = gamma(&labelers.iter().rev().map(Vec::as_slice).collect::<Vec<_>>(), &options);
            prop_assert!(value.map_or(value == turned, |value| (value.value - turned.unwrap().value).abs() < 1e-9));
            prop_assert!(value.is_err() || value.unwrap().value <= 1.0);
        }

        #[test]
        fn labelers_who_mark_the_same_have_gamma_1(labelers in labelers(), count in 2..4usize) {
            let same = vec![labelers[0].clone(); count];
            let value = gamma(&slices(&same), &GammaOptions::default());
            prop_assert_eq!(value.map(|gamma| gamma.value), if same[0].is_empty() { Err(Undefined::NothingMarked) } else { Ok(1.0) });
        }
    }

    #[test]
    fn documents_stand_alone() {
        let span = |start| vec![Span { label: 0, start, end: start + 5 }];
        let rows = [(0, 0, span(0)), (0, 1, span(2)), (1, 0, span(3)), (2, 0, vec![]), (2, 1, vec![])];
        let report = gamma_of_documents(&Lists::of(rows).unwrap(), &GammaOptions::default());
        let [(0, Ok(first)), (2, Err(Undefined::NothingMarked))] = report.documents[..] else {
            panic!("{:?}", report.documents)
        };
        assert_eq!(report.mean, Ok(Mean { value: first.value, defined: 1, of: 2 }));
        assert_eq!(gamma(&[&span(0), &span(2)], &GammaOptions::default()), Ok(first));
        assert!(first.samples >= 30 && first.samples <= MOST_SAMPLES && first.precision > 0.0);
    }
}
