//! How Git can run this very program.

use std::path::{Path, PathBuf};

/// Returns the command line by which a shell runs `hitl textconv`: by name where the `hitl` that a shell finds is this
/// program, so that the setting survives another place or version; else by where it is. `None` when that cannot be
/// said.
pub fn textconv_command() -> Option<String> {
    let me = std::env::current_exe().and_then(std::fs::canonicalize).ok()?;
    #[expect(clippy::disallowed_methods, reason = "floor 7 reads the environment")]
    let path = std::env::var_os("PATH").unwrap_or_default();
    let named = found_on(std::env::split_paths(&path)).is_some_and(|found| found == me);
    let program = if named { "hitl".to_owned() } else { quoted(me.to_str()?) };
    Some(format!("{program} textconv"))
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

/// Returns `word` as one word of a POSIX shell, whatever it holds.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./+,".contains(c);
    if word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
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
            let script = format!("printf %s {}", quoted(word));
            let said = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(said.stdout).unwrap(), word);
        }
    }
}
