//! Putting the scripts of hooks where Git looks for them, and taking them away again.

use std::path::Path;

use serde::Serialize;

use super::HookName;
use crate::base::text::shell_quoted;
use crate::ops::Error;
use crate::store::{HookFile, Store};

/// Said where a server takes objects unseen: the hook reads what it needs, and Git all of them.
const FSCK_OBJECTS: &str = "git config receive.fsckObjects true";

/// The line by which a script of ours is known.
const MARK: &str = "# Written by `hitl hook install`; `hitl hook uninstall` takes it away.";

/// What became of the files of hooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FilesReport {
    /// `hitl.hooks/1`.
    pub schema: &'static str,
    /// What was asked.
    pub asked: Asked,
    /// Each hook.
    pub hooks: Vec<FileReport>,
    /// What else a server had better be told to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<&'static str>,
}

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// That hooks be put in place.
    Install,
    /// That they be taken away.
    Uninstall,
    /// What is there.
    Status,
}

/// What became of one hook's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// The hook.
    pub hook: HookName,
    /// Where Git looks for it.
    pub path: String,
    /// What is there now.
    pub state: State,
    /// Whether that was so before.
    pub unchanged: bool,
}

/// What lies where Git looks for a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing.
    Absent,
    /// Our script.
    Ours,
    /// Somebody else's, which runs ours.
    RunsOurs,
    /// Somebody else's.
    Foreign,
}

/// Returns the script that runs `hook`, with `program` where it is there and else the `hitl` on PATH.
pub fn script(hook: HookName, program: &Path) -> String {
    let program = program.to_string_lossy();
    let word = shell_quoted(&program);
    format!(
        "#!/bin/sh\n{MARK}\nhitl={word}\n\
         [ -x \"$hitl\" ] || hitl=$(command -v hitl) || {{ echo \"hitl is neither at \"{word}\" nor on PATH, so the {hook} \
         hook cannot judge this; install it, or run 'hitl hook install' anew\" >&2; exit 1; }}\n\
         exec \"$hitl\" hook run {hook} \"$@\"\n"
    )
}

/// Returns the line that makes somebody else's hook run ours.
pub fn added_line(hook: HookName) -> String {
    format!("hitl hook run {hook} \"$@\" || exit 1")
}

/// Whether a script is one of ours.
pub fn is_ours(text: &str) -> bool {
    text.lines().any(|line| line == MARK)
}

/// Returns the hooks that are meant where none is named.
fn meant(store: &Store, hooks: &[HookName]) -> Vec<HookName> {
    match (hooks, store.is_bare()) {
        ([], true) => vec![HookName::PreReceive],
        ([], false) => vec![HookName::PreCommit, HookName::PrePush],
        (named, _) => named.to_vec(),
    }
}

fn state(file: &HookFile, hook: HookName) -> State {
    match file {
        HookFile::Absent => State::Absent,
        HookFile::Text(text) if is_ours(text) => State::Ours,
        HookFile::Text(text) if runs_ours(text, hook) => State::RunsOurs,
        HookFile::Text(_) | HookFile::Other => State::Foreign,
    }
}

fn runs_ours(text: &str, hook: HookName) -> bool {
    let call = format!("hook run {hook}");
    text.lines().any(|line| !line.trim_start().starts_with('#') && line.contains(&call))
}

/// Puts the scripts of `hooks`, or of those usual here, in place. What somebody else wrote is left as it is.
///
/// # Errors
/// The folder of hooks cannot be found or written.
pub fn install(store: &Store, hooks: &[HookName], program: &Path) -> Result<FilesReport, Error> {
    let hooks = meant(store, hooks);
    let folder = store.hooks_folder()?;
    if folder.exists() && !folder.is_dir() {
        let message = format!("git looks for hooks in {}, which is no folder", folder.display());
        return Err(Error::request(
            message,
            "`git config --unset core.hooksPath` lets it look where it usually does",
        ));
    }
    let mut report = each(store, &hooks, Asked::Install, |hook, file| {
        let (before, text) = (state(file, hook), script(hook, program));
        Ok(match before {
            State::Ours if matches!(file, HookFile::Text(found) if *found == text) => (before, true),
            State::Absent | State::Ours => {
                store.place_hook(hook.as_str(), &text, before == State::Ours)?;
                (State::Ours, false)
            }
            State::RunsOurs | State::Foreign => (before, true),
        })
    })?;
    let asks = |file: &FileReport| file.hook == HookName::PreReceive && file.state != State::Foreign;
    if report.hooks.iter().any(asks) && unseen(store)? {
        report.advice = Some(FSCK_OBJECTS);
    }
    Ok(report)
}

/// Whether nobody has decided that Git looks at the objects of a push, or that it does not.
fn unseen(store: &Store) -> Result<bool, Error> {
    for key in ["receive.fsckObjects", "transfer.fsckObjects"] {
        if store.configured(key)?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes our scripts of `hooks`, or of all, away. What somebody else wrote is left as it is.
///
/// # Errors
/// The folder of hooks cannot be found or written.
pub fn uninstall(store: &Store, hooks: &[HookName]) -> Result<FilesReport, Error> {
    let hooks = if hooks.is_empty() { &HookName::ALL[..] } else { hooks };
    each(store, hooks, Asked::Uninstall, |hook, file| match state(file, hook) {
        State::Ours => {
            store.remove_hook(hook.as_str())?;
            Ok((State::Absent, false))
        }
        other => Ok((other, true)),
    })
}

/// Says what lies where Git looks for each hook.
///
/// # Errors
/// The folder of hooks cannot be found or read.
pub fn status(store: &Store) -> Result<FilesReport, Error> {
    each(store, &HookName::ALL, Asked::Status, |hook, file| Ok((state(file, hook), true)))
}

fn each(
    store: &Store,
    hooks: &[HookName],
    asked: Asked,
    mut act: impl FnMut(HookName, &HookFile) -> Result<(State, bool), Error>,
) -> Result<FilesReport, Error> {
    let mut reports = Vec::new();
    for &hook in hooks {
        let file = store.hook_file(hook.as_str())?;
        let (state, unchanged) = act(hook, &file)?;
        let path = store.hook_path(hook.as_str())?.display().to_string();
        reports.push(FileReport { hook, path, state, unchanged });
    }
    Ok(FilesReport { schema: "hitl.hooks/1", asked, hooks: reports, advice: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_known_by_its_mark_and_a_strangers_by_its_call() {
        let ours = script(HookName::PrePush, Path::new("/opt/it's here/hitl"));
        assert_eq!(state(&HookFile::Text(ours.clone()), HookName::PrePush), State::Ours);
        assert_eq!(ours.lines().count(), 5, "{ours}");
        let line = added_line(HookName::PrePush);
        let theirs =
            |line: &str| state(&HookFile::Text(format!("#!/bin/sh\nlint\n{line}\n")), HookName::PrePush);
        assert_eq!(theirs(&line), State::RunsOurs);
        assert_eq!(theirs(&format!("# {line}")), State::Foreign);
        assert_eq!(theirs(&added_line(HookName::PreCommit)), State::Foreign);
    }
}
