//! SSH public keys as people write them: `ssh-ed25519 AAAA… comment`.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Digest;

/// Algorithms that OpenSSH signs with; `sk-` ones live on a FIDO token.
const ALGORITHMS: [&str; 7] = [
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
];

/// An SSH public key, without its comment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey {
    text: String,
    fingerprint: Digest,
}

/// A text that is no SSH public key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    /// It does not begin with an algorithm and a key.
    #[error("an SSH public key reads `ssh-ed25519 AAAA…`")]
    Shape,
    /// OpenSSH signs with no such algorithm.
    #[error("`{0}` is no algorithm that SSH keys sign with")]
    Algorithm(String),
    /// The key is not base64, or of another algorithm than it says.
    #[error("the key after `{0}` is damaged")]
    Damaged(String),
}

impl PublicKey {
    /// Returns the SHA-256 of the key: what `ssh-keygen -l` shows in base64.
    pub fn fingerprint(&self) -> Digest {
        self.fingerprint
    }

    /// Returns `<algorithm> <base64>`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the fingerprint as OpenSSH writes it: `SHA256:` and base64 without padding.
    pub fn openssh_fingerprint(&self) -> String {
        openssh(self.fingerprint)
    }
}

/// Returns a fingerprint as OpenSSH writes it.
pub fn openssh(fingerprint: Digest) -> String {
    format!("SHA256:{}", base64::engine::general_purpose::STANDARD_NO_PAD.encode(fingerprint.0))
}

/// Reads a fingerprint as OpenSSH writes it; `None` where it is none.
pub fn from_openssh(text: &str) -> Option<Digest> {
    let bytes =
        base64::engine::general_purpose::STANDARD_NO_PAD.decode(text.strip_prefix("SHA256:")?).ok()?;
    Some(Digest(bytes.try_into().ok()?))
}

impl FromStr for PublicKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let mut words = text.split_whitespace();
        let (Some(algorithm), Some(key)) = (words.next(), words.next()) else { return Err(NotAKey::Shape) };
        if !ALGORITHMS.contains(&algorithm) {
            return Err(NotAKey::Algorithm(algorithm.to_owned()));
        }
        let damaged = || NotAKey::Damaged(algorithm.to_owned());
        let blob = STANDARD.decode(key).map_err(|_| damaged())?;
        // A key begins with the length and the name of its algorithm.
        let length = u32::try_from(algorithm.len()).map_err(|_| damaged())?.to_be_bytes();
        let head = [&length[..], algorithm.as_bytes()].concat();
        if !blob.starts_with(&head) || blob.len() == head.len() {
            return Err(damaged());
        }
        Ok(Self { text: format!("{algorithm} {key}"), fingerprint: Digest::of(&blob) })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJh8gxH6v3lq2yHh0m0yq5bZ0zqk6X0nq0Q2s0m0yq5b";

    #[test]
    fn a_key_is_its_algorithm_and_its_bytes() {
        let key: PublicKey = format!("{KEY} ana@laptop").parse().unwrap();
        assert_eq!(key.as_str(), KEY);
        assert_eq!(from_openssh(&key.openssh_fingerprint()), Some(key.fingerprint()));
        assert_eq!(key.openssh_fingerprint().len(), 7 + 43);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let parse = |text: &str| text.parse::<PublicKey>();
        assert_eq!(parse("ssh-ed25519"), Err(NotAKey::Shape));
        assert_eq!(parse("ssh-dss AAAA"), Err(NotAKey::Algorithm("ssh-dss".into())));
        assert_eq!(parse("ssh-ed25519 AAAA"), Err(NotAKey::Damaged("ssh-ed25519".into())));
        assert_eq!(
            parse(&KEY.replacen("ssh-ed25519", "ssh-rsa", 1)),
            Err(NotAKey::Damaged("ssh-rsa".into()))
        );
        assert_eq!(parse("ssh-ed25519 ####"), Err(NotAKey::Damaged("ssh-ed25519".into())));
        assert_eq!(from_openssh("SHA256:abc"), None);
    }
}
