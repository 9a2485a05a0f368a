//! Signing: bytes and a key become a detached SSH signature, and a signature the key that made it, by `ssh-keygen -Y`.
//!
//! Here it is only said whether a signature is one of these bytes for this purpose, and by which key. Whose key that is,
//! and whether it was good then, is for `authority` to say; nothing here looks at who is trusted, or at today's date.
//!
//! `ssh-keygen` is found by PATH, checks one signature a call, and is given nothing of a repository's but the bytes. What
//! it costs to check one is bounded: 64 KiB at most, of which it takes keys of its own sizes alone.

use std::ffi::OsStr;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::base::{Digest, ssh};
use crate::record::{KeyAt, Purpose, SigningKey};

/// A signature has at most this many bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// What is passed on of a program's words.
const MAX_WORDS: usize = 300;

/// Command lines stay well below what the system takes.
const PER_CALL: usize = 256;

const SSH_KEYGEN: &str = "ssh-keygen";

/// What a key signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The key's fingerprint.
    pub by: Digest,
    /// The signatures, armored, in the order of the messages.
    pub signatures: Vec<Vec<u8>>,
}

/// Why nothing could be signed or checked. A signature that is not good is no error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program that signs or checks is not there, or cannot be run.
    #[error("the `{program}` program cannot be run: {source}")]
    NotRun {
        /// Its name.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// `ssh-keygen` is older than OpenSSH 8.2, or broken.
    #[error("this `ssh-keygen` cannot check signatures: {said}")]
    Unfit {
        /// Its own words.
        said: String,
    },
    /// The key does not sign.
    #[error("it could not be signed with the key {key}: {said}")]
    Refused {
        /// The key, as Git's configuration names it.
        key: String,
        /// The program's own words.
        said: String,
    },
    /// A temporary file could not be written or read.
    #[error("cannot write a temporary file: {0}")]
    Io(#[from] std::io::Error),
}

/// Returns the fingerprint of the key that made `signature` of `message` for `purpose`; or why it is no good signature.
///
/// # Errors
/// `ssh-keygen` could not be run.
pub fn check(purpose: Purpose, message: &[u8], signature: &[u8]) -> Result<Result<Digest, String>, Error> {
    if signature.len() > MAX_BYTES {
        return Ok(Err(format!("it has more than {MAX_BYTES} bytes")));
    }
    let Some(named) = ssh::signer(signature) else {
        return Ok(Err("it is no SSH signature by a plain key".to_owned()));
    };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("signature");
    std::fs::write(&file, signature)?;
    let mut command = program(SSH_KEYGEN, folder.path());
    command.args(["-Y", "check-novalidate", "-n", purpose.namespace(), "-s"]).arg(&file);
    let output = run(command, SSH_KEYGEN, message)?;
    let said = words(&output.stderr);
    if !output.status.success() {
        let is_unfit = ["Unsupported operation", "unknown option", "illegal option"]
            .iter()
            .any(|sign| said.contains(sign));
        return match output.status.code() {
            Some(_) if !is_unfit => Ok(Err(reason(&said))),
            _ => Err(Error::Unfit { said }),
        };
    }
    let found = good(purpose, &String::from_utf8_lossy(&output.stdout));
    match found {
        Some(found) if found == named => Ok(Ok(found)),
        Some(_) => Ok(Err("it was made with another key than it names".to_owned())),
        None => Err(Error::Unfit { said: words(&output.stdout) }),
    }
}

/// Signs each of `messages`, at least one, for `purpose`. `ssh-keygen` is run once for many, so that a passphrase is asked
/// for once.
///
/// # Errors
/// The program could not be run, or made no signature.
pub fn sign(key: &SigningKey, purpose: Purpose, messages: &[Vec<u8>]) -> Result<Signed, Error> {
    let refused = |said: String| Error::Refused { key: key.key.to_string(), said };
    let folder = tempfile::tempdir()?;
    let (key_file, is_literal) = match &key.key {
        KeyAt::File(path) => (path.clone(), false),
        KeyAt::Agent(text) => {
            let path = folder.path().join("key.pub");
            std::fs::write(&path, format!("{text}\n"))?;
            (path, true)
        }
    };
    let files: Vec<PathBuf> = (0..messages.len()).map(|n| folder.path().join(n.to_string())).collect();
    for (file, message) in files.iter().zip(messages) {
        std::fs::write(file, message)?;
    }
    let signer = key.program.as_deref().unwrap_or(Path::new(SSH_KEYGEN));
    // Another program need not take more than git gives it: one file.
    let per_call = if key.program.is_some() { 1 } else { PER_CALL };
    for files in files.chunks(per_call) {
        let mut command = program(signer, folder.path());
        command.args(["-Y", "sign", "-n", purpose.namespace(), "-f"]).arg(&key_file);
        command.args(is_literal.then_some("-U")).args(files);
        let output = run_as_user(command, signer)?;
        if !output.status.success() {
            return Err(refused(words(&output.stderr)));
        }
    }
    let (mut by, mut signatures) = (None, Vec::with_capacity(files.len()));
    for file in &files {
        let signature = std::fs::read(file.with_added_extension("sig"))
            .map_err(|error| refused(format!("it left no signature: {error}")))?;
        let signer = ssh::signer(&signature)
            .filter(|signer| by.is_none_or(|by| by == *signer))
            .ok_or_else(|| refused("it made no SSH signature by one plain key".to_owned()))?;
        by = Some(signer);
        signatures.push(signature);
    }
    let by = by.ok_or_else(|| refused("there is nothing to sign".to_owned()))?;
    Ok(Signed { by, signatures })
}

/// Returns a command that speaks English, in a folder where no program lies.
fn program(name: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(name);
    command.env("LC_ALL", "C").env("LANGUAGE", "C").current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn not_run(program: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Error {
    move |source| Error::NotRun { program: program.as_ref().display().to_string(), source }
}

/// Runs `command` with `input` on its stdin.
fn run(mut command: Command, name: &str, input: &[u8]) -> Result<Output, Error> {
    let mut child = command.stdin(Stdio::piped()).spawn().map_err(not_run(name))?;
    // One that stops reading has said why. What it prints before it has read all is far less than a pipe holds.
    let _ = child.stdin.take().map(|mut pipe| pipe.write_all(input));
    child.wait_with_output().map_err(not_run(name))
}

/// Runs `command`, which may ask for a passphrase where there is a terminal: `ssh-keygen` then opens that itself. Where
/// there is none, it finds the end of its input, and fails.
fn run_as_user(mut command: Command, name: &Path) -> Result<Output, Error> {
    if std::io::stdin().is_terminal() {
        command.stdin(Stdio::inherit());
    }
    command.output().map_err(not_run(name))
}

/// Returns the key's fingerprint in what `ssh-keygen` says of a good signature.
fn good(purpose: Purpose, said: &str) -> Option<Digest> {
    let rest = said.strip_prefix(&format!("Good \"{}\" signature with ", purpose.namespace()))?;
    ssh::from_openssh(rest.lines().next()?.rsplit_once(" key ")?.1)
}

/// Returns what a program said: of every line that tells something what can be printed, and not much of it.
fn words(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_course =
        |line: &&str| line.starts_with("Signing file ") || line.starts_with("Write signature to ");
    let told: Vec<&str> = lines.filter(|line| !is_course(line)).collect();
    let told = told.join("; ").replace("Enter passphrase: ", "");
    told.chars().filter(|c| !c.is_control()).take(MAX_WORDS).collect()
}

/// Returns why a signature is not good, without what `ssh-keygen` says of every such one.
fn reason(said: &str) -> String {
    let first = said.split("; ").next().unwrap_or_default();
    let told = first.split_once(": ").map_or(first, |(_, told)| told);
    if told.is_empty() { "ssh-keygen refuses it".to_owned() } else { told.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_line_of_a_good_signature_for_the_purpose_names_a_key() {
        let print = format!("SHA256:{}", "A".repeat(43));
        let line = |namespace: &str| format!("Good \"{namespace}\" signature with ED25519 key {print}\n");
        assert_eq!(good(Purpose::Record, &line("hitl-record")), Some(Digest([0; 32])));
        assert_eq!(good(Purpose::Record, &line("hitl-snapshot")), None);
        assert_eq!(good(Purpose::Record, &format!("Could not.\n{}", line("hitl-record"))), None);
        assert_eq!(good(Purpose::Record, "Good \"hitl-record\" signature with ED25519 key MD5:00\n"), None);
    }

    #[test]
    fn what_a_program_says_is_printable_and_short() {
        let said = words(b"Signing file /0\nWrite signature to /0.sig\nSigning file /1\nEnter passphrase: Load key \"k\": \x1b[31mno\xff\n\n");
        assert_eq!(said, "Load key \"k\": [31mno\u{fffd}");
        assert_eq!(words("x".repeat(9_000).as_bytes()).len(), MAX_WORDS);
        assert_eq!(reason("Couldn't verify signature: namespace does not match"), "namespace does not match");
        assert_eq!(
            reason("Couldn't parse signature: missing footer; sig_verify: sshsig_armor: invalid format"),
            "missing footer"
        );
        assert_eq!(reason(""), "ssh-keygen refuses it");
    }

    #[test]
    fn what_is_plainly_no_signature_is_not_looked_at() {
        let check = |bytes: &[u8]| check(Purpose::Record, b"x", bytes).unwrap().unwrap_err();
        assert_eq!(check(&vec![b'-'; MAX_BYTES + 1]), "it has more than 65536 bytes");
        assert_eq!(check(b"-----BEGIN PGP SIGNATURE-----\n"), "it is no SSH signature by a plain key");
    }
}
