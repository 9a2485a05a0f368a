//! `pre-push`: what a push would bring to a remote, judged before it leaves.

use super::{Answer, BRANCHES, BranchReport, HookName, PushReport, checked, is_none, rewritten};
use crate::dataset::Dataset;
use crate::ops::{Clock, Error};
use crate::store::Oid;

/// Names that a remote's main branch has where it says nothing.
const USUAL: [&str; 2] = ["main", "master"];

/// Reads what git gives `pre-push`, a ref a line: `<local ref> <local id> <remote ref> <remote id>`; of branches
/// alone, the name there, the id here and the id there.
pub fn pushed(input: &str) -> Vec<(String, String, String)> {
    let read = |line: &str| {
        let mut fields = line.split(' ');
        let (_, new, name, old) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let branch = name.strip_prefix(BRANCHES)?;
        Some((branch.to_owned(), new.to_owned(), old.to_owned()))
    };
    input.lines().filter_map(read).collect()
}

/// Judges the branches that a push brings to `remote`, a name or an address.
///
/// Each is checked against what it is there; a new one, and one whose history was rewritten, against the remote's
/// main branch as it was last fetched; where there is none, against nothing.
///
/// # Errors
/// A check could not be made: then nothing may pass.
pub fn push(dataset: &Dataset, remote: &str, input: &str, clock: Clock) -> Result<PushReport, Error> {
    let main = main_branch(dataset, remote)?;
    let mut branches = Vec::new();
    for (branch, new, old) in pushed(input) {
        let answer = judge((dataset, clock), remote, main.as_ref(), (&branch, &new, &old))?;
        branches.push(BranchReport { branch, answer });
    }
    Ok(PushReport { schema: "hitl.hook/1", hook: HookName::PrePush, branches, headless: None })
}

fn judge(
    (dataset, clock): (&Dataset, Clock),
    remote: &str,
    main: Option<&(String, Oid)>,
    (branch, new, old): (&str, &str, &str),
) -> Result<Answer, Error> {
    if is_none(new) {
        return Ok(Answer::Skipped);
    }
    let Oid(new) = &dataset.store().resolve(new)?;
    let tip = main.map(|(_, tip)| tip);
    if is_none(old) {
        return checked(dataset, tip, new, clock);
    }
    let old = Oid(old.to_owned());
    if !dataset.store().has_object(&old) {
        return Ok(Answer::Unknown { old, remote: remote.to_owned() });
    }
    let is_main = main.is_some_and(|(name, _)| name == branch) || USUAL.contains(&branch);
    match rewritten(dataset, &old, new)? {
        None => checked(dataset, Some(&old), new, clock),
        Some(lost) if is_main => Ok(lost),
        Some(_) => checked(dataset, tip.or(Some(&old)), new, clock),
    }
}

/// Returns the main branch of a remote and what it was when it was last fetched: the one its HEAD names, else `main` or
/// `master`.
fn main_branch(dataset: &Dataset, remote: &str) -> Result<Option<(String, Oid)>, Error> {
    let folder = format!("refs/remotes/{remote}/");
    let names = ["HEAD"].iter().chain(&USUAL).map(|name| format!("{folder}{name}"));
    let found = dataset.store().refs(&names.clone().collect::<Vec<_>>())?;
    for name in names {
        let Some((name, tip, symbolic)) = found.iter().find(|(found, ..)| *found == name) else { continue };
        let branch = symbolic.as_ref().unwrap_or(name).strip_prefix(&folder);
        return Ok(branch.map(|branch| (branch.to_owned(), tip.clone())));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_branches_are_read() {
        let input =
            "refs/heads/a b1 refs/heads/x c1\nrefs/tags/v1 b2 refs/tags/v1 c2\n(delete) 00 refs/heads/y c3\n";
        let found = pushed(input);
        let branches: Vec<&str> = found.iter().map(|(branch, ..)| branch.as_str()).collect();
        assert_eq!(branches, ["x", "y"]);
        assert!(is_none(&found[1].1));
    }
}
