//! Hooks: the ones `git commit` runs, on exactly what is being committed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::journal::Journal;
use super::place::{Found, look};
use super::program::{path, run, succeed};
use super::{Error, Oid, Store};

impl Store {
    /// Runs `pre-commit` on an index of HEAD's tree and our files, then `commit-msg`, whose edits of the message are
    /// taken.
    pub(super) fn run_commit_hooks(&self, journal: &mut Journal, parent: Option<&Oid>) -> Result<(), Error> {
        let (before, message) = (self.has_hook("pre-commit")?, self.has_hook("commit-msg")?);
        if !before && !message {
            return Ok(());
        }
        self.write_blobs(journal)?;
        let tree = self.write_trees(journal, parent)?.root;
        let index = self.stage_of(journal).join("hook-index");
        let mut read = self.git.command(["read-tree", &tree.0]);
        read.env("GIT_INDEX_FILE", &index);
        succeed("preparing the hooks' index", run(read, None)?)?;
        if before {
            self.run_hook("pre-commit", &[], &index)?;
            self.refuse_changed(journal, &tree, &index)?;
        }
        if message {
            let file = self.stage_of(journal).join("COMMIT_EDITMSG");
            fs::write(&file, &journal.message).map_err(Error::io(&file))?;
            self.run_hook("commit-msg", &[&file], &index)?;
            let edited = fs::read(&file).map_err(Error::io(&file))?;
            journal.message = String::from_utf8_lossy(&edited).into_owned();
            if journal.message.trim().is_empty() {
                let output = "it left an empty message".to_owned();
                return Err(Error::HookRefused { hook: "commit-msg", output });
            }
        }
        Ok(())
    }

    /// Refuses when a hook put other bytes at one of our paths, into its index or into the work tree: a record that
    /// is rewritten is none.
    fn refuse_changed(&self, journal: &Journal, tree: &Oid, index: &Path) -> Result<(), Error> {
        let mut command = self.git.command(["diff-index", "--cached", "--name-only", "-z", &tree.0, "--"]);
        command.env("GIT_INDEX_FILE", index);
        let changed = succeed("reading the hook's index", run(command, None)?)?;
        let changed = String::from_utf8_lossy(&changed).into_owned();
        let changed: BTreeSet<&str> = changed.split_terminator('\0').collect();
        for (position, file) in journal.files.iter().enumerate() {
            let beside = !journal.replace
                && matches!(
                    look(self.root(), &file.path, &self.staged(journal, position)?)?,
                    Found::Other(_)
                );
            if beside || changed.contains(file.path.as_str()) {
                return Err(Error::HookChanged { path: file.path.clone() });
            }
        }
        Ok(())
    }

    /// Runs `post-commit` and what keeps the number of loose objects down. The commit is made: nothing here can fail
    /// it.
    pub(super) fn run_afterwards(&self) {
        let index = self.layout.git_dir.join("index");
        if self.has_hook("post-commit").unwrap_or(false) {
            let _ = self.run_hook("post-commit", &[], &index);
        }
        if self.setting("maintenance.auto").ok().flatten() != Some(false) {
            let _ = self.git.try_run(["maintenance", "run", "--auto", "--quiet"]);
        }
    }

    fn run_hook(&self, hook: &'static str, args: &[&Path], index: &Path) -> Result<(), Error> {
        let args: Vec<_> = args.iter().map(|arg| arg.as_os_str()).collect();
        let mut command = self.git.hook(hook, &args);
        command.env("GIT_INDEX_FILE", index).env("GIT_EDITOR", ":");
        let output = run(command, None)?;
        if output.status.success() {
            return Ok(());
        }
        let said = [output.stdout, output.stderr].concat();
        Err(Error::HookRefused { hook, output: String::from_utf8_lossy(&said).trim().to_owned() })
    }

    /// Whether git would run something for `hook`, so that nothing is prepared for hooks nobody has.
    fn has_hook(&self, hook: &str) -> Result<bool, Error> {
        let configured = |(key, value): (&String, &Option<String>)| {
            key.starts_with("hook.") && key.ends_with(".event") && value.as_deref() == Some(hook)
        };
        if self.config()?.iter().any(configured) {
            return Ok(true);
        }
        Ok(is_program(&self.hooks_folder()?.join(hook)))
    }

    /// Returns the folder git looks for hooks in, found once.
    pub fn hooks_folder(&self) -> Result<&Path, Error> {
        if let Some(folder) = self.hooks.get() {
            return Ok(folder);
        }
        if !self.config()?.contains_key("core.hookspath") {
            return Ok(self.hooks.get_or_init(|| self.layout.common_dir.join("hooks")));
        }
        let mut command = self.git.plain_command();
        command.args(["rev-parse", "--path-format=absolute", "--git-path", "hooks"]);
        let found = succeed("finding the hooks", run(command, None)?)?;
        Ok(self.hooks.get_or_init(|| path(found.trim_ascii_end())))
    }
}

fn is_program(path: &PathBuf) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
