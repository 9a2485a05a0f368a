//! `git hitl …`: runs `hitl …`, the program that lies beside this one or else the one on PATH.

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let beside = std::env::current_exe()
        .ok()
        .map(|me| me.with_file_name(format!("hitl{}", std::env::consts::EXE_SUFFIX)));
    let program = beside.filter(|path| path.is_file()).unwrap_or_else(|| "hitl".into());
    let status = Command::new(&program).args(std::env::args_os().skip(1)).status();
    match status {
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(3)),
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "a shim has no other voice")]
            {
                eprintln!(
                    "error: cannot run {}: {error}\nhint: cargo install hitl puts both programs in one folder",
                    program.display()
                );
            }
            ExitCode::from(2)
        }
    }
}
