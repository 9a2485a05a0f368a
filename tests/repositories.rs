//! Every kind of repository: each command answers exactly as in a plain one, or refuses by name.
//!
//! What must hold stands in the table of `docs/repositories.md`; this test reads it from there. A kind is made out of
//! one reference repository by git alone, and every command then runs in it through the real program at the time the
//! reference's ran, so that records, digests and reports must come out the same.

#[path = "repositories/bench.rs"]
mod bench;
#[path = "repositories/kinds.rs"]
mod kinds;
#[path = "faults/sealed.rs"]
mod sealed;
#[path = "repositories/table.rs"]
mod table;

use rayon::prelude::*;

use bench::{Bench, GROUPS};

#[test]
fn the_table_holds() {
    let table = table::read();
    let bench = Bench::new();
    let kinds = kinds::all();
    let named: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
    assert_eq!(table.keys().map(String::as_str).collect::<Vec<_>>(), sorted(named), "the rows of the table");
    let faults: Vec<String> = kinds
        .par_iter()
        .filter(|kind| kind.can_run())
        .flat_map(|kind| {
            let answers = bench.answers(kind);
            let said =
                GROUPS.iter().zip(&table[kind.name]).map(|(group, cell)| bench.judge(group, cell, &answers));
            said.flatten().map(|fault| format!("{}: {fault}", kind.name)).collect::<Vec<_>>()
        })
        .collect();
    assert!(faults.is_empty(), "{} cells do not hold:\n\n{}", faults.len(), faults.join("\n\n"));
}

fn sorted(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names
}
