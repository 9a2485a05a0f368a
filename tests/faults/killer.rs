//! Killing a program at its n-th state-changing system call, or failing that call (`killat.c`), for every n or a sample.
#![allow(clippy::disallowed_methods, reason = "HITL_TEST_KILL_ALL is read here")]
#![allow(clippy::print_stderr, reason = "a test says that it was skipped")]
#![allow(dead_code, reason = "each test file uses some of it")]

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
        let tried = killer.command("kill", 0, &Command::new("true")).output();
        if calls(&tried.expect("it was just compiled")).is_none() { Err("ptrace") } else { Ok(killer) }
    }

    /// Returns the command that does `fault` (`kill`, or an error as `killat.c` names it) at the `call`-th
    /// state-changing call of `inner`; at 0 nothing.
    pub fn command(&self, fault: &str, call: u64, inner: &Command) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(call.to_string()).arg(fault).arg(inner.get_program()).args(inner.get_args());
        command.env_clear().envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(inner.get_current_dir().unwrap_or(Path::new(".")));
        command
    }

    /// Does the sweep's fault to what `prepare` sets up at its calls, and lets `check` judge what is left. `prepare` is
    /// given the folder to work in, empty, and returns program, arguments and everything else of the command.
    pub fn sweep(
        &self,
        scratch: &Path,
        sweep: &Sweep<'_>,
        prepare: impl Fn(&Path) -> Command,
        mut check: impl FnMut(&Path, u64, &Output),
    ) {
        let run = |call: u64| {
            let dir = scratch.join(format!("at-{call}"));
            std::fs::create_dir(&dir).unwrap();
            let output = self.command(sweep.fault, call, &prepare(&dir)).output().unwrap();
            (dir, output)
        };
        let (dir, whole) = run(0);
        if whole.status.code() == Some(126) {
            eprintln!("skipped: needs x86-64, where calls can be made to fail");
            return;
        }
        assert!(whole.status.success(), "unharmed: {}", String::from_utf8_lossy(&whole.stderr));
        check(&dir, 0, &whole);
        std::fs::remove_dir_all(&dir).unwrap();
        let all = calls(&whole).expect("killat counts");
        for call in sweep.calls(all) {
            let (dir, output) = run(call);
            // Killed; or, since the number of calls varies a little, done before it came to that.
            let code = output.status.code();
            assert!(sweep.fault != "kill" || matches!(code, Some(137 | 0)), "call {call}: {output:?}");
            check(&dir, call, &output);
            std::fs::remove_dir_all(&dir).unwrap();
        }
    }
}

/// At which calls what happens.
pub struct Sweep<'a> {
    /// `kill`, or an error.
    pub fault: &'a str,
    /// How many calls at least, spread evenly; all of them where [`every`] says so.
    pub sample: u64,
    /// Where between two steps the sample begins, in quarters of a step: sweeps of one kind hit other calls.
    pub shift: u64,
}

impl Sweep<'_> {
    fn calls(&self, all: u64) -> impl Iterator<Item = u64> {
        let step = if every() { 1 } else { (all / self.sample).max(1) };
        (1 + step * (self.shift % 4) / 4..=all).step_by(usize::try_from(step).unwrap())
    }
}

/// Whether `HITL_TEST_KILL_ALL=1` asks for all there is.
pub fn every() -> bool {
    std::env::var_os("HITL_TEST_KILL_ALL").is_some_and(|value| value == "1")
}

/// Returns the compiled `killat`; without one the test says so, or fails where nothing may be skipped.
pub fn killer(scratch: &Path) -> Option<Killer> {
    match Killer::build(scratch) {
        Ok(killer) => Some(killer),
        // A container may forbid tracing whatever is installed.
        Err("ptrace") => {
            eprintln!("skipped: needs ptrace, which is not permitted here");
            None
        }
        Err(missing) => {
            crate::sealed::has(missing, false);
            None
        }
    }
}

/// Returns how many state-changing calls `killat` counted.
fn calls(output: &Output) -> Option<u64> {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().rev().find_map(|line| line.strip_prefix("killat: calls="))?;
    line.split(' ').next()?.parse().ok()
}
