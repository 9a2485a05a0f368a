//! `pre-receive`: a push judged where it goes to, before it is let in.

use super::{Answer, BRANCHES, BranchReport, HookName, PushReport, checked, is_none, rewritten};
use crate::dataset::Dataset;
use crate::ops::{Clock, Error};
use crate::store::Oid;

/// The setting that names protected branches beside the one that HEAD names.
const PROTECT: &str = "hitl.protect";

/// Reads what git gives `pre-receive`, a ref a line: `<old id> <new id> <ref>`; of branches alone, the name, what it
/// will be and what it is.
pub fn received(input: &str) -> Vec<(String, String, String)> {
    let read = |line: &str| {
        let mut fields = line.splitn(3, ' ');
        let (old, new, name) = (fields.next()?, fields.next()?, fields.next()?);
        let branch = name.strip_prefix(BRANCHES)?;
        Some((branch.to_owned(), new.to_owned(), old.to_owned()))
    };
    input.lines().filter_map(read).collect()
}

/// Judges a push into this repository.
///
/// A protected branch (HEAD's, and those that `hitl.protect` names, `*` and `?` being wild) is neither deleted nor
/// rewritten, and is checked against what it is; its first commits are checked against nothing. Any other branch is
/// checked against HEAD's. Where HEAD names a branch that is not there, nobody can say which is the main one, and all
/// are protected.
///
/// # Errors
/// A check could not be made: then nothing may pass.
pub fn receive(dataset: &Dataset, input: &str, clock: Clock) -> Result<PushReport, Error> {
    let store = dataset.store();
    let main = store.head_branch()?;
    let tip = main.as_deref().map(|name| store.ref_commit(name)).transpose()?.flatten();
    let protect = store.configured_all(PROTECT)?;
    let mut branches = Vec::new();
    let pushed = received(input);
    for (branch, new, old) in &pushed {
        let name = format!("{BRANCHES}{branch}");
        let is_named = |pattern: &String| matches(pattern, branch) || matches(pattern, &name);
        let protected = tip.is_none() || main.as_deref() == Some(&name) || protect.iter().any(is_named);
        let answer = match (is_none(new), is_none(old), protected) {
            (true, _, true) => Answer::Deleted,
            (true, _, false) => Answer::Skipped,
            (false, true, true) => {
                checked(dataset, first_base(&name, main.as_deref(), tip.as_ref()), new, clock)?
            }
            (false, _, false) => checked(dataset, tip.as_ref(), new, clock)?,
            (false, false, true) => {
                let old = Oid(old.clone());
                match rewritten(dataset, &old, new)? {
                    Some(lost) => lost,
                    None => checked(dataset, Some(&old), new, clock)?,
                }
            }
        };
        branches.push(BranchReport { branch: branch.clone(), answer });
    }
    let comes = |main: &str| pushed.iter().any(|(branch, ..)| main.strip_prefix(BRANCHES) == Some(branch));
    let headless = main.filter(|main| tip.is_none() && !comes(main));
    Ok(PushReport { schema: "hitl.hook/1", hook: HookName::PreReceive, branches, headless })
}

/// Returns what a protected branch begins from: HEAD's branch, unless it is that one.
fn first_base<'a>(name: &str, main: Option<&str>, tip: Option<&'a Oid>) -> Option<&'a Oid> {
    if main == Some(name) { None } else { tip }
}

/// Whether `name` is of the form `pattern`, in which `*` stands for any characters and `?` for one.
fn matches(pattern: &str, name: &str) -> bool {
    let Some(wild) = pattern.chars().next() else { return name.is_empty() };
    let rest = &pattern[wild.len_utf8()..];
    let mut after = name.chars();
    match wild {
        '*' => {
            let stripped = rest.trim_start_matches('*');
            let mut starts = name.char_indices().map(|(at, _)| at).chain([name.len()]);
            starts.any(|at| matches(stripped, &name[at..]))
        }
        '?' => after.next().is_some() && matches(rest, after.as_str()),
        plain => after.next() == Some(plain) && matches(rest, after.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_branches() {
        for (pattern, name) in
            [("main", "main"), ("release/*", "release/1.0"), ("v?", "v1"), ("*", "a/b"), ("**x", "x")]
        {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("main", "main2"), ("release/*", "releases"), ("v?", "v"), ("", "a"), ("*x", "xy")]
        {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn only_branches_are_read() {
        let found = received("00 b1 refs/heads/a\nc2 b2 refs/tags/v1\n");
        assert_eq!(found, [("a".to_owned(), "b1".to_owned(), "00".to_owned())]);
    }
}
