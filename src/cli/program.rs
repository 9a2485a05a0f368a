//! How Git can run this very program.

use std::path::{Path, PathBuf};

use hitl::base::text::shell_quoted;
use hitl::ops::git_setup::Driver;

/// What Git runs, after the program's name.
const VERB: &str = " textconv";

/// Returns the command line by which a shell runs `hitl textconv`: by name where the `hitl` that a shell finds is this
/// program, so that the setting survives another place or version; else by where it is. `None` when that cannot be
/// said.
pub fn textconv_driver() -> Option<Driver> {
    let me = own_path()?;
    let named = on_path().is_some_and(|found| found == me);
    let program = if named { "hitl".into() } else { shell_quoted(me.to_str()?) };
    Some(Driver { command: format!("{program}{VERB}"), is_lost: |command| is_lost(command, on_path) })
}

/// Returns where this program lies, whatever links lead to it; `None` where that cannot be found out.
pub fn own_path() -> Option<PathBuf> {
    std::env::current_exe().and_then(std::fs::canonicalize).ok()
}

/// Whether `command` is such a command line and its program is no longer there; `on_path` finds the one by name.
fn is_lost(command: &str, on_path: impl Fn() -> Option<PathBuf>) -> bool {
    let Some(program) = command.strip_suffix(VERB).map(unquoted) else { return false };
    let path = Path::new(&program);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match program == "hitl" {
        true => on_path().is_none(),
        false => {
            path.is_absolute()
                && (name.starts_with("hitl") || name.starts_with("git-hitl"))
                && !is_program(path)
        }
    }
}

/// Returns what [`shell_quoted`] quoted.
fn unquoted(word: &str) -> String {
    let inner = word.strip_prefix('\'').and_then(|word| word.strip_suffix('\''));
    inner.map_or_else(|| word.to_owned(), |inner| inner.replace(r"'\''", "'"))
}

/// Returns the program `hitl` that a shell would run here.
fn on_path() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "floor 7 reads the environment")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    found_on(std::env::split_paths(&path))
}

/// Returns the program `hitl` that a shell would run, whatever links lead to it.
fn found_on(mut folders: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    let name = format!("hitl{}", std::env::consts::EXE_SUFFIX);
    let found = folders.find_map(|folder| Some(folder.join(&name)).filter(|path| is_program(path)))?;
    // What is found from the working folder is another program in another folder.
    if found.is_relative() { None } else { std::fs::canonicalize(found).ok() }
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_program_of_the_name_is_the_one_a_shell_runs() {
        let scratch = tempfile::tempdir().unwrap();
        let folders = ["none", "no-program", "one", "two"].map(|name| scratch.path().join(name));
        folders.iter().for_each(|folder| std::fs::create_dir(folder).unwrap());
        let program = |folder: &Path, mode| {
            let path = folder.join("hitl");
            std::fs::write(&path, "").unwrap();
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
            std::fs::canonicalize(path).unwrap()
        };
        program(&folders[1], 0o644);
        let (one, two) = (program(&folders[2], 0o755), program(&folders[3], 0o755));
        assert_eq!(found_on(folders.iter().cloned()), Some(one));
        assert_eq!(found_on(folders.iter().rev().cloned()), Some(two));
        assert_eq!(found_on(folders[..2].iter().cloned()), None);
    }

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        for word in ["/usr/bin/hitl", "/a b/hitl", "/it's $(rm) `x` \"y\"/hitl", "/new\nline/hitl", "/ü/h"] {
            let script = format!("printf %s {}", shell_quoted(word));
            let said = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(said.stdout).unwrap(), word);
            assert_eq!(unquoted(&shell_quoted(word)), word);
        }
    }

    #[test]
    fn only_what_names_a_hitl_that_is_gone_is_lost() {
        let scratch = tempfile::tempdir().unwrap();
        let there = scratch.path().join("hitl-1");
        std::fs::write(&there, "").unwrap();
        std::fs::set_permissions(&there, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let command = |path: &Path| format!("{} textconv", shell_quoted(path.to_str().unwrap()));
        let none = || None;
        assert!(is_lost(&command(&scratch.path().join("it's gone/hitl")), none));
        assert!(is_lost(&command(&scratch.path().join("hitl-2")), none));
        assert!(is_lost("hitl textconv", none) && !is_lost("hitl textconv", || Some(there.clone())));
        for other in
            ["parquet-tools cat", "/gone/parquet textconv", "/gone/hitl cat", "bin/hitl textconv", ""]
        {
            assert!(!is_lost(other, none), "{other}");
        }
        assert!(!is_lost(&command(&there), none));
    }
}
