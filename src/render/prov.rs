//! A trace as W3C PROV-JSON (<https://www.w3.org/submissions/prov-json/>): who made what, when, of what, on whose behalf.
//!
//! A judgement, the record that holds it, the file that was read, guideline versions, guesses, resolved labels and snapshots
//! are entities; judging, recording, taking back and resolving are activities; labelers and those who recorded are agents.
//! Names are those of the ledger, percent-encoded, so that the document says the same wherever it is made.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::json;
use crate::base::Timestamp;
use crate::ledger::State;
use crate::record::LabelerKind;
use crate::trace::{
    Attribution, Carried, Entry, Guideline, SnapshotUse, Taken, TaskTrace, TraceReport, verified,
};

/// Writes `report` as a PROV-JSON document.
///
/// # Errors
/// Whatever writing meets.
pub fn prov(report: &TraceReport, out: &mut impl Write) -> io::Result<()> {
    let mut document = Document::default();
    let item = name(&["item", &report.item]);
    let text = report.text.as_ref();
    document.entity(
        &item,
        "hitl:Item",
        [
            ("prov:label", Some(Value::from(report.item.as_str()))),
            ("prov:value", text.and_then(|text| text.text.as_deref()).map(Value::from)),
            ("prov:location", text.and_then(|text| text.uri.as_deref()).map(Value::from)),
        ],
    );
    for task in &report.tasks {
        document.task(task, &item, &report.item);
    }
    for snapshot in &report.snapshots {
        document.snapshot(snapshot, &item, &report.item);
    }
    json(&document.value(), out)
}

/// The kinds of a document, in the order of their names' first use; each holds its members by name.
#[derive(Default)]
struct Document {
    kinds: BTreeMap<&'static str, BTreeMap<String, Value>>,
}

impl Document {
    fn value(self) -> Value {
        let mut root = Map::new();
        root.insert("prefix".into(), json!({ "hitl": "urn:hitl:" }));
        for (kind, members) in self.kinds {
            root.insert(kind.into(), Value::Object(members.into_iter().collect()));
        }
        Value::Object(root)
    }

    fn add(&mut self, kind: &'static str, id: &str, value: Value) {
        self.kinds.entry(kind).or_default().insert(id.to_owned(), value);
    }

    /// Adds a relation, which needs no name of its own; equal ones are one.
    fn relate(&mut self, kind: &'static str, value: Value) {
        let members = self.kinds.entry(kind).or_default();
        if !members.values().any(|known| *known == value) {
            members.insert(format!("_:{kind}{:06}", members.len() + 1), value);
        }
    }

    fn entity<const N: usize>(&mut self, id: &str, kind: &str, values: [(&str, Option<Value>); N]) {
        let mut object = Map::from_iter([("prov:type".to_owned(), qualified(kind))]);
        object.extend(values.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
        self.add("entity", id, Value::Object(object));
    }

    fn activity(&mut self, id: &str, kind: &str, at: Option<Timestamp>, values: &[(&str, &str)]) {
        let mut object = Map::from_iter([("prov:type".to_owned(), qualified(kind))]);
        if let Some(at) = at {
            object.insert("prov:startTime".into(), at.to_string().into());
            object.insert("prov:endTime".into(), at.to_string().into());
        }
        object.extend(values.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))));
        self.add("activity", id, Value::Object(object));
    }

    /// Declares a labeler.
    fn labeler(&mut self, labeler: &str, kind: LabelerKind) -> String {
        let id = name(&["labeler", labeler]);
        let of = match kind {
            LabelerKind::Human => "prov:Person",
            LabelerKind::Model => "prov:SoftwareAgent",
            LabelerKind::Gold => "prov:Organization",
        };
        self.add("agent", &id, json!({ "prov:type": qualified(of), "prov:label": labeler }));
        id
    }

    /// Declares whoever recorded something: `Name <address>`.
    fn actor(&mut self, actor: &str) -> String {
        let id = name(&["actor", actor]);
        self.add("agent", &id, json!({ "prov:type": qualified("prov:Person"), "prov:label": actor }));
        id
    }

    fn guideline(&mut self, guideline: &Guideline) -> String {
        let id = name(&["guideline", &guideline.version]);
        self.entity(
            &id,
            "prov:Plan",
            [
                ("prov:label", Some(Value::from(guideline.version.as_str()))),
                ("hitl:sha256", guideline.sha256.map(|sha256| sha256.to_string().into())),
                ("hitl:record", guideline.record.map(|record| record.to_string().into())),
            ],
        );
        id
    }

    fn task(&mut self, task: &TaskTrace, item: &str, item_id: &str) {
        for entry in &task.entries {
            self.entry(task, entry, item);
        }
        let Some(label) = &task.resolved.label else { return };
        let (id, resolving) =
            (name(&["label", &task.task, item_id]), name(&["resolving", &task.task, item_id]));
        self.entity(
            &id,
            "hitl:ResolvedLabel",
            [("prov:value", Some(label.as_str().into())), ("hitl:task", Some(task.task.as_str().into()))],
        );
        let policy = [("hitl:policy", task.resolved.policy), ("hitl:settledBy", task.resolved.why)];
        self.activity(&resolving, "hitl:Resolving", None, &policy);
        self.relate("wasGeneratedBy", json!({ "prov:entity": id, "prov:activity": resolving }));
        let says = |entry: &&Entry| entry.state == State::Current && entry.label.as_ref() == Some(label);
        for entry in task.entries.iter().filter(says) {
            let used = judgement(entry);
            self.relate("used", json!({ "prov:activity": resolving, "prov:entity": used }));
            self.relate("wasDerivedFrom", json!({ "prov:generatedEntity": id, "prov:usedEntity": used }));
        }
    }

    /// Adds one judgement: what it is, who made it of what, and what became of it.
    fn entry(&mut self, task: &TaskTrace, entry: &Entry, item: &str) {
        let (id, judging) = (judgement(entry), name(&["judging", &place(entry)]));
        self.entity(
            &id,
            "hitl:Judgement",
            [
                ("prov:value", entry.label.as_deref().map(Value::from)),
                ("hitl:kind", Some(entry.kind.as_str().into())),
                ("hitl:task", Some(task.task.as_str().into())),
                ("hitl:origin", Some(entry.origin.as_str().into())),
                ("hitl:state", Some(entry.state.as_str().into())),
                ("hitl:rationale", entry.rationale.as_deref().map(Value::from)),
            ],
        );
        self.activity(&judging, "hitl:Judging", Some(entry.when), &[]);
        let time = entry.when.to_string();
        self.relate(
            "wasGeneratedBy",
            json!({ "prov:entity": id, "prov:activity": judging, "prov:time": time }),
        );
        self.relate("used", json!({ "prov:activity": judging, "prov:entity": item }));
        let labeler = self.labeler(&entry.labeler, entry.labeler_kind);
        self.relate("wasAttributedTo", json!({ "prov:entity": id, "prov:agent": labeler }));
        let role = qualified("hitl:labeler");
        let mut made = json!({ "prov:activity": judging, "prov:agent": labeler, "prov:role": role });
        if let Some(guideline) = &entry.guideline {
            made["prov:plan"] = self.guideline(guideline).into();
        }
        self.relate("wasAssociatedWith", made);
        self.guess(task, entry, &id, &judging);
        if let Some(later) = &entry.superseded_by {
            let is_it = |one: &&Entry| {
                one.labeler == later.labeler
                    && one.label == later.label
                    && one.carried.iter().any(|carried| carried.record == later.record)
            };
            if let Some(later) = task.entries.iter().find(is_it) {
                self.derive(&judgement(later), &id, "prov:Revision");
            }
        }
        entry.reverted_by.iter().for_each(|taken| self.taken(&id, taken));
        entry.carried.iter().for_each(|carried| self.carried(entry, &id, carried));
    }

    /// Adds the guess somebody saw.
    fn guess(&mut self, task: &TaskTrace, entry: &Entry, id: &str, judging: &str) {
        let Some(shown) = &entry.shown else { return };
        let told = task.entries.iter().find(|one| {
            Some(&one.labeler) == entry.shown_by.as_ref()
                && one.label.as_ref() == Some(shown)
                && one.carried.iter().any(|carried| Some(carried.record) == entry.shown_in)
        });
        let guess = match told {
            Some(told) => judgement(told),
            None => {
                let guess = name(&["guess", &place(entry)]);
                self.entity(
                    &guess,
                    "hitl:Guess",
                    [
                        ("prov:value", Some(shown.as_str().into())),
                        ("hitl:by", entry.shown_by.as_deref().map(Value::from)),
                    ],
                );
                guess
            }
        };
        self.relate("used", json!({ "prov:activity": judging, "prov:entity": guess }));
        self.derive(id, &guess, "prov:PrimarySource");
    }

    /// Adds that one entity came of another, as a revision or with it for a primary source.
    fn derive(&mut self, made: &str, of: &str, how: &str) {
        let how = qualified(how);
        self.relate(
            "wasDerivedFrom",
            json!({ "prov:generatedEntity": made, "prov:usedEntity": of, "prov:type": how }),
        );
    }

    fn taken(&mut self, id: &str, taken: &Taken) {
        let reverting = name(&["reverting", &taken.record.to_string()]);
        self.activity(
            &reverting,
            "hitl:Reverting",
            Some(taken.recorded_at),
            &[("hitl:message", &taken.message)],
        );
        let actor = self.actor(&taken.actor);
        let role = qualified("hitl:reverter");
        self.relate(
            "wasAssociatedWith",
            json!({ "prov:activity": reverting, "prov:agent": actor, "prov:role": role }),
        );
        let time = taken.recorded_at.to_string();
        self.relate(
            "wasInvalidatedBy",
            json!({ "prov:entity": id, "prov:activity": reverting, "prov:time": time }),
        );
    }

    /// Adds the record that holds a judgement, who recorded it, and on whose word.
    fn carried(&mut self, entry: &Entry, judgement: &str, carried: &Carried) {
        let record = carried.record.to_string();
        let (id, recording) = (name(&["record", &record]), name(&["recording", &record]));
        let signed: Vec<&str> =
            carried.standing.as_ref().map(|standing| verified(standing).collect()).unwrap_or_default();
        self.entity(
            &id,
            "prov:Collection",
            [
                ("hitl:signedBy", (!signed.is_empty()).then(|| signed.join(", ").into())),
                ("hitl:commit", carried.commit.as_ref().map(|commit| commit.id.as_str().into())),
            ],
        );
        self.relate("hadMember", json!({ "prov:collection": id, "prov:entity": judgement }));
        self.activity(&recording, "hitl:Recording", Some(carried.recorded_at), &[]);
        let time = carried.recorded_at.to_string();
        self.relate(
            "wasGeneratedBy",
            json!({ "prov:entity": id, "prov:activity": recording, "prov:time": time }),
        );
        let actor = self.actor(&carried.actor);
        let role = qualified("hitl:recorder");
        self.relate("wasAttributedTo", json!({ "prov:entity": id, "prov:agent": actor }));
        self.relate(
            "wasAssociatedWith",
            json!({ "prov:activity": recording, "prov:agent": actor, "prov:role": role }),
        );
        // Who records what somebody else said speaks for them, signed or not.
        let own = carried.standing.as_ref().and_then(|standing| standing.claimed_by.as_deref());
        if own != Some(entry.labeler.as_str()) && !matches!(carried.labelled, Attribution::Signed(_)) {
            let labeler = name(&["labeler", &entry.labeler]);
            self.relate(
                "actedOnBehalfOf",
                json!({ "prov:delegate": actor, "prov:responsible": labeler, "prov:activity": recording }),
            );
        }
        if let Some(source) = &carried.source {
            let file = name(&["file", &source.sha256.to_string()]);
            self.entity(
                &file,
                "hitl:File",
                [
                    ("prov:label", Some(source.file.as_str().into())),
                    ("hitl:sha256", Some(source.sha256.to_string().into())),
                ],
            );
            self.relate("used", json!({ "prov:activity": recording, "prov:entity": file }));
            self.relate("wasDerivedFrom", json!({ "prov:generatedEntity": id, "prov:usedEntity": file }));
        }
    }

    fn snapshot(&mut self, one: &SnapshotUse, item: &str, item_id: &str) {
        let (id, row) = (name(&["snapshot", &one.name]), name(&["row", &one.name, item_id, &one.label]));
        self.entity(&id, "prov:Collection", [("hitl:task", Some(one.task.as_str().into()))]);
        self.entity(
            &row,
            "hitl:SnapshotRow",
            [
                ("prov:value", Some(one.label.as_str().into())),
                ("hitl:split", one.split.as_deref().map(Value::from)),
            ],
        );
        self.relate("hadMember", json!({ "prov:collection": id, "prov:entity": row }));
        self.relate("wasDerivedFrom", json!({ "prov:generatedEntity": row, "prov:usedEntity": item }));
    }
}

/// Returns where a judgement lies: its first row.
fn place(entry: &Entry) -> String {
    entry.carried.first().map_or_else(String::new, |first| format!("{}-{}", first.record, first.row))
}

fn judgement(entry: &Entry) -> String {
    name(&["judgement", &place(entry)])
}

fn qualified(name: &str) -> Value {
    json!({ "$": name, "type": "prov:QUALIFIED_NAME" })
}

/// Returns the qualified name of these parts: letters, digits, `-`, `_` and `.` as they are, all else percent-encoded.
fn name(parts: &[&str]) -> String {
    let mut out = String::from("hitl:");
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            out.push('/');
        }
        for byte in part.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(byte.into()),
                byte => out.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    out
}
