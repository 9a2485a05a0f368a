//! `labelers names` and `forget`: what people are called, kept outside history.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::PersonReport;
use crate::base::text;
use crate::dataset::{Dataset, LABELERS_FILE};
use crate::ops::{ArgumentFault, Error, private};
use crate::record::check_labeler;

/// The setting of Git that names another file.
const SETTING: &str = "hitl.people";

/// Everybody who is listed or has a name.
#[derive(Clone, Debug, Serialize)]
pub struct NamesReport {
    /// `hitl.labelers-names/1`.
    pub schema: &'static str,
    /// Where the names are kept.
    pub file: PathBuf,
    /// By id.
    pub labelers: Vec<Named>,
}

/// A labeler and what they are called.
#[derive(Clone, Debug, Serialize)]
pub struct Named {
    /// The id.
    pub id: String,
    /// The name, if it is kept here.
    pub name: Option<String>,
    /// As `labelers.yaml` declares them, if it does.
    pub declared: Option<PersonReport>,
}

/// What `labelers names ID NAME` did.
#[derive(Clone, Debug, Serialize)]
pub struct NameReport {
    /// `hitl.labelers-name/1`.
    pub schema: &'static str,
    /// The labeler.
    pub id: String,
    /// Where the name is kept.
    pub file: PathBuf,
    /// Whether another one was there.
    pub replaced: bool,
}

/// What `labelers forget` did.
#[derive(Clone, Debug, Serialize)]
pub struct ForgetReport {
    /// `hitl.labelers-forget/1`.
    pub schema: &'static str,
    /// The labeler.
    pub id: String,
    /// The file the name was erased from; none where it held none.
    pub name_erased: Option<PathBuf>,
    /// The file that addresses were erased from; none where none led to the id.
    pub addresses_erased: Option<PathBuf>,
    /// How many they were.
    pub addresses: usize,
    /// Whether `labelers.yaml` still lists the id.
    pub listed: bool,
}

/// Returns what labelers are called, by id: of this clone alone, and empty where nobody has given names.
///
/// # Errors
/// The file cannot be read, or lies where a commit could take it along.
pub fn names(dataset: &Dataset) -> Result<BTreeMap<String, String>, Error> {
    private::load(&file(dataset)?)
}

/// Returns everybody who is listed in the work tree's `labelers.yaml` or has a name; or `only` one of them.
///
/// # Errors
/// The names or the list cannot be read, or `only` is not among them.
pub fn names_report(dataset: &Dataset, only: Option<&str>) -> Result<NamesReport, Error> {
    let file = file(dataset)?;
    let mut names = private::load(&file)?;
    let listed = dataset.labelers(&dataset.config_or_usual()?)?;
    let mut labelers: Vec<Named> = listed
        .labelers
        .iter()
        .map(|(id, labeler)| {
            let declared = Some(PersonReport::of(id, labeler));
            Named { id: id.clone(), name: names.remove(id), declared }
        })
        .collect();
    labelers.extend(names.into_iter().map(|(id, name)| Named { id, name: Some(name), declared: None }));
    labelers.sort_by(|one, other| one.id.cmp(&other.id));
    if let Some(id) = only.map(text::nfc) {
        let ids: Vec<String> = labelers.iter().map(|labeler| labeler.id.clone()).collect();
        labelers.retain(|labeler| labeler.id == *id);
        if labelers.is_empty() {
            let near = text::did_you_mean(&id, ids.iter().map(String::as_str));
            return Err(Error::NotFound {
                message: format!("`{id}` is not in {LABELERS_FILE}, and has no name here"),
                hint: near.map(|near| format!("did you mean `{near}`?")),
            });
        }
    }
    Ok(NamesReport { schema: "hitl.labelers-names/1", file, labelers })
}

/// Keeps what a labeler is called.
///
/// # Errors
/// The id or the name breaks its rule, or the file cannot be written.
pub fn name(dataset: &Dataset, id: &str, name: &str) -> Result<NameReport, Error> {
    let id = text::nfc(id).into_owned();
    check_labeler(&id)?;
    if let Some(fault) = check_name(name) {
        return Err(Error::Arguments { message: format!("`{id}` got no name"), faults: vec![fault] });
    }
    let _alone = dataset.store().begin()?;
    let file = file(dataset)?;
    let before = put(&file, &id, Some(name))?;
    Ok(NameReport { schema: "hitl.labelers-name/1", id, file, replaced: before.is_some() })
}

/// Erases a labeler's name, and the addresses whose pseudonym the id is.
///
/// # Errors
/// Neither is here, or a file cannot be written.
pub fn forget(dataset: &Dataset, id: &str) -> Result<ForgetReport, Error> {
    let id = text::nfc(id).into_owned();
    let _alone = dataset.store().begin()?;
    let (people, pseudonyms) = (file(dataset)?, private::pseudonyms(dataset));
    let (mut names, mut addresses) = (private::load(&people)?, private::load(&pseudonyms)?);
    let ids: Vec<String> = names.keys().chain(addresses.values()).cloned().collect();
    let (named, known) = (names.remove(&id).is_some(), addresses.len());
    addresses.retain(|_, pseudonym| *pseudonym != id);
    let erased = known - addresses.len();
    if !named && erased == 0 {
        let near = text::did_you_mean(&id, ids.iter().map(String::as_str));
        return Err(Error::Nothing {
            message: format!("neither a name nor an address of `{id}` is kept here"),
            hint: near.map(|near| format!("did you mean `{near}`?")),
        });
    }
    if named {
        private::save(&people, &names)?;
    }
    if erased > 0 {
        private::save(&pseudonyms, &addresses)?;
    }
    let listed =
        dataset.labelers(&dataset.config_or_usual()?).is_ok_and(|listed| listed.labelers.contains_key(&id));
    Ok(ForgetReport {
        schema: "hitl.labelers-forget/1",
        name_erased: named.then_some(people),
        addresses_erased: (erased > 0).then_some(pseudonyms),
        addresses: erased,
        listed,
        id,
    })
}

/// Returns the file of names: `.git/hitl/people.json`, or the one that `git config hitl.people` names.
pub(super) fn file(dataset: &Dataset) -> Result<PathBuf, Error> {
    let store = dataset.store();
    let Some(set) = store.path_setting(SETTING)? else { return Ok(store.private_dir().join("people.json")) };
    let path = store.root().join(set);
    let real = |path: &Path| path.ancestors().find_map(|path| path.canonicalize().ok());
    let folder = path.parent().and_then(real).unwrap_or_default();
    let private = real(&store.private_dir()).is_some_and(|private| folder.starts_with(private));
    if !private && real(store.root()).is_some_and(|root| folder.starts_with(root)) {
        return Err(Error::request(
            format!("{SETTING} is {}, where a commit could take the names along", path.display()),
            format!("name a file outside the work tree: git config {SETTING} ~/people.json"),
        ));
    }
    Ok(path)
}

/// Gives `id` a name, or none, and returns the one it had.
pub(super) fn put(file: &Path, id: &str, name: Option<&str>) -> Result<Option<String>, Error> {
    let mut names = private::load(file)?;
    let before = match name {
        Some(name) => names.insert(id.to_owned(), name.to_owned()),
        None => names.remove(id),
    };
    private::save(file, &names)?;
    Ok(before)
}

pub(super) fn check_name(name: &str) -> Option<ArgumentFault> {
    let why = match () {
        () if name.trim().is_empty() => "an empty name",
        () if name.chars().any(text::is_hidden) => "hidden characters",
        () => return None,
    };
    Some(ArgumentFault::new("--name", name, why, None))
}
