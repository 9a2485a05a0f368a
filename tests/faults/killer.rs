//! Killing a program at its n-th state-changing system call (`killat.c`), for every n or for a sample.
#![allow(clippy::disallowed_methods, reason = "HITL_TEST_KILL_ALL is read here")]
#![allow(clippy::print_stderr, reason = "a sweep says how much of it was done")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The compiled `killat`.
pub struct Killer {
    program: PathBuf,
}

impl Killer {
    /// Compiles `killat` into `scratch`; `Err` names what is missing here.
    pub fn build(scratch: &Path) -> Result<Self, &'static str> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/killat.c");
        let program = scratch.join("killat");
        let compiled = Command::new("cc").arg("-O1").arg("-o").arg(&program).arg(source).output();
        if !compiled.is_ok_and(|output| output.status.success()) {
            return Err("a C compiler and Linux");
        }
        let killer = Self { program };
        let tried = killer.command(0, OsStr::new("true"), &[]).output();
        if calls(&tried.expect("it was just compiled")).is_none() { Err("ptrace") } else { Ok(killer) }
    }

    /// Returns the command that kills `program` at its `call`-th state-changing call; 0 kills nothing.
    pub fn command(&self, call: u64, program: &OsStr, args: &[&OsStr]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(call.to_string()).arg(program).args(args);
        command
    }

    /// Kills what `prepare` sets up at about `sample` of its calls, spread evenly (at every call when
    /// `HITL_TEST_KILL_ALL=1`), and lets `check` judge what is left. `prepare` is given the folder to work in, empty,
    /// and returns program, arguments and everything else of the command.
    pub fn sweep(
        &self,
        scratch: &Path,
        sample: u64,
        prepare: impl Fn(&Path) -> Command,
        mut check: impl FnMut(&Path, u64, &Output),
    ) {
        let run = |call: u64| {
            let dir = scratch.join(format!("at-{call}"));
            std::fs::create_dir(&dir).unwrap();
            let inner = prepare(&dir);
            let args: Vec<&OsStr> = inner.get_args().collect();
            let mut command = self.command(call, inner.get_program(), &args);
            command.env_clear().envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let output = command.current_dir(inner.get_current_dir().unwrap_or(&dir)).output().unwrap();
            (dir, output)
        };
        let (dir, whole) = run(0);
        assert!(whole.status.success(), "unharmed: {}", String::from_utf8_lossy(&whole.stderr));
        check(&dir, 0, &whole);
        let all = calls(&whole).expect("killat counts");
        let every = std::env::var_os("HITL_TEST_KILL_ALL").is_some_and(|value| value == "1");
        let step = if every { 1 } else { (all / sample).max(1) };
        let mut killed = 0;
        for call in (1..=all).step_by(usize::try_from(step).unwrap()) {
            let (dir, output) = run(call);
            // Killed; or, since the number of calls varies a little, done before it came to that.
            assert!(matches!(output.status.code(), Some(137 | 0)), "call {call}: {output:?}");
            check(&dir, call, &output);
            std::fs::remove_dir_all(&dir).unwrap();
            killed += 1;
        }
        eprintln!("killed at {killed} of {all} calls");
    }
}

/// Returns how many state-changing calls `killat` counted.
fn calls(output: &Output) -> Option<u64> {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().rev().find_map(|line| line.strip_prefix("killat: calls="))?;
    line.split(' ').next()?.parse().ok()
}
