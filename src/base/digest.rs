//! SHA-256 digests, domain-separated hashing and the Merkle root of RFC 6962.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest, 32 bytes; written as 64 lowercase hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

/// A text that is not 64 lowercase hexadecimal digits.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a SHA-256 digest: 64 lowercase hexadecimal digits")]
pub struct NotADigest(String);

impl Digest {
    /// Returns the plain SHA-256 of `bytes`: what `sha256sum` prints.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Returns SHA-256 over `domain`, a NUL byte, and `parts` one after the other.
    ///
    /// The domain keeps a digest made for one purpose from ever standing for another.
    pub fn tagged(domain: &str, parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(domain.as_bytes());
        hasher.update([0]);
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// Returns the first `digits` hexadecimal digits, for people.
    pub fn short(&self, digits: usize) -> String {
        let mut hex = self.to_string();
        hex.truncate(digits);
        hex
    }
}

/// Returns the digest of one Merkle leaf: SHA-256(0x00 ‖ bytes), RFC 6962 §2.1.
pub fn leaf(bytes: &[u8]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(bytes);
    Digest(hasher.finalize().into())
}

/// Returns the Merkle root over `leaves` in order, RFC 6962 §2.1: an inner node is SHA-256(0x01 ‖ left ‖ right),
/// split at the largest power of two below the count; the root of nothing is SHA-256 of nothing.
pub fn merkle_root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(b""),
        [only] => *only,
        _ => {
            let mut split = leaves.len().next_power_of_two() / 2;
            if split == leaves.len() {
                split /= 2;
            }
            let (left, right) = leaves.split_at(split);
            let mut hasher = Sha256::new();
            hasher.update([1]);
            hasher.update(merkle_root(left).0);
            hasher.update(merkle_root(right).0);
            Digest(hasher.finalize().into())
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let refuse = || NotADigest(text.chars().take(80).collect());
        let nibble = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(refuse()),
        };
        let bytes = text.as_bytes();
        if bytes.len() != 64 {
            return Err(refuse());
        }
        let mut digest = [0; 32];
        for (out, pair) in digest.iter_mut().zip(bytes.chunks_exact(2)) {
            *out = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Ok(Self(digest))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published test vectors of RFC 6962 implementations (certificate-transparency `merkletree` tests).
    #[test]
    fn merkle_root_matches_the_published_vectors() {
        let leaves: Vec<Digest> = [&b""[..], b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43"]
            .iter()
            .map(|bytes| leaf(bytes))
            .collect();
        assert_eq!(
            merkle_root(&leaves[..0]).to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            merkle_root(&leaves[..1]).to_string(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        assert_eq!(
            merkle_root(&leaves[..3]).to_string(),
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
        );
        assert_eq!(
            merkle_root(&leaves[..6]).to_string(),
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"
        );
    }

    #[test]
    fn text_and_digest_are_inverse() {
        let digest = Digest::of(b"label");
        assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
        assert!(digest.to_string().to_uppercase().parse::<Digest>().is_err());
        assert!("".parse::<Digest>().is_err());
    }
}
