//! A table from a ledger: current labels by people.

use super::Source;
use super::{Entry, LeftOut, Names, Table};
use crate::ledger::{Judgement, Ledger, State};
use crate::record::{Kind, LabelerKind};

/// Whose labels count, beside those of human labelers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Beside<'a> {
    /// Nobody's: models and gold are no labelers among others.
    #[default]
    Nobody,
    /// This labeler's, whatever it is; its predictions are its labels.
    Labeler(&'a str),
}

impl Table {
    /// Returns the table of the current labels of `task` by human labelers; abstentions and labels in conflict are
    /// left out and counted.
    ///
    /// `domain` declares the classes and their order; without it they are those observed, in UTF-8 order.
    pub fn from_ledger(ledger: &Ledger, task: u16, domain: Option<&[String]>) -> Self {
        Self::from_ledger_where(ledger, task, domain, Beside::Nobody, |_| true)
    }

    /// Returns the same table of only the judgements whose number `keep` accepts, and with those of `beside`.
    pub fn from_ledger_where(
        ledger: &Ledger,
        task: u16,
        domain: Option<&[String]>,
        beside: Beside<'_>,
        keep: impl Fn(usize) -> bool,
    ) -> Self {
        let also = match beside {
            Beside::Nobody => None,
            Beside::Labeler(labeler) => ledger.find_labeler(labeler),
        };
        let mut left_out = LeftOut::default();
        let mut labelers = vec![false; ledger.labelers()];
        let mut classes = vec![false; ledger.statements()];
        let mut entries: Vec<Entry> = Vec::new();
        for (item, run) in ledger.item_runs(task) {
            let mut conflicting = None;
            let start = entries.len();
            for number in run {
                let judgement = &ledger.judgements()[number];
                // Filters choose who is measured, not what they are measured against.
                let counts = keep(number) || also == Some(judgement.labeler);
                if !counts || !is_label(ledger, judgement, also) {
                    continue;
                }
                match (judgement.state, judgement.statement) {
                    // Several current judgements of one labeler say the same, and are one label.
                    (State::Current, Some(_))
                        if entries[start..].last().is_some_and(|last| last.labeler == judgement.labeler) => {}
                    (State::Current, Some(class)) => {
                        labelers[judgement.labeler as usize] = true;
                        classes[class as usize] = true;
                        entries.push(Entry { item, labeler: judgement.labeler, class });
                    }
                    (State::Current, None) => left_out.abstentions += 1,
                    (State::Conflict, _) if conflicting != Some(judgement.labeler) => {
                        conflicting = Some(judgement.labeler);
                        left_out.conflicts += 1;
                    }
                    _ => {}
                }
            }
            // A labeler may say one thing twice, once with a time and once without, and a model as a label and as a
            // prediction: one of them counts, a label first.
            if also.is_some() {
                entries[start..].sort_by_key(|entry| entry.labeler);
            }
            let mut kept = start;
            for at in start..entries.len() {
                if kept == start || entries[kept - 1].labeler != entries[at].labeler {
                    entries[kept] = entries[at];
                    kept += 1;
                }
            }
            entries.truncate(kept);
        }
        let labelers = names(labelers, |number| ledger.labeler_name(number));
        let classes = names(classes, |number| ledger.statement_text(number));
        Self::build(
            &entries,
            |item| ledger.item_name(item),
            labelers,
            classes,
            domain,
            Source::Ledger,
            left_out,
        )
    }
}

/// Whether it is a live label by a person, or of the labeler that counts as one, before the cost of looking up who made
/// it is paid for any other.
fn is_label(ledger: &Ledger, judgement: &Judgement, also: Option<u32>) -> bool {
    let counts = |judgement: &Judgement| match also {
        Some(labeler) if judgement.labeler == labeler => true,
        _ => judgement.kind == Kind::Labels && ledger.labeler_kind(judgement) == LabelerKind::Human,
    };
    matches!(judgement.kind, Kind::Labels | Kind::Predictions)
        && matches!(judgement.state, State::Current | State::Conflict)
        && counts(judgement)
}

/// Returns the texts of the used numbers; the others, of which there may be many, stay empty.
fn names<'a>(used: Vec<bool>, name: impl Fn(u32) -> &'a str) -> Names {
    let texts = used
        .iter()
        .zip(0..)
        .map(|(used, number)| if *used { name(number).to_owned() } else { String::new() })
        .collect();
    Names { texts, used }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::agreement::{AgreementReport, Options, measure};
    use crate::base::{Digest, Timestamp};
    use crate::ledger::Loaded;
    use crate::record::{Filter, LabelerUse, Labelers, Manifest, Origin, RecordId, Revert, Rows, col};

    /// One record: its number, its parents' numbers, its kind and task, and its rows (item, labeler, label; `-`
    /// abstains). Labelers called `bot` are models.
    fn record(number: u8, parents: &[u8], kind: Kind, task: &str, given: &[(&str, &str, &str)]) -> Loaded {
        let mut rows = Rows::empty(kind);
        let mut labelers = BTreeMap::new();
        for (item, labeler, label) in given {
            let row = rows.push_judgement(item, labeler, Origin::Fresh);
            if *label != "-" {
                rows.set_text(row, col::LABEL, label);
            }
            let kind = if *labeler == "bot" { LabelerKind::Model } else { LabelerKind::Human };
            labelers.insert((*labeler).to_owned(), LabelerUse { kind, rows: 1 });
        }
        let manifest = Manifest {
            task: kind.is_judgement().then(|| task.to_owned()),
            parents: parents.iter().map(|parent| id(*parent)).collect(),
            labelers: Labelers::Listed(labelers),
            ..Manifest::new(kind, Timestamp::from_micros(i64::from(number)).unwrap())
        };
        Loaded { id: id(number), manifest, rows }
    }

    fn id(number: u8) -> RecordId {
        RecordId(Digest([number; 32]))
    }

    fn report(records: &[Loaded]) -> AgreementReport {
        let ledger = Ledger::fold(records.to_vec());
        measure(
            &Table::from_ledger(&ledger, ledger.find_task("t").unwrap(), None),
            Some("t"),
            &Options::default(),
        )
        .unwrap()
    }

    const LABELS: [(&str, &str, &str); 6] = [
        ("i1", "ana", "x"),
        ("i1", "raj", "x"),
        ("i2", "ana", "y"),
        ("i2", "raj", "x"),
        ("i3", "ana", "y"),
        ("i3", "raj", "y"),
    ];

    /// An untimed label and a timed one, by somebody who did not see it, are two current judgements that say the same.
    #[test]
    fn what_a_labeler_says_twice_is_one_label() {
        let mut timed = record(2, &[], Kind::Labels, "t", &LABELS[..1]);
        timed.rows.set_time(0, col::CREATED_AT, Timestamp::from_micros(1));
        let ledger = Ledger::fold(vec![record(1, &[], Kind::Labels, "t", &LABELS), timed]);
        let table = Table::from_ledger(&ledger, ledger.find_task("t").unwrap(), None);
        assert_eq!((ledger.judgements().len(), table.labels()), (7, 6));
    }

    #[test]
    fn a_ledger_and_its_file_agree() {
        let batch = record(1, &[], Kind::Labels, "t", &LABELS);
        let from_file =
            measure(&Table::from_rows(&batch.rows, None), Some("t"), &Options::default()).unwrap();
        let from_ledger = report(&[batch, record(2, &[1], Kind::Labels, "a", &[("i1", "eve", "other")])]);
        assert_eq!(from_ledger.metrics, from_file.metrics);
        assert_eq!(from_ledger.counts, from_file.counts);
        assert_eq!(from_ledger.domain, from_file.domain, "labels of other tasks are no classes of this one");
        assert_eq!(from_ledger.source, Source::Ledger);
    }

    #[test]
    fn only_current_labels_by_people_count() {
        let before = report(&[record(1, &[], Kind::Labels, "t", &LABELS)]);
        let mut revert = record(7, &[6], Kind::Reverts, "", &[]);
        let filter = Filter { labelers: vec!["lu".into()], ..Filter::default() };
        revert.manifest.revert = Some(Revert { filter, ..Revert::default() });
        let after = report(&[
            record(1, &[], Kind::Labels, "t", &[("i1", "ana", "old"), ("i1", "raj", "x")]),
            record(2, &[1], Kind::Labels, "t", &LABELS),
            record(3, &[2], Kind::Labels, "t", &[("i1", "bot", "z"), ("i2", "bot", "z")]),
            record(4, &[2], Kind::Labels, "t", &[("i9", "eve", "x"), ("i1", "kim", "-")]),
            record(5, &[2], Kind::Labels, "t", &[("i9", "eve", "y"), ("i1", "lu", "z")]),
            record(6, &[3, 4, 5], Kind::Adjudications, "t", &[("i2", "ana", "z")]),
            revert,
        ]);
        assert_eq!(after.metrics, before.metrics);
        assert_eq!(after.domain, before.domain);
        assert_eq!((after.counts.labels, after.counts.labelers), (6, 2));
        assert_eq!(
            (after.counts.abstentions, after.counts.conflicts),
            (1, 1),
            "kim's, and eve's two on two branches"
        );
    }

    #[test]
    fn the_tables_of_parts_are_joined_to_the_table_of_all() {
        let part = |items: &[&str]| {
            let rows: Vec<_> = LABELS.into_iter().filter(|(item, ..)| items.contains(item)).collect();
            let ledger = Ledger::fold(vec![record(1, &[], Kind::Labels, "t", &rows)]);
            Table::from_ledger(&ledger, 0, None)
        };
        let all = part(&["i1", "i2", "i3"]);
        assert_eq!(Table::join(&[part(&["i1"]), part(&["i2"]), part(&["i3"])], None), all);
        let domain = ["y", "z", "x"].map(String::from);
        let ledger = Ledger::fold(vec![record(1, &[], Kind::Labels, "t", &LABELS)]);
        let declared = Table::from_ledger(&ledger, 0, Some(&domain));
        assert_eq!(Table::join(&[part(&["i1", "i2"]), part(&["i3"])], Some(&domain)), declared);
    }

    #[test]
    fn who_says_one_thing_twice_has_one_label() {
        let untimed = record(1, &[], Kind::Labels, "t", &LABELS);
        let mut timed = record(2, &[], Kind::Labels, "t", &LABELS);
        for row in 0..timed.rows.len() {
            timed.rows.set_time(row, col::CREATED_AT, Timestamp::from_micros(1));
        }
        let once = report(std::slice::from_ref(&untimed));
        assert_eq!(report(&[untimed, timed]).metrics, once.metrics);
    }

    #[test]
    fn a_model_can_stand_beside_people() {
        let guesses = [("i1", "bot", "x"), ("i2", "bot", "y")];
        let ledger = Ledger::fold(vec![
            record(1, &[], Kind::Labels, "t", &LABELS),
            record(2, &[1], Kind::Predictions, "t", &guesses),
            record(3, &[2], Kind::Labels, "t", &[("i2", "bot", "x")]),
        ]);
        let table = Table::from_ledger_where(&ledger, 0, None, Beside::Labeler("bot"), |_| true);
        assert_eq!(table.labeler_names(), ["ana", "bot", "raj"]);
        let said = |item: usize| {
            table
                .run(item)
                .1
                .iter()
                .map(|class| table.classes()[*class as usize].as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            (said(0), said(1)),
            (vec!["x", "x", "x"], vec!["y", "x", "x"]),
            "a label before a prediction"
        );
        assert_eq!(Table::from_ledger(&ledger, 0, None).labeler_names(), ["ana", "raj"]);
    }

    #[test]
    fn judgements_can_be_chosen() {
        let ledger = Ledger::fold(vec![record(1, &[], Kind::Labels, "t", &LABELS)]);
        let first = Table::from_ledger_where(&ledger, 0, None, Beside::Nobody, |number| {
            ledger.item_name(ledger.judgements()[number].item) == "i2"
        });
        assert_eq!((first.items(), first.labels()), (1, 2));
    }
}
