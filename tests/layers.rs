//! The floors of the house: a module imports only from floors below its own, and each outside part has one room.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The modules, lowest floor first.
const FLOORS: &[&[&str]] = &[
    &["base"],
    &["record", "edit"],
    &["config", "ingest", "shard", "manifest", "ledger", "store", "signing"],
    &["table", "corrections", "authority"],
    &[
        "dataset",
        "adjudicate",
        "agreement",
        "check",
        "consensus",
        "labelers",
        "patterns",
        "diff",
        "trace",
        "snapshot",
        "survey",
        "training",
    ],
    &["ops"],
    &["render"],
    &["cli"],
];

/// Crates that are named in one place alone: the crate, and the paths it may be named in.
const ROOMS: &[(&str, &[&str])] = &[
    ("git2", &["store/"]),
    ("flate2", &["store/loose.rs"]),
    ("arrow_array", &["shard/"]),
    ("arrow_schema", &["shard/"]),
    ("arrow_ipc", &["shard/"]),
    ("parquet", &["shard/"]),
    ("clap", &["cli/"]),
    ("serde_yaml", &["base/yaml.rs"]),
    ("csv", &["ingest/", "ops/table.rs", "render/csv.rs"]),
    ("terminal_size", &["cli/"]),
    ("anstyle", &["render/"]),
    ("anstream", &["cli/", "render/human/trace/tests.rs"]),
    ("annotate_snippets", &["render/"]),
    ("unicode_security", &["ingest/"]),
    ("base64", &["base/"]),
];

fn source_files() -> Vec<(String, String)> {
    fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).expect("src is readable").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&src, &mut files);
    files
        .into_iter()
        .map(|path| {
            let name =
                path.strip_prefix(&src).expect("it was found there").to_string_lossy().replace('\\', "/");
            (name, std::fs::read_to_string(&path).expect("source is text"))
        })
        .collect()
}

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// Returns the lines of code: without comments, and without what follows `#[cfg(test)]`.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().take_while(|(_, line)| line.trim() != "#[cfg(test)]");
    lines.filter(|(_, line)| !line.trim_start().starts_with("//")).map(|(index, line)| (index + 1, line))
}

/// Returns the top-level modules that a line names: in `crate::x`, `hitl::x`, and inside `crate::{a, b::c}`.
fn named(line: &str) -> Vec<&str> {
    let word = |text: &'static str| text;
    let mut found = Vec::new();
    for root in [word("crate::"), word("hitl::")] {
        for (at, _) in line.match_indices(root) {
            let before = line[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let rest = &line[at + root.len()..];
            if let Some(list) = rest.strip_prefix('{') {
                let list = list.split('}').next().unwrap_or(list);
                found.extend(list.split(',').filter_map(|part| part.trim().split("::").next()));
            } else {
                found.extend(rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next());
            }
        }
    }
    found
}

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    for (file, text) in source_files() {
        let module = file.split(['/', '.']).next().unwrap_or_default();
        let Some(floor) = floor_of(module) else { continue };
        for (line, content) in code(&text) {
            for other in named(content).into_iter().filter(|other| *other != module) {
                if floor_of(other).is_some_and(|below| below >= floor) {
                    wrong.push(format!("src/{file}:{line}: `{module}` (floor {floor}) imports `{other}`"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "imports that do not point down:\n{}", wrong.join("\n"));
}

#[test]
fn every_module_has_a_floor() {
    let mut modules: BTreeMap<String, ()> = BTreeMap::new();
    for (file, _) in source_files() {
        let top = file.split(['/', '.']).next().unwrap_or_default().to_owned();
        modules.insert(top, ());
    }
    for other in ["lib", "main", "bin"] {
        modules.remove(other);
    }
    let homeless: Vec<_> = modules.into_keys().filter(|module| floor_of(module).is_none()).collect();
    assert!(homeless.is_empty(), "modules without a floor: {homeless:?}");
}

#[test]
fn outside_parts_have_one_room() {
    let mut wrong = Vec::new();
    for (file, text) in source_files() {
        for (line, content) in code(&text) {
            for (part, rooms) in ROOMS {
                let uses = [format!("{part}::"), format!("use {part};")];
                let named = uses.iter().any(|usage| {
                    content.match_indices(usage.as_str()).any(|(at, _)| {
                        !content[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                    })
                });
                if named && !rooms.iter().any(|room| file.starts_with(room)) {
                    wrong.push(format!("src/{file}:{line}: `{part}` belongs in {rooms:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "outside parts out of their rooms:\n{}", wrong.join("\n"));
}
