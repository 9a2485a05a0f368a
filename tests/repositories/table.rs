//! The table of `docs/repositories.md`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::bench::GROUPS;

/// What the table says of one group of commands in one kind of repository.
#[derive(Clone, Debug)]
pub struct Cell {
    /// `None` where the answers are exact; else the exit code of the refusal.
    pub refuses: Option<i32>,
    /// Whether what lies behind the cut of a shallow clone is not told: who brought a record, and what was removed.
    pub history_cut: bool,
    /// Whether what was committed is signed: records where they are written, the commit where it restores.
    pub signed: bool,
    /// What `fsck` finds besides.
    pub finds: Vec<String>,
    /// What is said beside the answer, or as the refusal.
    pub says: Vec<String>,
}

/// Returns the cells of each row by its kind.
pub fn read() -> BTreeMap<String, Vec<Cell>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/repositories.md");
    let text = std::fs::read_to_string(path).unwrap();
    let header = format!("| kind | {} |", GROUPS.join(" | "));
    let mut rows = text.lines().skip_while(|line| **line != header);
    rows.next().unwrap_or_else(|| panic!("no table begins with {header}"));
    let rows = rows.skip(1).take_while(|line| line.starts_with('|'));
    let row = |line: &str| {
        let mut cells = line.trim_matches('|').split(" | ").map(str::trim);
        let kind = cells.next().unwrap_or_default().to_owned();
        let cells: Vec<Cell> = cells.map(cell).collect();
        assert_eq!(cells.len(), GROUPS.len(), "{line}");
        (kind, cells)
    };
    rows.map(row).collect()
}

/// Reads `exact`, `exact: …`, `exact, signed`, `exact but for history: …`, `finds: …` or
/// `exit N: …`; what is said stands in backticks.
fn cell(text: &str) -> Cell {
    let (answer, rest) = text.split_once(':').unwrap_or((text, ""));
    let says: Vec<String> = rest.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let (refuses, history_cut) = match answer {
        "exact" | "exact, signed" | "finds" => (None, false),
        "exact but for history" => (None, true),
        _ => {
            let code = answer.strip_prefix("exit ").and_then(|code| code.parse().ok());
            (Some(code.unwrap_or_else(|| panic!("the cell `{text}` says nothing"))), false)
        }
    };
    let (finds, says) = if answer == "finds" { (says, Vec::new()) } else { (Vec::new(), says) };
    Cell { refuses, history_cut, signed: answer == "exact, signed", finds, says }
}
