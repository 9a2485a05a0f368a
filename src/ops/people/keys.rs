//! `labelers key add`, `end` and `compromised`.

use super::add::{key_line, must_sign, read_key};
use super::{ChangeReport, GivenKey, How, Listed, Wanted, change, whole_second};
use crate::base::ssh::PublicKey;
use crate::base::{Timestamp, text};
use crate::config::{Key, Labeler};
use crate::dataset::Dataset;
use crate::ops::{Clock, Error};

/// What happens to a key.
#[derive(Clone, Debug)]
pub enum KeyChange {
    /// It signs for the labeler.
    Add(GivenKey),
    /// It signs for nothing recorded later.
    End {
        /// Its fingerprint, the first letters of it, or the public key's text.
        fingerprint: String,
        /// From when on; now when not given.
        since: Option<Timestamp>,
    },
    /// Somebody else may have had it.
    Compromised {
        /// Its fingerprint, the first letters of it, or the public key's text.
        fingerprint: String,
        /// Since when.
        since: Timestamp,
    },
}

/// Changes a key of `id` in `labelers.yaml`, and commits that file alone.
///
/// # Errors
/// There is no such labeler or key, the key is somebody's, or it ended before. The file has changes that are not
/// committed, or Git refuses the commit.
pub fn key(
    dataset: &Dataset,
    id: &str,
    to: &KeyChange,
    how: &How,
    clock: Clock,
) -> Result<ChangeReport, Error> {
    change(dataset, how, |listed| plan(listed, id, to, clock))
}

fn plan(listed: &Listed, id: &str, to: &KeyChange, clock: Clock) -> Result<Wanted, Error> {
    let (id, mut labeler) = listed.find(id)?;
    let (schema, verb, did, notes) = match to {
        KeyChange::Add(given) => {
            let key = read_key("KEY", given, &listed.labelers, &[]).map_err(|fault| Error::Arguments {
                message: format!("`{id}` got no key"),
                faults: vec![fault],
            })?;
            let did = format!("{id} signs with {}", key.key.openssh_fingerprint());
            let notes = if labeler.keys.is_empty() { vec![must_sign(&id)] } else { Vec::new() };
            labeler.keys.push(key);
            ("hitl.labelers-key-add/1", "add a key of", did, notes)
        }
        KeyChange::End { fingerprint, since } => {
            let key = find(&id, &mut labeler, fingerprint)?;
            let since = since.unwrap_or_else(|| whole_second(clock.now));
            end(&id, key, since)?;
            let did = format!("{id} signs with {} up to {since}", key.key.openssh_fingerprint());
            ("hitl.labelers-key-end/1", "end a key of", did, Vec::new())
        }
        KeyChange::Compromised { fingerprint, since } => {
            let key = find(&id, &mut labeler, fingerprint)?;
            if key.compromised_since == Some(*since) {
                let message = format!("that key of `{id}` is marked so already");
                return Err(Error::Nothing { message, hint: None });
            }
            key.compromised_since = Some(*since);
            let did =
                format!("{} of {id} may be somebody else's since {since}", key.key.openssh_fingerprint());
            let note = "what it signed since counts only where another key vouches for it";
            ("hitl.labelers-key-compromised/1", "a compromised key of", did, vec![note.to_owned()])
        }
    };
    Ok(Wanted { schema, subject: format!("{verb} {id}"), did, id, labeler, notes, name: None })
}

fn end(id: &str, key: &mut Key, since: Timestamp) -> Result<(), Error> {
    if let Some(until) = key.valid_until.filter(|until| *until <= since) {
        let message = format!("that key of `{id}` ended at {until}");
        return Err(Error::Nothing { message, hint: None });
    }
    if let Some(from) = key.valid_from.filter(|from| *from >= since) {
        return Err(Error::request(
            format!("that key of `{id}` is valid from {from} on, which is not before {since}"),
            "give a later --since, or take the key out of labelers.yaml",
        ));
    }
    key.valid_until = Some(since);
    Ok(())
}

/// Returns the key of `labeler` whose text that is, or whose fingerprint begins so.
fn find<'a>(id: &str, labeler: &'a mut Labeler, given: &str) -> Result<&'a mut Key, Error> {
    let all: Vec<String> = labeler.keys.iter().map(|key| key.key.openssh_fingerprint()).collect();
    let line = key_line(given).unwrap_or_default();
    let of_text = line.parse().map(|key: PublicKey| key.openssh_fingerprint());
    let given = of_text.as_deref().unwrap_or(given.trim());
    let begins = |fingerprint: &String| {
        !given.is_empty()
            && [fingerprint, fingerprint.trim_start_matches("SHA256:")]
                .iter()
                .any(|text| text.starts_with(given))
    };
    let found: Vec<usize> = (0..all.len()).filter(|at| begins(&all[*at])).collect();
    match found[..] {
        [at] => Ok(&mut labeler.keys[at]),
        _ => Err(Error::NotFound {
            message: match found.len() {
                0 => format!("`{id}` has no key `{given}`"),
                several => format!("`{given}` begins {}", text::count(several, "fingerprint")),
            },
            hint: Some(match all.is_empty() {
                true => format!(
                    "they have none; `hitl labelers key add {} FILE` adds one",
                    text::shell_quoted(id)
                ),
                false => format!("one of {}", all.join(", ")),
            }),
        }),
    }
}
