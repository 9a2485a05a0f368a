//! What must hold between the fields of a manifest, whoever made it.

use crate::record::{Kind, Labelers, Manifest, check_labeler, check_slug, check_version};

/// A field that breaks its rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// The manifest's field.
    pub field: &'static str,
    /// What is wrong with it.
    pub message: String,
}

fn refuse(field: &'static str, message: impl Into<String>) -> Result<(), Invalid> {
    Err(Invalid { field, message: message.into() })
}

/// Checks every rule between a manifest's fields.
///
/// # Errors
/// The first field that breaks a rule.
pub fn check(manifest: &Manifest) -> Result<(), Invalid> {
    task(manifest)?;
    parents(manifest)?;
    shard(manifest)?;
    labelers(manifest)?;
    guidelines(manifest)?;
    origins(manifest)?;
    match (manifest.kind, &manifest.revert) {
        (Kind::Reverts, None) => refuse("filter", "a revert says what it takes back"),
        (Kind::Reverts, Some(_)) | (_, None) => Ok(()),
        (kind, Some(_)) => refuse("filter", format!("a record of {kind} takes nothing back")),
    }
}

fn task(manifest: &Manifest) -> Result<(), Invalid> {
    let kind = manifest.kind;
    match &manifest.task {
        Some(task) if kind.is_judgement() => {
            check_slug("task", task).or_else(|error| refuse("task", error.to_string()))?;
        }
        None if kind.is_judgement() => refuse("task", format!("a record of {kind} names its task"))?,
        Some(_) => refuse("task", format!("a record of {kind} belongs to no task"))?,
        None => {}
    }
    if manifest.schema_sha256.is_some() && !kind.is_judgement() {
        refuse("schema_sha256", format!("a record of {kind} has no label schema"))?;
    }
    Ok(())
}

fn parents(manifest: &Manifest) -> Result<(), Invalid> {
    let parents = &manifest.parents;
    if parents.len() > Manifest::MAX_PARENTS {
        let most = Manifest::MAX_PARENTS;
        refuse(
            "parents",
            format!("{} parents; at most {most} are named, more are joined first", parents.len()),
        )?;
    }
    if !parents.is_sorted_by(|a, b| a < b) {
        refuse("parents", "parents are sorted and named once")?;
    }
    if manifest.kind == Kind::Joins && parents.len() < 2 {
        refuse("parents", "a join names at least two parents")?;
    }
    Ok(())
}

fn shard(manifest: &Manifest) -> Result<(), Invalid> {
    let kind = manifest.kind;
    if manifest.shard.is_some() != manifest.rows_root.is_some() {
        refuse("rows_root", "rows_root is null exactly where shard is")?;
    }
    match manifest.shard {
        None if matches!(kind, Kind::Reverts | Kind::Joins) => Ok(()),
        None => refuse("shard", format!("a record of {kind} has rows")),
        Some(_) if kind == Kind::Joins => refuse("shard", "a join has no rows"),
        Some(shard) if shard.rows == 0 => refuse("shard", "a shard has at least one row"),
        Some(shard) if shard.rows > Manifest::MAX_ROWS as u64 => {
            refuse("shard", format!("{} rows; a record has at most {}", shard.rows, Manifest::MAX_ROWS))
        }
        Some(_) => Ok(()),
    }
}

/// Adds counts of which each is at least one; `None` where one is zero or the sum is beyond all rows.
fn sum(counts: impl Iterator<Item = u64>) -> Option<u64> {
    counts.into_iter().try_fold(0_u64, |sum, count| if count == 0 { None } else { sum.checked_add(count) })
}

fn rows(manifest: &Manifest) -> u64 {
    manifest.shard.map_or(0, |shard| shard.rows)
}

fn labelers(manifest: &Manifest) -> Result<(), Invalid> {
    let kind = manifest.kind;
    let table = match &manifest.labelers {
        Labelers::InShard if kind.is_judgement() => return Ok(()),
        Labelers::InShard => return refuse("labelers", format!("a record of {kind} has no labelers")),
        Labelers::Listed(table) => table,
    };
    if !kind.is_judgement() {
        return if table.is_empty() {
            Ok(())
        } else {
            refuse("labelers", format!("a record of {kind} has no labelers"))
        };
    }
    if let Some(error) = table.keys().find_map(|labeler| check_labeler(labeler).err()) {
        refuse("labelers", error.to_string())?;
    }
    if sum(table.values().map(|labeler| labeler.rows)) != Some(rows(manifest)) {
        refuse(
            "labelers",
            format!("the labelers' rows, at least one each, sum to the shard's {}", rows(manifest)),
        )?;
    }
    Ok(())
}

fn guidelines(manifest: &Manifest) -> Result<(), Invalid> {
    let kind = manifest.kind;
    if !manifest.guidelines.is_empty() && !kind.is_judgement() && kind != Kind::Guidelines {
        refuse("guidelines", format!("a record of {kind} is made under no guideline"))?;
    }
    for key in manifest.guidelines.keys() {
        let (name, version) = key.split_once('@').unwrap_or((key, ""));
        check_slug("guideline", name)
            .and_then(|()| check_version(version))
            .or_else(|error| refuse("guidelines", format!("`{key}` is not name@version: {error}")))?;
    }
    match sum(manifest.guidelines.values().map(|guideline| guideline.rows)) {
        Some(count) if count <= rows(manifest) => Ok(()),
        _ => refuse(
            "guidelines",
            format!("the guidelines' rows, at least one each, pass the shard's {}", rows(manifest)),
        ),
    }
}

fn origins(manifest: &Manifest) -> Result<(), Invalid> {
    let wanted = if manifest.kind.is_judgement() { rows(manifest) } else { 0 };
    if sum(manifest.origins.values().copied()) != Some(wanted) {
        refuse("origins", format!("the origins' rows, at least one each, sum to the judgements: {wanted}"))?;
    }
    Ok(())
}
