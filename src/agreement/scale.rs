//! Published scales: the words their authors chose for values. A word never stands without its scale's name.
//!
//! Landis & Koch (1977), Biometrics 33:159-174, made theirs for κ; Krippendorff (2004), Content Analysis, p. 241,
//! his for α alone; Fleiss (1981), Statistical
//! Methods for Rates and Proportions, 2nd ed., p. 218; Altman (1991), Practical Statistics for Medical Research, p. 404.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};

/// How sure one wants to be of a word.
const CONFIDENT: f64 = 0.95;

/// Whose words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Scale {
    /// For κ.
    #[serde(rename = "Landis & Koch 1977")]
    LandisKoch,
    /// For α.
    #[serde(rename = "Krippendorff 2004")]
    Krippendorff,
    /// For κ.
    #[serde(rename = "Fleiss 1981")]
    Fleiss,
    /// For κ.
    #[serde(rename = "Altman 1991")]
    Altman,
}

impl Scale {
    /// Returns the scale's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::LandisKoch => "Landis & Koch 1977",
            Self::Krippendorff => "Krippendorff 2004",
            Self::Fleiss => "Fleiss 1981",
            Self::Altman => "Altman 1991",
        }
    }

    /// Returns the word for `value`. Limits are lower limits: a value printed as .20 may lie on either side of it, so
    /// the value itself decides.
    pub fn band(self, value: f64) -> &'static str {
        self.find(value).1
    }

    /// Returns the range the word stands for, as people write it.
    pub fn range(self, value: f64) -> &'static str {
        self.find(value).2
    }

    /// Returns the word for what a coefficient is at least, with 95 % confidence: bands are taken from the top until the
    /// coefficient lies in one of them with that probability. Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed.,
    /// ch. 6.
    pub fn at_least(self, value: f64, se: f64) -> &'static str {
        let bands = self.bands();
        let shares = self.cumulative(value, se);
        let found = shares.iter().position(|share| *share >= CONFIDENT).unwrap_or(bands.len() - 1);
        bands[bands.len() - 1 - found].1
    }

    /// Returns the probability that a coefficient lies in the highest band, in the highest two, and so on.
    pub fn cumulative(self, value: f64, se: f64) -> Vec<f64> {
        let normal = Normal::standard();
        let above = |limit: f64| normal.cdf((value - limit) / se);
        let whole = above(-1.0) - above(1.0);
        self.bands().iter().rev().map(|(from, ..)| (above(from.max(-1.0)) - above(1.0)) / whole).collect()
    }

    fn find(self, value: f64) -> (f64, &'static str, &'static str) {
        let bands = self.bands();
        bands.iter().rev().find(|(from, ..)| value >= *from).copied().unwrap_or(bands[0])
    }

    /// From which value on, the word, and its range in words; lowest first.
    fn bands(self) -> &'static [(f64, &'static str, &'static str)] {
        match self {
            Self::LandisKoch => &[
                (f64::NEG_INFINITY, "poor", "below 0"),
                (0.0, "slight", "0 to 0.2"),
                (0.2, "fair", "0.2 to 0.4"),
                (0.4, "moderate", "0.4 to 0.6"),
                (0.6, "substantial", "0.6 to 0.8"),
                (0.8, "almost perfect", "0.8 to 1"),
            ],
            Self::Krippendorff => &[
                (f64::NEG_INFINITY, "discard", "below 0.667"),
                (0.667, "tentative", "0.667 to 0.8"),
                (0.8, "reliable", "0.8 or more"),
            ],
            Self::Fleiss => &[
                (f64::NEG_INFINITY, "poor", "below 0.4"),
                (0.4, "fair to good", "0.4 to 0.75"),
                (0.75, "excellent", "0.75 to 1"),
            ],
            Self::Altman => &[
                (f64::NEG_INFINITY, "poor", "below 0.2"),
                (0.2, "fair", "0.2 to 0.4"),
                (0.4, "moderate", "0.4 to 0.6"),
                (0.6, "good", "0.6 to 0.8"),
                (0.8, "very good", "0.8 to 1"),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_word() {
        for (value, word) in [
            (-0.4, "poor"),
            (0.0, "slight"),
            (0.2001, "fair"),
            (0.61, "substantial"),
            (1.0, "almost perfect"),
        ] {
            assert_eq!(Scale::LandisKoch.band(value), word);
        }
        for (value, word) in [(0.6666, "discard"), (0.667, "tentative"), (0.8, "reliable")] {
            assert_eq!(Scale::Krippendorff.band(value), word);
        }
        assert_eq!(Scale::Krippendorff.range(0.241), "below 0.667");
    }

    /// The example of irrCAC's benchmarking: a κ of .67 with standard error .15 is "good" at sight, and "moderate" at
    /// least.
    #[test]
    fn a_word_for_what_it_is_at_least() {
        let altman = Scale::Altman.cumulative(0.67, 0.15);
        for (share, expected) in altman.iter().zip([0.181_68, 0.675_11, 0.963_56, 0.999_12, 1.0]) {
            assert!((share - expected).abs() < 5e-6, "{share} is not {expected}");
        }
        assert_eq!((Scale::Altman.band(0.67), Scale::Altman.at_least(0.67, 0.15)), ("good", "moderate"));
    }
}
