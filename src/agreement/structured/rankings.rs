//! Rankings: several ids in order, best first.
//!
//! In: a ranking label as the ledger has it, a JSON list of ids; a list in place of an id puts several at one place.
//! Out: each id with its place.

use std::collections::BTreeSet;

use serde_json::Value;

use super::names::{Named, Names};
use super::parse::{self, ParseError};

/// Where a ranking puts an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The number of the id.
    pub id: u32,
    /// Its place, the best 0; ids at one place are tied.
    pub place: u32,
}

impl Named for Place {
    fn name_mut(&mut self) -> &mut u32 {
        &mut self.id
    }
}

/// Reads a ranking label; ids get their numbers from `ids`.
///
/// # Errors
/// What is wrong with it: a part is no id, or an id stands twice.
pub fn parse_ranking(label: &str, ids: &mut Names) -> Result<Vec<Place>, ParseError> {
    let mut seen = BTreeSet::new();
    let mut places = Vec::new();
    for (part, value) in parse::list(label)?.iter().enumerate() {
        let tied = if let Value::Array(tied) = value { tied.as_slice() } else { std::slice::from_ref(value) };
        for value in tied {
            let wrong = ParseError::WrongShape { part: part + 1, wanted: "an id or a list of ids" };
            let name = parse::text(value).ok_or(wrong)?;
            let id = ids.number(&name);
            if !seen.insert(id) {
                return Err(ParseError::RankedTwice { id: name });
            }
            places.push(Place { id, place: part as u32 });
        }
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rankings_are_read() {
        let mut ids = Names::default();
        let places = parse_ranking(r#"["b",["a",3],"c"]"#, &mut ids).unwrap();
        let expected = [(0, 0), (1, 1), (2, 1), (3, 2)].map(|(id, place)| Place { id, place });
        assert_eq!(places, expected);
        assert_eq!(ids.settle().0, ["3", "a", "b", "c"]);
        let read = |label| parse_ranking(label, &mut Names::default()).map_err(|error| error.to_string());
        assert_eq!(read(r#"["a","b","a"]"#), Err("`a` stands twice in the ranking".into()));
        assert_eq!(read(r#"["a",null]"#), Err("part 2 is not an id or a list of ids".into()));
        assert_eq!(read("[[[1]]]"), Err("part 1 is not an id or a list of ids".into()));
        assert_eq!(read("[]"), Ok(vec![]));
    }
}
