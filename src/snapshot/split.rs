//! Splits: which part of a snapshot an item falls into, from its id and a seed alone.
//!
//! In: weights as people write them and an item id. Out: a part. The same item falls into the same part however many
//! items join it, on every machine; weights are exact decimals, so no rounding decides.

use serde::Serialize;

use super::Error;
use crate::base::{Digest, cbor};
use crate::record::check_slug;

/// At most this many digits after the point.
const MAX_DECIMALS: usize = 9;
/// What all weights add up to, in units of the last digit.
const WHOLE: u64 = 1_000_000_000;

/// One part of a split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Its name: `train`.
    pub name: String,
    /// Its share, the shortest decimal: `0.8`.
    pub weight: String,
}

/// How items are parted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Split {
    /// Another seed gives another, independent split.
    pub seed: String,
    /// The parts; their weights add up to exactly 1.
    pub parts: Vec<Part>,
    /// Where each part ends, in billionths.
    #[serde(skip)]
    ends: Vec<u64>,
}

impl Split {
    /// Returns the split into `parts`, each a name and a decimal weight, in this order.
    ///
    /// # Errors
    /// A name is no slug or comes twice, a weight is no positive decimal of at most 9 places, or they do not add up
    /// to 1.
    pub fn new(parts: &[(&str, &str)], seed: &str) -> Result<Self, Error> {
        let (mut kept, mut ends): (Vec<Part>, Vec<u64>) = (Vec::new(), Vec::new());
        let mut total = 0;
        for (name, weight) in parts {
            check_slug("split", name).map_err(|error| Error::BadSplit(error.to_string()))?;
            if kept.iter().any(|part| part.name == *name) {
                return Err(Error::BadSplit(format!("`{name}` is given twice")));
            }
            let units = billionths(weight).filter(|units| *units > 0).ok_or_else(|| {
                Error::BadSplit(format!(
                    "the weight `{weight}` of `{name}` is no decimal above 0 and up to 1, such as 0.8"
                ))
            })?;
            total += units;
            ends.push(total);
            kept.push(Part { name: (*name).to_owned(), weight: decimal(units) });
        }
        if total != WHOLE {
            return Err(Error::BadSplit(format!("the weights add up to {}, not to 1", decimal(total))));
        }
        Ok(Self { seed: seed.to_owned(), parts: kept, ends })
    }

    /// Reads `train=0.8,val=0.1,test=0.1`.
    ///
    /// # Errors
    /// As [`Split::new`], or a part is not `name=weight`.
    pub fn parse(text: &str, seed: &str) -> Result<Self, Error> {
        let parts: Vec<(&str, &str)> = text
            .split(',')
            .map(|part| part.split_once('=').map(|(name, weight)| (name.trim(), weight.trim())))
            .collect::<Option<_>>()
            .ok_or_else(|| Error::BadSplit(format!("`{text}` is not name=weight,name=weight")))?;
        Self::new(&parts, seed)
    }

    /// Returns the number of the part that `item` falls into: the first whose end lies above the item's fraction.
    pub fn part_of(&self, item: &str) -> usize {
        let fraction = u128::from(fraction(&self.seed, item));
        // fraction / 2^64 < end / WHOLE, in whole numbers: below 2^94, and true of the last part always.
        let below = |end: &u64| fraction * u128::from(WHOLE) < u128::from(*end) << 64;
        self.ends.iter().position(below).unwrap_or(self.parts.len() - 1)
    }
}

/// Returns the first 8 bytes, big-endian, of SHA-256 over `hitl split 1`, NUL and the CBOR array [seed, item].
fn fraction(seed: &str, item: &str) -> u64 {
    let mut bytes = Vec::with_capacity(seed.len() + item.len() + 8);
    cbor::array(&mut bytes, 2);
    cbor::text(&mut bytes, seed);
    cbor::text(&mut bytes, item);
    let digest = Digest::tagged("hitl split 1", &[&bytes]);
    digest.0[..8].iter().fold(0, |high, byte| high << 8 | u64::from(*byte))
}

/// Reads a decimal from 0 to 1 into billionths.
fn billionths(text: &str) -> Option<u64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole)
        || !digits(rest)
        || rest.len() > MAX_DECIMALS
        || whole.len() > 3
        || text.is_empty()
        || text == "."
    {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let rest: u64 = format!("{rest:0<MAX_DECIMALS$}").parse().ok()?;
    Some(whole * WHOLE + rest).filter(|units| *units <= WHOLE)
}

/// Writes billionths as the shortest decimal.
fn decimal(units: u64) -> String {
    let text = format!("{}.{:0MAX_DECIMALS$}", units / WHOLE, units % WHOLE);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn weights_are_exact() {
        let split = Split::parse("train=0.80, val=.1,test=0.1", "7").unwrap();
        let weights: Vec<&str> = split.parts.iter().map(|part| part.weight.as_str()).collect();
        assert_eq!(weights, ["0.8", "0.1", "0.1"]);
        for (text, wrong) in [
            ("train=0.8,test=0.1", "the weights add up to 0.9, not to 1"),
            ("train=0.8,train=0.2", "`train` is given twice"),
            ("train=1,test=0", "the weight `0` of `test` is no decimal above 0 and up to 1, such as 0.8"),
            (
                "train=80%,test=20%",
                "the weight `80%` of `train` is no decimal above 0 and up to 1, such as 0.8",
            ),
            ("train", "`train` is not name=weight,name=weight"),
            ("a=0.9,b=0.9", "the weights add up to 1.8, not to 1"),
        ] {
            assert_eq!(Split::parse(text, "").unwrap_err().to_string(), format!("not a split: {wrong}"));
        }
    }

    /// 10,000 items, five standard deviations.
    #[test]
    fn shares_come_out_near_their_weights() {
        let split = Split::parse("train=0.8,val=0.1,test=0.1", "0").unwrap();
        let mut sizes = [0_i32; 3];
        (0..10_000).for_each(|item| sizes[split.part_of(&format!("item-{item}"))] += 1);
        assert!((sizes[0] - 8000).abs() < 200 && (sizes[1] - 1000).abs() < 150, "{sizes:?}");
    }

    proptest! {
        #[test]
        fn every_item_has_a_part_and_seeds_differ(items in prop::collection::vec("\\PC{1,12}", 1..40)) {
            let one = Split::parse("a=0.5,b=0.5", "one").unwrap();
            for item in &items {
                prop_assert!(one.part_of(item) < 2);
                prop_assert_eq!(one.part_of(item), Split::parse("a=0.5,b=0.5", "one").unwrap().part_of(item));
            }
        }

        #[test]
        fn a_larger_first_part_only_gains(item in "\\PC{1,12}") {
            let half = Split::parse("a=0.5,b=0.5", "s").unwrap().part_of(&item);
            let most = Split::parse("a=0.9,b=0.1", "s").unwrap().part_of(&item);
            prop_assert!(most <= half);
        }
    }
}
