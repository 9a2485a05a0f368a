//! Texts as two words: what tells short texts apart without a look at their bytes, and hashes long ones.

/// Two words of a text. Of texts of one length up to [`Key::EXACT`] bytes, equal ones alone share their key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Key(u64, u64);

/// Odd numbers without a pattern: the first bits of the square roots of 2 and 3, and of the golden ratio.
const SALTS: [u64; 3] = [0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b, 0x9e37_79b9_7f4a_7c15];

impl Key {
    /// The key of the empty text.
    pub const NONE: Self = Self(0, 0);
    /// Longer texts have a hash for their key.
    pub const EXACT: usize = 16;

    /// Returns the key of `text`.
    #[inline]
    pub fn of(text: &[u8]) -> Self {
        if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
            let ends = Self(u64::from_le_bytes(*first), u64::from_le_bytes(*last));
            return if text.len() <= Self::EXACT { ends } else { Self::of_long(text, ends) };
        }
        if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
            let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
            return Self(u64::from(first) | u64::from(last) << 32, 0);
        }
        Self(text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0)
    }

    /// Whether two texts are equal; where they are short, without a call that costs more than it compares.
    #[inline]
    pub fn are_equal(a: &[u8], b: &[u8]) -> bool {
        a.len() == b.len() && if a.len() <= Self::EXACT { Self::of(a) == Self::of(b) } else { a == b }
    }

    fn of_long(text: &[u8], ends: Self) -> Self {
        let word = |bytes: &[u8]| bytes.first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
        text.chunks_exact(8).fold(ends, |Self(one, other), bytes| {
            let word = word(bytes);
            Self(mix(one ^ SALTS[0], word ^ SALTS[1]), other.rotate_left(23).wrapping_mul(SALTS[2]) ^ word)
        })
    }

    /// Returns a hash of a text of `length` bytes with this key. Cheap, and no defence against texts made to collide.
    #[inline]
    pub fn hash(self, length: usize) -> u64 {
        mix(mix(self.0 ^ SALTS[0], SALTS[1]), self.1 ^ SALTS[2] ^ length as u64)
    }
}

#[inline]
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn short_texts_of_one_length_share_a_key_only_when_equal(
            (a, b) in (0..=Key::EXACT).prop_flat_map(|length| {
                let text = || prop::collection::vec(prop::sample::select(vec![b'a', b'b', b' ', 0]), length);
                (text(), text())
            })
        ) {
            prop_assert_eq!(Key::of(&a) == Key::of(&b), a == b);
        }

        #[test]
        fn every_byte_of_a_long_text_counts(
            text in prop::collection::vec(any::<u8>(), 17..80), at in any::<prop::sample::Index>(),
        ) {
            let mut other = text.clone();
            other[at.index(text.len())] ^= 1;
            prop_assert_ne!(Key::of(&text).hash(text.len()), Key::of(&other).hash(text.len()));
        }
    }
}
