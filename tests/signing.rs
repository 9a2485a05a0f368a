//! Signatures made and checked by real `ssh-keygen`, and held against what `ssh-keygen -Y verify` says of the same files.

#[path = "faults/project.rs"]
mod project;
#[path = "faults/sealed.rs"]
mod sealed;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hitl::base::Digest;
use hitl::base::ssh::{self, PublicKey};
use hitl::dataset::{Dataset, MAX_SIGNATURES};
use hitl::record::{KeyAt, Purpose, RecordId, Signature, SigningKey, signed_record, signed_snapshot};
use hitl::signing::{Error, MAX_BYTES, Signed, check, sign};

use project::Project;
use sealed::has;

/// Whether `ssh-keygen` is here; without it a test is skipped, and fails where all must run.
fn has_ssh_keygen() -> bool {
    has("ssh-keygen", Command::new("ssh-keygen").arg("-?").output().is_ok())
}

/// Keys in a folder of their own.
struct Keys {
    folder: tempfile::TempDir,
}

impl Keys {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes a key; `kind` is what follows `-t`.
    fn make(&self, name: &str, kind: &[&str]) -> Key {
        let path = self.path(name);
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-N", "", "-C", "", "-t"]).args(kind).arg("-f").arg(&path);
        assert!(command.status().unwrap().success(), "{kind:?}");
        let public = std::fs::read_to_string(path.with_added_extension("pub")).unwrap();
        Key { public: public.parse().unwrap(), path }
    }

    /// What `ssh-keygen -Y verify` says of a signature that is to be by one of `keys`.
    fn verifies(&self, keys: &[&Key], purpose: Purpose, message: &[u8], signature: &[u8]) -> bool {
        let (signers, file) = (self.path("signers"), self.path("signature"));
        let listed: String = keys.iter().map(|key| format!("them {}\n", key.public)).collect();
        std::fs::write(&signers, listed).unwrap();
        std::fs::write(&file, signature).unwrap();
        let mut command = Command::new("ssh-keygen");
        command.args(["-Y", "verify", "-I", "them", "-n", purpose.namespace(), "-f"]).arg(&signers);
        command.arg("-s").arg(&file).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(message);
        child.wait().unwrap().success()
    }
}

struct Key {
    public: PublicKey,
    path: PathBuf,
}

impl Key {
    fn signs(&self) -> SigningKey {
        SigningKey { key: KeyAt::File(self.path.clone()), program: None }
    }

    fn sign(&self, purpose: Purpose, message: &[u8]) -> Vec<u8> {
        let Signed { by, mut signatures } = sign(&self.signs(), purpose, &[message.to_vec()]).unwrap();
        assert_eq!(by, self.public.fingerprint());
        signatures.remove(0)
    }
}

fn kinds(keys: &Keys) -> Vec<Key> {
    vec![
        keys.make("ed25519", &["ed25519"]),
        keys.make("nistp256", &["ecdsa", "-b", "256"]),
        keys.make("nistp384", &["ecdsa", "-b", "384"]),
        keys.make("nistp521", &["ecdsa", "-b", "521"]),
        keys.make("rsa", &["rsa", "-b", "2048"]),
    ]
}

/// What a hostile hand makes of a good signature.
fn edited(good: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let text = String::from_utf8(good.to_vec()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let flipped = |at: usize| {
        let mut bytes = good.to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        bytes
    };
    let body = lines[0].len() + 1;
    vec![
        ("as it is", good.to_vec()),
        ("its magic changed", flipped(body + 2)),
        ("its version changed", flipped(body + 9)),
        ("its key changed", flipped(body + 60)),
        ("its end changed", flipped(good.len() - lines.last().unwrap().len() - 12)),
        ("cut in the middle", good[..good.len() / 2].to_vec()),
        ("without its last line", text.replace(lines.last().unwrap(), "").into_bytes()),
        ("without its first line", text.replacen(lines[0], "", 1).into_bytes()),
        ("a line left out", text.replacen(lines[2], "", 1).into_bytes()),
        ("no line ends in the middle", {
            let inner = lines[1..lines.len() - 1].concat();
            format!("{}\n{inner}\n{}\n", lines[0], lines.last().unwrap()).into_bytes()
        }),
        ("other line ends", text.replace('\n', "\r\n").into_bytes()),
        ("something before it", format!("\n{text}").into_bytes()),
        ("something behind it", format!("{text}and more \u{1b}[31m\n").into_bytes()),
        ("twice", format!("{text}{text}").into_bytes()),
        ("empty", Vec::new()),
        ("garbage", b"\x00\xff\x1b[31m".to_vec()),
        ("armor around nothing", format!("{}\n\n{}\n", lines[0], lines.last().unwrap()).into_bytes()),
        ("no base64", text.replace(lines[1], "!!!!").into_bytes()),
    ]
}

#[test]
fn what_ssh_keygen_verifies_is_good_and_nothing_else() {
    if !has_ssh_keygen() {
        return;
    }
    let keys = Keys::new();
    let all = kinds(&keys);
    let known: Vec<&Key> = all.iter().collect();
    let message = signed_record(RecordId::of(b"a manifest"));
    let mut vectors = 0;
    let mut agree = |told: &str, purpose, message: &[u8], signature: &[u8]| {
        let found = check(purpose, message, signature).unwrap();
        let verified = keys.verifies(&known, purpose, message, signature);
        assert_eq!(found.is_ok(), verified, "{told}: {found:?}");
        vectors += 1;
        found
    };
    let mut good = 0;
    for key in &all {
        let signature = key.sign(Purpose::Record, &message);
        for (told, edited) in edited(&signature) {
            let told = format!("{}, {told}", key.path.display());
            let found = agree(&told, Purpose::Record, &message, &edited);
            good += usize::from(found.is_ok());
            assert!(found.is_err() || found == Ok(key.public.fingerprint()), "{told}");
        }
        let other = signed_record(RecordId::of(b"another"));
        agree("another record", Purpose::Record, &other, &signature).unwrap_err();
        agree("nothing", Purpose::Record, b"", &signature).unwrap_err();
        for purpose in [Purpose::Snapshot, Purpose::Attestation, Purpose::Commit] {
            agree("another purpose", purpose, &message, &signature).unwrap_err();
            let made = key.sign(purpose, &message);
            agree("made for another purpose", Purpose::Record, &message, &made).unwrap_err();
        }
    }
    assert!(vectors >= 30 && good >= 2 * all.len(), "{vectors} vectors, {good} of them good");
}

#[test]
fn a_key_that_is_put_into_anothers_signature_makes_it_bad() {
    if !has_ssh_keygen() {
        return;
    }
    let keys = Keys::new();
    let (one, other) = (keys.make("one", &["ed25519"]), keys.make("other", &["ed25519"]));
    let message = signed_snapshot(b"a lock");
    let blob = |key: &Key| {
        let text = String::from_utf8(key.sign(Purpose::Snapshot, &message)).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        decoded(&lines[1..lines.len() - 1].concat())
    };
    let (a, b) = (blob(&one), blob(&other));
    // The key ends at byte 10 + 4 + 51: magic and version, its length, itself.
    let forged = [&b[..65], &a[65..]].concat();
    let forged =
        format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", encoded(&forged));
    assert_eq!(ssh::signer(forged.as_bytes()), Some(other.public.fingerprint()));
    assert_eq!(
        check(Purpose::Snapshot, &message, forged.as_bytes()).unwrap().unwrap_err(),
        "incorrect signature"
    );
    assert!(!keys.verifies(&[&one, &other], Purpose::Snapshot, &message, forged.as_bytes()));
}

fn run(program: &str, args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new(program);
    let mut child = command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap().stdout
}

fn decoded(text: &str) -> Vec<u8> {
    run("base64", &["-d"], text.as_bytes())
}

fn encoded(bytes: &[u8]) -> String {
    String::from_utf8(run("base64", &[], bytes)).unwrap().split_whitespace().collect()
}

#[test]
fn a_certificate_signs_nothing_here() {
    if !has_ssh_keygen() {
        return;
    }
    let keys = Keys::new();
    let (key, authority) = (keys.make("key", &["ed25519"]), keys.make("authority", &["ed25519"]));
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-s"]).arg(&authority.path).args(["-I", "id", "-n", "them"]);
    assert!(command.arg(key.path.with_added_extension("pub")).status().unwrap().success());
    let certified = SigningKey { key: KeyAt::File(keys.path("key-cert.pub")), program: None };
    std::fs::copy(&key.path, keys.path("key-cert")).unwrap();
    let refused = sign(&certified, Purpose::Record, &[b"x".to_vec()]);
    assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
}

#[test]
fn many_are_signed_at_once_and_each_is_its_own() {
    if !has_ssh_keygen() {
        return;
    }
    let keys = Keys::new();
    let key = keys.make("key", &["ed25519"]);
    let messages: Vec<Vec<u8>> = (0..300).map(|n| signed_record(RecordId(Digest([n as u8; 32])))).collect();
    let Signed { by, signatures } = sign(&key.signs(), Purpose::Record, &messages).unwrap();
    assert_eq!((by, signatures.len()), (key.public.fingerprint(), 300));
    for at in [0, 1, 255, 256, 299] {
        assert_eq!(check(Purpose::Record, &messages[at], &signatures[at]).unwrap(), Ok(by), "{at}");
        assert!(check(Purpose::Record, &messages[(at + 1) % 256], &signatures[at]).unwrap().is_err());
    }
}

#[test]
fn a_message_may_be_long_and_a_signature_may_not() {
    if !has_ssh_keygen() {
        return;
    }
    let keys = Keys::new();
    let key = keys.make("key", &["ed25519"]);
    let long = vec![b'x'; 3 << 20];
    let mut signature = key.sign(Purpose::Commit, &long);
    assert_eq!(check(Purpose::Commit, &long, &signature).unwrap(), Ok(key.public.fingerprint()));
    signature.resize(MAX_BYTES, b'\n');
    assert!(check(Purpose::Commit, &long, &signature).unwrap().is_ok());
    signature.push(b'\n');
    assert!(check(Purpose::Commit, &long, &signature).unwrap().is_err());
}

#[test]
fn what_cannot_sign_says_why() {
    if !has_ssh_keygen() {
        return;
    }
    let keys = Keys::new();
    let refused = |key: KeyAt, program: Option<&Path>| {
        let key = SigningKey { key, program: program.map(Path::to_path_buf) };
        sign(&key, Purpose::Record, &[b"x".to_vec()]).unwrap_err()
    };
    let none = refused(KeyAt::File(keys.path("none")), None);
    assert!(
        matches!(&none, Error::Refused { said, .. } if said.contains("No such file") && !said.contains('\n'))
    );
    assert!(matches!(refused(KeyAt::Agent("ssh-ed25519 AAAA".into()), None), Error::Refused { .. }));
    let key = keys.make("key", &["ed25519"]);
    let at = || KeyAt::File(key.path.clone());
    assert!(matches!(refused(at(), Some(Path::new("no-such-program"))), Error::NotRun { .. }));
    // A program that says all is well, and signs nothing.
    assert!(matches!(refused(at(), Some(Path::new("true"))), Error::Refused { .. }));
}

/// A project that signs with `key`, and the id of its one record.
fn signed_project(key: &Key) -> (Project, RecordId) {
    let project = Project::tone();
    project.repo.git(&["config", "gpg.format", "ssh"]);
    project.repo.git(&["config", "user.signingKey", key.path.to_str().unwrap()]);
    project.repo.git(&["config", "commit.gpgSign", "true"]);
    let report = project.commit("a.csv", "item,labeler,label\ni1,ana,yes\n", &[]);
    let id = report["records"][0]["id"].as_str().unwrap().parse().unwrap();
    (project, id)
}

#[test]
fn what_a_commit_holds_is_read_back() {
    if !has_ssh_keygen() {
        return;
    }
    let keys = Keys::new();
    let (key, other) = (keys.make("key", &["ed25519"]), keys.make("other", &["ecdsa"]));
    let (project, id) = signed_project(&key);
    project.ok(&["snapshot", "create", "v1"]);
    let dataset = Dataset::over(project.repo.store());
    let head = || dataset.store().resolve("HEAD").unwrap();
    let good = |fingerprint| Signature { fingerprint, fault: None };
    let by_key = good(key.public.fingerprint());
    let all = dataset.signatures(&head(), None).unwrap();
    assert_eq!(all, [(id, vec![by_key.clone()])].into());
    assert!(dataset.signatures(&head(), Some(&BTreeSet::new())).unwrap().is_empty());
    assert_eq!(dataset.snapshot_signatures(&head(), "v1").unwrap(), std::slice::from_ref(&by_key));
    assert!(dataset.snapshot_signatures(&head(), "v").unwrap().is_empty());
    // Another key vouches; a forged name; what is no signature.
    let path = project.repo.git(&["ls-files", "ledger/*.sig"]);
    let (stem, _) = path.strip_suffix(".sig").unwrap().rsplit_once('.').unwrap();
    let beside = |print: Digest, bytes: &[u8]| {
        std::fs::write(project.repo.dir().join(format!("{stem}.{print}.sig")), bytes).unwrap();
    };
    beside(other.public.fingerprint(), &other.sign(Purpose::Record, &signed_record(id)));
    beside(Digest([0; 32]), &key.sign(Purpose::Record, &signed_record(id)));
    beside(Digest([1; 32]), b"no signature\n");
    project.repo.git(&["add", "ledger"]);
    project.repo.git(&["commit", "--quiet", "--no-gpg-sign", "-m", "vouch"]);
    let mut wanted = vec![
        by_key,
        good(other.public.fingerprint()),
        Signature {
            fingerprint: Digest([0; 32]),
            fault: Some("made by another key than its name says".to_owned()),
        },
        Signature {
            fingerprint: Digest([1; 32]),
            fault: Some("it is no SSH signature by a plain key".to_owned()),
        },
    ];
    wanted.sort_by_key(|signature| signature.fingerprint);
    // Of what was found good some is kept; damaged, it is as if it were not there.
    for _ in 0..3 {
        assert_eq!(dataset.signatures(&head(), None).unwrap()[&id], wanted);
        let kept = project.repo.dir().join(".git/hitl/cache/signatures");
        let kept: Vec<PathBuf> =
            std::fs::read_dir(kept).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!kept.is_empty());
        for path in kept {
            let mut bytes = std::fs::read(&path).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            std::fs::write(&path, bytes).unwrap();
        }
    }
    assert_eq!(dataset.commit_signer(&head()).unwrap(), None, "a commit that nobody signed");
}

#[test]
fn what_many_files_cost_is_nobodys_to_choose() {
    if !has_ssh_keygen() {
        return;
    }
    let keys = Keys::new();
    let key = keys.make("key", &["ed25519"]);
    let (project, id) = signed_project(&key);
    let dataset = Dataset::over(project.repo.store());
    let path = project.repo.git(&["ls-files", "ledger/*.sig"]);
    let (stem, _) = path.strip_suffix(".sig").unwrap().rsplit_once('.').unwrap();
    let signature = std::fs::read(project.repo.dir().join(&path)).unwrap();
    let found = |count: usize| {
        for number in 1..count {
            let name = Digest::of(&number.to_be_bytes());
            std::fs::write(project.repo.dir().join(format!("{stem}.{name}.sig")), &signature).unwrap();
        }
        project.repo.git(&["add", "ledger"]);
        project.repo.git(&["commit", "--quiet", "--no-gpg-sign", "-m", "more"]);
        let found = dataset.signatures(&dataset.store().resolve("HEAD").unwrap(), None).unwrap();
        let faults = found[&id].iter().map(|signature| signature.fault.clone());
        faults.collect::<Vec<_>>()
    };
    let faults = found(MAX_SIGNATURES);
    assert_eq!(faults.len(), MAX_SIGNATURES);
    assert_eq!(faults.iter().filter(|fault| fault.is_none()).count(), 1);
    let faults = found(MAX_SIGNATURES + 1);
    let told = "it lies beside 64 others, and at most 64 are looked at";
    assert_eq!(faults, vec![Some(told.to_owned()); MAX_SIGNATURES + 1]);
}

#[test]
fn a_commit_tells_who_signed_it() {
    if !has_ssh_keygen() {
        return;
    }
    let keys = Keys::new();
    let key = keys.make("key", &["ed25519"]);
    let (project, _) = signed_project(&key);
    let dataset = Dataset::over(project.repo.store());
    let signer = |rev: &str| dataset.commit_signer(&dataset.store().resolve(rev).unwrap()).unwrap();
    let good = Signature { fingerprint: key.public.fingerprint(), fault: None };
    assert_eq!(signer("HEAD"), Some(good.clone()));
    assert_eq!(signer("HEAD^"), None);
    // Another message under the same signature.
    let commit = project.repo.git(&["cat-file", "commit", "HEAD"]);
    std::fs::write(project.repo.dir().join("forged"), format!("{commit} forged\n")).unwrap();
    let forged = project.repo.git(&["hash-object", "-t", "commit", "-w", "forged"]);
    let fault = Some("incorrect signature".to_owned());
    assert_eq!(signer(&forged), Some(Signature { fault, ..good }));
}
