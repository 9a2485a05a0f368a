//! `labelers`: how much each labeler did, how well, and whether that changes.
//!
//! The filter chooses whose labels are measured, and which of them. What they are measured by is always all of it: gold,
//! and the current labels of every other human labeler.

mod gather;

use std::collections::{BTreeMap, BTreeSet};

use super::Error;
use super::record_ref::{answered_tasks, which_task};
use crate::base::Timestamp;
use crate::dataset::{At, Dataset, Guidelines, Parts};
use crate::labelers::{self, Answer, Counts, Labeler, LabelersReport, Setting};
use crate::ledger::Ledger;
use crate::record::Filter;
use crate::table::{Names, settle_domain};
use gather::{Gathered, gather};

/// Measures the labelers of each wanted task, on the current labels that `filter` chooses: of the tasks of the filter,
/// or of all.
///
/// # Errors
/// The ledger could not be read, a task is unknown, or there is nothing to measure.
pub fn labelers(dataset: &Dataset, at: &At, filter: &Filter) -> Result<Vec<LabelersReport>, Error> {
    let parts = dataset.parts(at)?;
    let answered = answered_tasks(&parts.records);
    let known: Vec<&str> = answered.iter().map(String::as_str).collect();
    let wanted: Vec<&str> = if filter.tasks.is_empty() {
        known.clone()
    } else {
        filter.tasks.iter().map(|name| which_task(&known, Some(name))).collect::<Result<_, _>>()?
    };
    if wanted.is_empty() {
        return Err(Error::Nothing {
            message: "there are no labels to measure".to_owned(),
            hint: Some("`hitl commit FILE` adds some".to_owned()),
        });
    }
    let declared = dataset.declared()?;
    let measure = |name: &str| {
        let task = declared.iter().find(|task| task.name == name);
        let domain = task.map(|task| task.classes.as_slice()).filter(|classes| !classes.is_empty());
        of_task(&parts, name, domain, filter)
    };
    wanted.into_iter().map(measure).collect()
}

fn of_task(
    parts: &Parts<'_>,
    task: &str,
    domain: Option<&[String]>,
    filter: &Filter,
) -> Result<LabelersReport, Error> {
    let gathered = parts.map(Some(task), |ledger| gather(ledger, task, filter))?;
    let all = Joined::of(gathered.into_iter().flatten().collect(), domain);
    let setting = Setting {
        task,
        classes: &all.classes,
        guideline_changes: &changes(&parts.records, &all.guidelines),
        counts: all.counts,
    };
    let labelers: Vec<Labeler<'_>> =
        all.answers.iter().map(|(name, answers)| Labeler { name, answers }).collect();
    Ok(labelers::measure(&labelers, &setting))
}

/// Returns when the versions of the guidelines `names` came into force.
fn changes(records: &Ledger, names: &BTreeSet<String>) -> Vec<Timestamp> {
    let guidelines = Guidelines::of(records);
    let of_names = guidelines.all().iter().filter(|version| names.contains(&version.name));
    of_names.map(|version| version.in_force_from()).collect()
}

/// What all parts of a ledger come to.
struct Joined {
    /// The classes, declared ones first; an answer's class is a position in it.
    classes: Vec<String>,
    answers: BTreeMap<String, Vec<Answer>>,
    guidelines: BTreeSet<String>,
    counts: Counts,
}

impl Joined {
    fn of(parts: Vec<Gathered>, domain: Option<&[String]>) -> Self {
        let names: BTreeSet<&String> = parts.iter().flat_map(|part| &part.classes).collect();
        let observed: Vec<String> = names.into_iter().cloned().collect();
        let used = vec![true; observed.len()];
        let (codes, domain) = settle_domain(Names { texts: observed.clone(), used }, domain);
        let mut joined = Self {
            classes: domain.classes,
            answers: BTreeMap::new(),
            guidelines: BTreeSet::new(),
            counts: Counts::default(),
        };
        for part in parts {
            let code = |name: &String| codes[observed.binary_search(name).expect("it is one of them")];
            let codes: Vec<u32> = part.classes.iter().map(code).collect();
            for (labeler, mut answers) in part.answers {
                answers.iter_mut().for_each(|answer| renumber(answer, &codes));
                joined.answers.entry(labeler).or_default().append(&mut answers);
            }
            joined.guidelines.extend(part.guidelines);
            joined.count(&part.counts);
        }
        joined
    }

    fn count(&mut self, of_part: &Counts) {
        let counts = &mut self.counts;
        counts.items += of_part.items;
        counts.gold_items += of_part.gold_items;
        counts.contradicting_gold += of_part.contradicting_gold;
        counts.abstentions += of_part.abstentions;
        counts.conflicts += of_part.conflicts;
    }
}

/// Puts the codes of classes in the place of a part's own.
fn renumber(answer: &mut Answer, codes: &[u32]) {
    let code = |class: &mut u32| *class = codes[*class as usize];
    code(&mut answer.given);
    answer.gold.as_mut().map(code);
    answer.others.as_mut().and_then(|others| others.majority.as_mut()).map(code);
    answer.guess.as_mut().and_then(|guess| guess.shown.as_mut()).map(code);
}
