//! Labelers: aliases, e-mail addresses, pseudonyms, and ids that read alike.

use std::collections::BTreeMap;

use super::import::Note;
use super::options::{Options, PersonalIds};
use super::values::Trouble;
use crate::base::text;
use crate::record::{LabelerKind, check_labeler};

/// One labeler, as one spelling of the file names them.
#[derive(Debug)]
pub(super) struct Person {
    /// How the file spells them.
    pub spelled: String,
    /// The id after aliases and pseudonyms.
    pub id: String,
    /// A number that all spellings of one id share.
    pub number: u32,
    /// Why rows by this labeler are refused.
    pub trouble: Option<Trouble>,
    /// The fault that reported it, and how many rows it concerns.
    pub reported: Option<usize>,
    pub rows: usize,
}

/// Two to this many labelers are found without a search.
const RECENT_BITS: u32 = 10;

/// All labelers of a file.
pub(super) struct People<'o> {
    options: &'o Options<'o>,
    by_spelling: BTreeMap<String, usize>,
    /// Positions of labelers met a moment ago.
    recent: Vec<usize>,
    numbers: BTreeMap<String, u32>,
    kinds: BTreeMap<u32, LabelerKind>,
    pub list: Vec<Person>,
    pub pseudonyms: BTreeMap<String, String>,
    personal: Vec<String>,
}

impl<'o> People<'o> {
    pub fn new(options: &'o Options<'o>) -> Self {
        Self {
            options,
            by_spelling: BTreeMap::new(),
            recent: vec![0; 1 << RECENT_BITS],
            numbers: BTreeMap::new(),
            kinds: BTreeMap::new(),
            list: Vec::new(),
            pseudonyms: BTreeMap::new(),
            personal: Vec::new(),
        }
    }

    /// Returns the position in `list` of the labeler spelled `given`.
    pub fn resolve(&mut self, given: &str) -> usize {
        let place = text::slot(given, RECENT_BITS);
        if self.list.get(self.recent[place]).is_some_and(|person| person.spelled == given) {
            return self.recent[place];
        }
        if let Some(position) = self.by_spelling.get(given) {
            self.recent[place] = *position;
            return *position;
        }
        let (id, trouble) = self.identify(&text::nfc(given), given);
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(id.clone()).or_insert(next);
        let spelled = given.to_owned();
        self.list.push(Person { spelled, id, number, trouble, reported: None, rows: 0 });
        self.by_spelling.insert(given.to_owned(), self.list.len() - 1);
        self.list.len() - 1
    }

    fn identify(&mut self, given: &str, spelled: &str) -> (String, Option<Trouble>) {
        if let Some(id) = self.options.aliases.get(given).or_else(|| self.options.aliases.get(spelled)) {
            return (id.clone(), None);
        }
        if let Err(error) = check_labeler(given) {
            return (given.to_owned(), Some(Trouble::new(error.to_string())));
        }
        if !is_personal(given) {
            return (given.to_owned(), None);
        }
        match self.options.personal_ids {
            PersonalIds::Refuse => {
                let trouble = Trouble::new(format!("the labeler id `{given}` looks like an e-mail address"))
                    .hinted(
                        "give it an alias in labelers.yaml, or use --pseudonymize, or --allow-personal-ids",
                    );
                (given.to_owned(), Some(trouble))
            }
            PersonalIds::Allow => {
                self.personal.push(given.to_owned());
                (given.to_owned(), None)
            }
            PersonalIds::Pseudonymize { known, new } => {
                let id = known.get(given).cloned().unwrap_or_else(|| new(given));
                self.pseudonyms.insert(given.to_owned(), id.clone());
                (id, None)
            }
        }
    }

    /// Takes in the labelers that were met in a later part of the file.
    ///
    /// # Errors
    /// One that has another kind there.
    pub fn merge(&mut self, later: &Self) -> Result<(), Trouble> {
        for person in &later.list {
            let position = self.resolve(&person.spelled);
            if let Some(kind) = later.kinds.get(&person.number) {
                self.set_kind(position, *kind)?;
            }
        }
        Ok(())
    }

    /// Notes the kind of the labeler at `position`; an error when another one was noted before.
    pub fn set_kind(&mut self, position: usize, kind: LabelerKind) -> Result<(), Trouble> {
        let person = &self.list[position];
        let before = *self.kinds.entry(person.number).or_insert(kind);
        if before == kind {
            return Ok(());
        }
        Err(Trouble::new(format!("the labeler `{}` is {before} in one row and {kind} here", person.id)))
    }

    /// Returns the kind of every labeler that has rows, by id.
    pub fn kinds(&self, with_rows: impl Fn(&str) -> bool) -> BTreeMap<String, LabelerKind> {
        let default = self.options.labeler_kind.unwrap_or(LabelerKind::Human);
        let kept = self.numbers.iter().filter(|(id, _)| with_rows(id));
        kept.map(|(id, number)| (id.clone(), self.kinds.get(number).copied().unwrap_or(default))).collect()
    }

    /// Returns what should be known about ids.
    pub fn notes(&self, ids: &BTreeMap<String, LabelerKind>) -> Vec<Note> {
        let mut notes: Vec<Note> =
            look_alikes(ids.keys().map(String::as_str)).into_iter().map(Note::LookAlikes).collect();
        let spaced: Vec<String> = ids.keys().filter(|id| id.trim() != id.as_str()).cloned().collect();
        if !spaced.is_empty() {
            notes.push(Note::OuterSpace(spaced));
        }
        if !self.personal.is_empty() {
            notes.push(Note::Personal(self.personal.clone()));
        }
        notes
    }
}

/// Returns the id of a labeler that somebody typed, by `aliases`.
///
/// # Errors
/// What keeps it from being an id, and whether that is because it is somebody's address.
pub fn resolve_labeler(given: &str, aliases: &BTreeMap<String, String>) -> Result<String, (String, bool)> {
    let options = Options::new("-", &[], aliases);
    let mut people = People::new(&options);
    let position = people.resolve(given.trim());
    let person = &people.list[position];
    match &person.trouble {
        Some(trouble) => Err((trouble.message.clone(), is_personal(given))),
        None => Ok(person.id.clone()),
    }
}

/// Returns the groups of ids that people would read as one: equal but for case, white space around them, or
/// characters that look alike (Unicode UTS 39).
pub fn look_alikes<'a>(ids: impl IntoIterator<Item = &'a str>) -> Vec<Vec<String>> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for id in ids {
        // Both before and after: of `І` (Cyrillic) and `I` one is folded by case, the other by shape.
        let shape: String = unicode_security::skeleton(id.trim()).collect::<String>().to_lowercase();
        let shape: String = unicode_security::skeleton(&shape).collect();
        let group = groups.entry(shape).or_default();
        if !group.iter().any(|other| other == id) {
            group.push(id.to_owned());
        }
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

/// Whether an id holds something that looks like an e-mail address.
fn is_personal(id: &str) -> bool {
    let outer = |c: char| "<>()[]\"',;:".contains(c);
    id.split_whitespace().map(|part| part.trim_matches(outer)).any(|part| {
        part.rsplit_once('@').is_some_and(|(local, domain)| {
            let (name, ending) = domain.rsplit_once('.').unwrap_or((domain, ""));
            !local.is_empty()
                && !name.is_empty()
                && !ending.is_empty()
                && ending.chars().all(char::is_alphabetic)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_ids() {
        for id in ["a@b.org", "a@b.c", "Ana Ruiz <ana.ruiz@example.co.uk>", "mailto:x@y.de", "ü@müller.de"]
        {
            assert!(is_personal(id), "{id}");
        }
        for id in ["ana", "@ana", "ana@lab", "gpt-4@2024.06", "a@.org", "user@host.1", ""] {
            assert!(!is_personal(id), "{id}");
        }
    }

    #[test]
    fn ids_that_read_alike_are_grouped() {
        let ids = ["alice", "\u{410}lice", "Alice", "bob", "bob ", "1", "2", "10", "carol", "rn", "m"];
        let mut groups = look_alikes(ids);
        groups.sort();
        assert_eq!(groups, [vec!["alice", "\u{410}lice", "Alice"], vec!["bob", "bob "], vec!["rn", "m"]]);
    }

    #[test]
    fn aliases_and_pseudonyms_replace_ids() {
        let aliases =
            BTreeMap::from([("a@b.org".to_owned(), "ana".to_owned()), ("raj k".into(), "raj".into())]);
        let known = BTreeMap::from([("k@b.org".to_owned(), "l-1".to_owned())]);
        let new = |_: &str| "l-2".to_owned();
        let mut options = Options::new("-", &[], &aliases);
        options.personal_ids = PersonalIds::Pseudonymize { known: &known, new: &new };
        let mut people = People::new(&options);
        let ids: Vec<String> = ["a@b.org", "raj k", "k@b.org", "n@b.org", "eve"]
            .iter()
            .map(|given| {
                let position = people.resolve(given);
                people.list[position].id.clone()
            })
            .collect();
        assert_eq!(ids, ["ana", "raj", "l-1", "l-2", "eve"]);
        assert_eq!(people.pseudonyms.len(), 2);
        let (one, other) = (people.resolve("raj k"), people.resolve("raj"));
        assert_eq!(people.list[one].number, people.list[other].number);
    }
}
