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

/// What an armored signature begins with, and what ends it.
const ARMOR: (&str, &str) = ("-----BEGIN SSH SIGNATURE-----\n", "\n-----END SSH SIGNATURE-----");

/// What a signature's bytes begin with: what they are, and the version. The key follows.
const SSHSIG: &[u8] = b"SSHSIG\0\0\0\x01";

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

/// Returns the fingerprint of the key that an armored SSH signature names as its own; nothing is checked. `None` where it
/// is no such signature, or by a certificate, whose fingerprint would not be that of its bytes.
pub fn signer(signature: &[u8]) -> Option<Digest> {
    let text = String::from_utf8_lossy(signature);
    let (armored, _) = text.strip_prefix(ARMOR.0)?.split_once(ARMOR.1)?;
    let blob = STANDARD.decode(armored.split_ascii_whitespace().collect::<String>()).ok()?;
    let key = string(blob.strip_prefix(SSHSIG)?)?;
    let algorithm = string(key)?;
    ALGORITHMS.iter().any(|known| known.as_bytes() == algorithm).then(|| Digest::of(key))
}

/// Returns what stands first in bytes as SSH writes them: its length, and it.
fn string(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)
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
    fn a_signature_names_its_key() {
        let key: PublicKey = KEY.parse().unwrap();
        let blob = STANDARD.decode(KEY.split_once(' ').unwrap().1).unwrap();
        let armored = |algorithm: &str, length: usize| {
            let named = String::from_utf8_lossy(&blob).replacen("ssh-ed25519", algorithm, 1);
            let named = if algorithm == "ssh-ed25519" { blob.clone() } else { named.into_bytes() };
            let bytes = [SSHSIG, &u32::try_from(length).unwrap().to_be_bytes(), &named, b"more"].concat();
            format!("{}{}{}\n", ARMOR.0, STANDARD.encode(bytes), ARMOR.1).into_bytes()
        };
        let good = armored("ssh-ed25519", blob.len());
        assert_eq!(signer(&good), Some(key.fingerprint()));
        assert_eq!(signer(&[&good[..], b"\xff"].concat()), Some(key.fingerprint()), "as ssh-keygen reads it");
        assert_eq!(signer(&armored("ssh-ed25518", blob.len())), None);
        assert_eq!(signer(&armored("ssh-ed25519", blob.len() + 5)), None);
        assert_eq!(signer(&armored("ssh-ed25519", 3)), None);
        for end in 0..good.len() - 1 {
            assert_eq!(signer(&good[..end]), None, "cut at {end}");
        }
        assert_eq!(signer(&[b"\n", &good[..]].concat()), None);
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
