//! Consensus of the labels of files, without any repository.

use std::collections::{BTreeMap, BTreeSet};

use super::{AgainstGold, How};
use crate::base::text;
use crate::consensus::report::{About, Gold};
use crate::consensus::{ConsensusReport, Method, report};
use crate::ingest::{Format, Mapping};
use crate::ops::Error;
use crate::ops::input::OpenInput;
use crate::ops::label_files::{self, Reading};
use crate::record::{Rows, TaskType, col};
use crate::table::Table;

/// What is asked about files.
#[derive(Clone, Debug)]
pub struct FileOptions {
    /// The valid labels; those observed when none are given.
    pub classes: Vec<String>,
    /// What columns mean, where names do not tell.
    pub map: Vec<Mapping>,
    /// The format, when not to be detected.
    pub format: Option<Format>,
    /// Whether there is one column a labeler.
    pub wide: bool,
    /// Whose labels are held to be true.
    pub gold: AgainstGold,
    /// How it is found.
    pub how: How,
}

/// Finds the consensus of files, all of them as one set of labels.
///
/// # Errors
/// A file cannot be read as labels: then all its faults. There are no labels, nobody of the gold labeler's name is there,
/// or the method needs what no file of labels has.
pub fn files(inputs: &[OpenInput], options: &FileOptions) -> Result<ConsensusReport, Error> {
    if options.how.method == Method::Crowdlab {
        return Err(Error::request(
            "crowdlab weighs the predictions of a model, and files of labels have none",
            "`hitl commit` the labels, and the predictions with --kind predictions; then ask the ledger",
        ));
    }
    let kind = if options.classes.is_empty() { TaskType::Text } else { TaskType::Categorical };
    let reading = Reading {
        kind,
        classes: &options.classes,
        map: &options.map,
        format: options.format,
        wide: options.wide,
    };
    let (table, gold) = match &options.gold {
        AgainstGold::IfThere => (label_files::table(inputs, &reading)?, None),
        AgainstGold::Wanted => {
            return Err(Error::request(
                "a file does not say whose labels are gold",
                "--against-gold LABELER names them",
            ));
        }
        AgainstGold::Labeler(labeler) => {
            let (rows, gold) = without(&label_files::rows(inputs, &reading)?, labeler)?;
            (Table::from_rows(&rows, reading.domain()), Some(gold))
        }
    };
    let table = table.in_item_order();
    let found = options.how.find(&table, Vec::new)?;
    let parameters = options.how.model()?.map(|model| model.parameters()).unwrap_or_default();
    let about =
        About { parameters, ties: options.how.ties, gold, listed: options.how.listed, ..About::default() };
    Ok(report(table, found, about)?)
}

/// Parts `rows` into those of others and what `labeler` says.
fn without(rows: &Rows, labeler: &str) -> Result<(Rows, Gold), Error> {
    let of_gold = |row: &u32| rows.text(*row as usize, col::LABELER) == Some(labeler);
    let (gold, others): (Vec<u32>, Vec<u32>) = (0..rows.len() as u32).partition(of_gold);
    if gold.is_empty() {
        let known: BTreeSet<&str> = rows.texts(col::LABELER).iter().flatten().collect();
        let near = text::did_you_mean(labeler, known.iter().copied());
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let listed: Vec<&str> = known.into_iter().take(20).collect();
        return Err(Error::request(
            format!("there is no labeler `{labeler}`{near}"),
            format!("labelers here: {}", listed.join(", ")),
        ));
    }
    let table = Table::from_rows(&rows.take(&gold), None);
    let label = |item: usize| {
        let class = table.run(item).1[0];
        (table.item_name(item).to_owned(), Some(table.classes()[class as usize].clone()))
    };
    let labels: BTreeMap<String, Option<String>> = (0..table.items()).map(label).collect();
    Ok((rows.take(&others), Gold { labelers: vec![labeler.to_owned()], labels }))
}
