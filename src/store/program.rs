//! Running the `git` program: arguments and bytes in, bytes or git's own words out.
//!
//! Variables that redirect where objects, refs or the index are found never reach it, replace refs and grafts are off, no
//! remote is asked for missing objects (but by `promised`, for many at a time), and no program that the repository names is
//! run (hooks only where [`Git::hook`] says).

use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::Error;

/// Variables that would point git at other objects, refs, trees or another index than the repository's own.
const REDIRECTING: [&str; 19] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_NAMESPACE",
    "GIT_REPLACE_REF_BASE",
    "GIT_GRAFT_FILE",
    "GIT_SHALLOW_FILE",
    "GIT_PREFIX",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_ATTR_SOURCE",
    "GIT_CONFIG",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
];

/// The variables the `git` program is run with.
#[derive(Clone, Debug, Default)]
pub struct GitEnv {
    sealed: bool,
    vars: Vec<(OsString, OsString)>,
    quarantine: Option<Quarantine>,
}

/// Where a push puts its objects until the hooks have let it in.
#[derive(Clone, Debug)]
struct Quarantine {
    objects: PathBuf,
    alternates: OsString,
}

impl GitEnv {
    /// The variables of this process, but for those that redirect objects.
    pub fn inherited() -> Self {
        Self::default()
    }

    /// These variables and no others.
    pub fn sealed(vars: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        Self { sealed: true, vars: vars.into_iter().collect(), quarantine: None }
    }

    /// With the objects of a push that hooks have not let in yet: `GIT_OBJECT_DIRECTORY` and
    /// `GIT_ALTERNATE_OBJECT_DIRECTORIES`, as git gives them to `pre-receive`.
    #[must_use]
    pub fn in_quarantine(mut self, objects: PathBuf, alternates: OsString) -> Self {
        self.quarantine = Some(Quarantine { objects, alternates });
        self
    }

    /// Returns the folder of these objects.
    pub(super) fn quarantine(&self) -> Option<&Path> {
        self.quarantine.as_ref().map(|quarantine| quarantine.objects.as_path())
    }
}

/// The `git` program, set up for one repository.
#[derive(Clone, Debug)]
pub(super) struct Git {
    /// Where it runs.
    pub cwd: PathBuf,
    /// The repository and its work tree; `None` lets git find them from `cwd`.
    pub place: Option<(PathBuf, Option<PathBuf>)>,
    pub env: GitEnv,
}

impl Git {
    /// Returns a command that runs no hook and reads its messages in English.
    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.plain_command();
        command.env("LC_ALL", "C").env("LANGUAGE", "C");
        // Not `info/grafts`: parents are those that commits name.
        command.env("GIT_GRAFT_FILE", "/dev/null").args(["-c", "advice.graftFileDeprecated=false"]);
        if let Some((git_dir, work_tree)) = &self.place {
            command.env("GIT_DIR", git_dir);
            if let Some(work_tree) = work_tree {
                command.env("GIT_WORK_TREE", work_tree);
            }
        }
        command.args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsync=all"]).args(args);
        command
    }

    /// Returns a command that runs the repository's `hook` as `git commit` would: from the work tree's root, in the
    /// user's language, with git finding the repository from there.
    pub fn hook(&self, hook: &str, args: &[&OsStr]) -> Command {
        let mut command = self.plain_command();
        command.env_remove("GIT_NO_REPLACE_OBJECTS").env_remove("GIT_NO_LAZY_FETCH");
        command.args(["hook", "run", "--ignore-missing", hook]);
        if !args.is_empty() {
            command.arg("--").args(args);
        }
        command
    }

    /// Returns a command as every one begins: own environment, no pager, no file system monitor.
    pub fn plain_command(&self) -> Command {
        let mut command = Command::new("git");
        if self.env.sealed {
            command.env_clear();
        }
        for (name, value) in &self.env.vars {
            command.env(name, value);
        }
        for name in REDIRECTING {
            command.env_remove(name);
        }
        if let Some(Quarantine { objects, alternates }) = &self.env.quarantine {
            command.env("GIT_OBJECT_DIRECTORY", objects).env("GIT_ALTERNATE_OBJECT_DIRECTORIES", alternates);
        }
        command
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .current_dir(&self.cwd)
            .stdin(Stdio::null())
            .args(["--no-pager", "-c", "core.fsmonitor=false", "-c", "i18n.commitEncoding=UTF-8"]);
        command
    }

    /// Runs git and returns its output; a failure is an error in git's own words, `context` saying what was tried.
    pub fn run<S: AsRef<OsStr>>(
        &self,
        context: &str,
        args: impl IntoIterator<Item = S>,
    ) -> Result<Vec<u8>, Error> {
        succeed(context, run(self.command(args), None)?)
    }

    /// Runs git with `input` to write objects. Where a garbage collection removed the folder that git had just made for
    /// one, it is run again.
    pub fn write<S: AsRef<OsStr>>(
        &self,
        args: &[S],
        variables: &[(&str, String)],
        input: Option<&[u8]>,
    ) -> Result<Output, Error> {
        let mut again = 5;
        loop {
            let mut command = self.command(args);
            command.envs(variables.iter().map(|(name, value)| (name, value)));
            let output = run(command, input)?;
            let gone = words(&output.stderr).contains("temporary file: No such file");
            if output.status.success() || !gone || again == 0 {
                return Ok(output);
            }
            again -= 1;
        }
    }

    /// Runs git; whether it failed is for the caller to see.
    pub fn try_run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Result<Output, Error> {
        run(self.command(args), None)
    }
}

/// Runs `command` with `input` on its stdin.
pub(super) fn run(mut command: Command, input: Option<&[u8]>) -> Result<Output, Error> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let Some(input) = input else { return command.output().map_err(Error::NoGit) };
    let mut child = command.stdin(Stdio::piped()).spawn().map_err(Error::NoGit)?;
    let stdin = child.stdin.take();
    std::thread::scope(|scope| {
        // Written beside the reading, so that neither side waits for the other; a child that stops reading says why.
        let writing = scope.spawn(move || stdin.map_or(Ok(()), |mut pipe| pipe.write_all(input)));
        let output = child.wait_with_output().map_err(Error::NoGit)?;
        match writing.join() {
            // Git took half of its input for all of it.
            Ok(Err(error)) if output.status.success() && error.kind() != ErrorKind::BrokenPipe => {
                Err(Error::NoGit(error))
            }
            _ => Ok(output),
        }
    })
}

/// Returns what git answered to a question whose answer may be "there is none", which is exit code 1; any other
/// failure is an error and no answer.
pub(super) fn answer(context: &str, output: Output) -> Result<Option<String>, Error> {
    if output.status.code() == Some(1) {
        return Ok(None);
    }
    succeed(context, output).map(|stdout| Some(line(&stdout)))
}

/// Returns the output of a program that succeeded, or its own words.
pub(super) fn succeed(context: &str, output: Output) -> Result<Vec<u8>, Error> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(Error::Git { context: context.to_owned(), message: words(&output.stderr) })
}

/// Returns what a program said, trimmed, without `fatal: `.
pub(super) fn words(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim();
    text.strip_prefix("fatal: ").or_else(|| text.strip_prefix("error: ")).unwrap_or(text).to_owned()
}

/// Returns one line of output.
pub(super) fn line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches(['\n', '\r']).to_owned()
}

/// Returns a path that git printed.
pub(super) fn path(bytes: &[u8]) -> PathBuf {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Path::new(OsStr::from_bytes(bytes)).to_path_buf()
    }
    #[cfg(not(unix))]
    {
        Path::new(&*String::from_utf8_lossy(bytes)).to_path_buf()
    }
}
