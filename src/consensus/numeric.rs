//! Numbers: logarithm and exponential whose bits are the same on every machine, and products that cannot underflow.
//!
//! The logarithm of the standard library is that of the machine's C library, which differs in the last bit from one to
//! the next; results must not. Only operations that IEEE 754 rounds exactly are used here.

use std::f64::consts::{LN_2, LOG2_E, SQRT_2};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// 2^−500. A product of two numbers not below it is a normal number.
pub(super) const TINY: f64 = f64::from_bits((1023 - 500) << 52);
/// 2^500.
pub(super) const HUGE: f64 = f64::from_bits((1023 + 500) << 52);

/// ln 2 in two parts: the first has 21 trailing zero bits, so that a small whole multiple of it is exact.
const LN_2_HIGH: f64 = f64::from_bits(LN_2.to_bits() & !0x1f_ffff);
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Returns ln `x` for finite `x` > 0; −∞ for 0. Right to a few units in the last place.
pub(super) fn ln(x: f64) -> f64 {
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    let (x, shift) = if x < f64::MIN_POSITIVE { (x * HUGE, 500) } else { (x, 0) };
    let bits = x.to_bits();
    let mut exponent = (bits >> 52) as i64 - 1023 - shift;
    let mut mantissa = f64::from_bits(bits & 0x000f_ffff_ffff_ffff | 1023 << 52);
    if mantissa > SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    // ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …), with |s| < 0.172.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut series = 0.0;
    for odd in [21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        series = (series + 1.0 / odd) * square;
    }
    let exponent = exponent as f64;
    exponent * LN_2_HIGH + (2.0 * s + (2.0 * s * series + exponent * LN_2_LOW))
}

/// Returns e^`x`: 0 below x = −708, ∞ above 709.
pub(super) fn exp(x: f64) -> f64 {
    if x < -708.0 {
        return 0.0;
    }
    if x > 709.0 {
        return f64::INFINITY;
    }
    /// Adding and taking away 1.5 · 2^52 rounds to a whole number.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let power = x * LOG2_E + ROUND - ROUND;
    let rest = x - power * LN_2_HIGH - power * LN_2_LOW;
    // Taylor, |rest| < 0.347; the term left out is below 2^-57.
    let mut sum = 1.0;
    for k in [13.0, 12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0] {
        sum = 1.0 + sum * rest * (1.0 / k);
    }
    sum * f64::from_bits(((power as i64 + 1023) as u64) << 52)
}

/// The logarithm of a product of many factors, at the cost of one multiplication each.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogProduct {
    /// The product, but for a power of 2^500.
    value: f64,
    /// How often 2^500 was taken in to keep `value` from underflowing.
    shrunk: i64,
}

impl LogProduct {
    /// The empty product.
    pub(super) const ONE: Self = Self { value: 1.0, shrunk: 0 };

    /// Multiplies by `factor`, which lies between [`TINY`] and [`HUGE`], times 2^(−500 `shrunk`).
    #[inline]
    pub(super) fn push(&mut self, factor: f64, shrunk: i64) {
        self.value *= factor;
        self.shrunk += shrunk;
        if self.value < TINY {
            self.value *= HUGE;
            self.shrunk += 1;
        } else if self.value > HUGE {
            self.value *= TINY;
            self.shrunk -= 1;
        }
    }

    /// Returns the logarithm.
    pub(super) fn ln(self) -> f64 {
        ln(self.value) - (500 * self.shrunk) as f64 * LN_2
    }
}

/// Returns the next number of `random`, uniform in [0, 1), of 53 bits.
pub(super) fn uniform(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    #[test]
    fn logarithm_and_exponential_are_those_of_the_library_but_for_rounding() {
        assert_eq!(LN_2_HIGH + LN_2_LOW, LN_2);
        let mut random = ChaCha8Rng::seed_from_u64(3);
        for _ in 0..20_000 {
            let x = (uniform(&mut random) - 0.5) * 1400.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-14, "exp {x}");
            let y = x.exp() * (1.0 + uniform(&mut random));
            assert!((ln(y) - y.ln()).abs() <= 4e-16 * y.ln().abs().max(0.1), "ln {y}");
        }
        assert_eq!((ln(1.0), exp(0.0), ln(0.0), exp(-1e9)), (0.0, 1.0, f64::NEG_INFINITY, 0.0));
        assert!((ln(5e-324) - 5e-324f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn products_neither_underflow_nor_overflow() {
        for factor in [1e-140, 1e140, 0.3] {
            let mut product = LogProduct::ONE;
            (0..1000).for_each(|_| product.push(factor, 0));
            let expected = 1000.0 * f64::ln(factor);
            assert!((product.ln() - expected).abs() < 1e-9 * expected.abs());
        }
    }
}
