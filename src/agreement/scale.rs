//! Published scales: the words their authors chose for values. A word never stands without its scale's name.
//!
//! Landis & Koch (1977), Biometrics 33:159-174, made theirs for κ; Krippendorff (2004), Content Analysis, p. 241,
//! his for α alone.

use serde::Serialize;

/// Whose words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Scale {
    /// For κ.
    #[serde(rename = "Landis & Koch 1977")]
    LandisKoch,
    /// For α.
    #[serde(rename = "Krippendorff 2004")]
    Krippendorff,
}

impl Scale {
    /// Returns the scale's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::LandisKoch => "Landis & Koch 1977",
            Self::Krippendorff => "Krippendorff 2004",
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
                (0.667, "tentative conclusions only", "0.667 to 0.8"),
                (0.8, "reliable", "0.8 or more"),
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
        for (value, word) in [(0.6666, "discard"), (0.667, "tentative conclusions only"), (0.8, "reliable")] {
            assert_eq!(Scale::Krippendorff.band(value), word);
        }
        assert_eq!(Scale::Krippendorff.range(0.241), "below 0.667");
    }
}
