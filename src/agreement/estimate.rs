//! Values, or why there is none; and how sure of them one may be.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// Why a coefficient has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Undefined {
    /// No item has labels by two labelers: nothing can agree or disagree.
    NoItemWithTwoLabels,
    /// The two labelers have no item in common, or no two labelers have.
    NoCommonItems,
    /// Everybody gave one class: chance alone would agree always, and 0/0 is no number.
    #[serde(rename = "expected_agreement_is_1")]
    ExpectedAgreementIs1,
    /// The same, as Krippendorff counts: chance alone would never disagree.
    #[serde(rename = "expected_disagreement_is_0")]
    ExpectedDisagreementIs0,
    /// The domain has one class: there is nothing to choose between.
    SingleCategoryDomain,
    /// Nobody gave the class.
    ClassNeverUsed,
    /// There are too many classes to compare each with each.
    TooManyClasses,
    /// Numbers so large that their squares or sums overflow.
    NotFinite,
    /// A ratio scale has no numbers below 0.
    NegativeNumbers,
    /// Neither of the labelers marked anything: 0/0.
    NothingMarked,
    /// The best alignment would take too long to find.
    TooManyUnits,
    /// No two ids were ranked by all who are compared.
    FewerThanTwoCommonIds,
    /// One of the rankings puts all ids at one place, so that it orders nothing.
    AllTied,
    /// Nobody was compared with anybody else.
    NoComparisons,
    /// The contestants fall into groups that were never compared.
    ComparisonsDisconnected,
    /// Some contestants never lost to the others: their strength has no bound (Ford 1957).
    UnboundedStrength,
    /// The strengths did not settle within the permitted number of steps.
    NotConverged,
}

impl Undefined {
    /// Returns the word for it, as the JSON report has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoItemWithTwoLabels => "no_item_with_two_labels",
            Self::NoCommonItems => "no_common_items",
            Self::ExpectedAgreementIs1 => "expected_agreement_is_1",
            Self::ExpectedDisagreementIs0 => "expected_disagreement_is_0",
            Self::SingleCategoryDomain => "single_category_domain",
            Self::ClassNeverUsed => "class_never_used",
            Self::TooManyClasses => "too_many_classes",
            Self::NotFinite => "not_finite",
            Self::NegativeNumbers => "negative_numbers",
            Self::NothingMarked => "nothing_marked",
            Self::TooManyUnits => "too_many_units",
            Self::FewerThanTwoCommonIds => "fewer_than_two_common_ids",
            Self::AllTied => "all_tied",
            Self::NoComparisons => "no_comparisons",
            Self::ComparisonsDisconnected => "comparisons_disconnected",
            Self::UnboundedStrength => "unbounded_strength",
            Self::NotConverged => "not_converged",
        }
    }
}

/// A coefficient's value and what it is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The coefficient.
    pub value: f64,
    /// Observed agreement, p_a; for α, 1 − D_o.
    pub observed: f64,
    /// Agreement expected by chance, p_e; for α, 1 − D_e. `None` where chance is not corrected for.
    pub expected: Option<f64>,
}

impl Estimate {
    /// Returns a value that is not corrected for chance.
    pub(super) fn plain(value: f64) -> Self {
        Self { value, observed: value, expected: None }
    }

    /// Returns (p_a − p_e)/(1 − p_e).
    pub(super) fn beyond_chance(observed: f64, expected: f64) -> Self {
        Self { value: (observed - expected) / (1.0 - expected), observed, expected: Some(expected) }
    }
}

/// How a standard error or an interval came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Linearised over items (Gwet 2008, 2014).
    ItemLinearised,
    /// Large-sample variance of Cohen's κ (Fleiss, Cohen & Everitt 1969).
    #[serde(rename = "fleiss_cohen_everitt_1969")]
    FleissCohenEveritt,
    /// Student's t with one degree of freedom less than items.
    T,
    /// The normal distribution.
    Normal,
    /// Percentiles of the bootstrap over items.
    ItemBootstrapPercentile,
    /// Percentiles of Krippendorff's bootstrap of single pairs, expected disagreement held.
    KrippendorffBootstrap,
}

/// Where a coefficient lies, at a level of confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end; not cut at 1.
    pub high: f64,
    /// How it came about.
    pub method: Method,
}

impl Interval {
    /// Returns the interval of `value` with standard error `se` from `items` items; `None` for fewer than two.
    pub(super) fn student(value: f64, se: f64, items: u64, confidence: f64) -> Option<Self> {
        let t = student_quantile(items.checked_sub(1)? as f64, confidence)?;
        Some(Self::around(value, se * t, Method::T))
    }

    /// Returns the interval of `value` with standard error `se`, as of large samples.
    pub(super) fn normal(value: f64, se: f64, confidence: f64) -> Self {
        Self::around(value, se * normal_quantile(confidence), Method::Normal)
    }

    fn around(value: f64, reach: f64, method: Method) -> Self {
        Self { low: value - reach, high: value + reach, method }
    }
}

/// Returns z such that a standard normal variable lies between −z and z with probability `confidence`.
pub(super) fn normal_quantile(confidence: f64) -> f64 {
    quantile(&Normal::standard(), confidence)
}

/// From so many degrees of freedom on Student's t is taken from the normal distribution: searching for it takes long,
/// and from some ten million on has no end.
const MANY: f64 = 10_000.0;

/// Returns t such that Student's variable with `freedom` degrees lies between −t and t with probability `confidence`;
/// `None` for no degree. Of many degrees by the expansion of Cornish & Fisher (1937), whose next term is below 1e-11.
fn student_quantile(freedom: f64, confidence: f64) -> Option<f64> {
    if freedom < MANY {
        return Some(quantile(&StudentsT::new(0.0, 1.0, freedom).ok()?, confidence));
    }
    let z = normal_quantile(confidence);
    let first = (z.powi(3) + z) / (4.0 * freedom);
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * freedom * freedom);
    Some(z + first + second)
}

fn quantile(distribution: &impl ContinuousCDF<f64, f64>, confidence: f64) -> f64 {
    distribution.inverse_cdf(0.5 + confidence / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quantiles as tables print them, to the digits that coefficients are compared in.
    #[test]
    fn quantiles_are_those_of_tables() {
        assert!((normal_quantile(0.95) - 1.959_963_984_540_054).abs() < 1e-12);
        for (items, expected) in
            [(2, 12.706_204_736_174_707), (10, 2.262_157_162_798_205), (200, 1.971_956_544_3)]
        {
            let interval = Interval::student(0.0, 1.0, items, 0.95).unwrap();
            assert!((interval.high - expected).abs() < 1e-9, "{items}: {} is not {expected}", interval.high);
        }
        assert_eq!(Interval::student(0.5, 0.1, 1, 0.95), None);
        let searched = quantile(&StudentsT::new(0.0, 1.0, MANY).unwrap(), 0.95);
        assert!((student_quantile(MANY, 0.95).unwrap() - searched).abs() < 1e-10, "{searched}");
        let most = student_quantile(1e8, 0.95).unwrap();
        assert!((most - normal_quantile(0.95)).abs() < 1e-7 && most > normal_quantile(0.95));
    }
}
