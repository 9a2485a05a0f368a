//! Exports: a snapshot as a table to train on, with who said what beside each label.

use super::Snapshot;
use crate::ledger::{Judgement, Ledger, State, votes};
use crate::record::{Kind, col};

/// A snapshot in columns, all of one length, one entry an item. The lists of one item are aligned: the n-th labeler
/// said the n-th label under the n-th guideline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Export {
    /// The item.
    pub item: Vec<String>,
    /// Its resolved label.
    pub label: Vec<String>,
    /// The part it falls into.
    pub split: Vec<Option<String>>,
    /// `policy` or `adjudication`.
    pub settled: Vec<&'static str>,
    /// How many labels are listed: the votes.
    pub votes: Vec<i64>,
    /// Who adjudicated it.
    pub adjudicator: Vec<Option<String>>,
    /// The text judged, where the ledger has it.
    pub text: Vec<Option<String>>,
    /// Who voted: the human labelers with a current label, in UTF-8 order.
    pub labelers: Vec<Vec<String>>,
    /// What each said.
    pub labels: Vec<Vec<String>>,
    /// Under which guideline version each said it; empty text where none was given.
    pub guidelines: Vec<Vec<String>>,
    /// How each label came about.
    pub origins: Vec<Vec<String>>,
    /// The record each label comes from.
    pub records: Vec<Vec<String>>,
}

/// Returns the rows of `snapshot`, made from `ledger`, with the labels behind them.
pub fn export(ledger: &Ledger, snapshot: &Snapshot) -> Export {
    let mut out = Export::default();
    let texts = ledger.item_texts(col::TEXT);
    let task = ledger.find_task(&snapshot.rule.task);
    for row in &snapshot.rows {
        // A row was made from judgements of its item: both are found.
        let (Some(task), Some(item)) = (task, ledger.find_item(&row.item)) else { continue };
        let judgements = &ledger.judgements()[ledger.of_item(task, item)];
        let votes = votes(ledger, task, item);
        let votes: Vec<&Judgement> = votes.into_iter().map(|vote| &ledger.judgements()[vote]).collect();
        out.item.push(row.item.clone());
        out.label.push(row.label.clone());
        out.split.push(row.split.clone());
        out.settled.push(row.settled.as_str());
        out.votes.push(i64::from(row.votes));
        let adjudication =
            judgements.iter().find(|one| one.kind == Kind::Adjudications && one.state == State::Current);
        out.adjudicator.push(adjudication.map(|one| ledger.labeler_name(one.labeler).to_owned()));
        out.text.push(texts.get(row.item.as_str()).map(|text| (*text).to_owned()));
        out.push_votes(ledger, &votes);
    }
    out
}

impl Export {
    fn push_votes(&mut self, ledger: &Ledger, votes: &[&Judgement]) {
        let each =
            |value: &dyn Fn(&Judgement) -> String| votes.iter().map(|vote| value(vote)).collect::<Vec<_>>();
        self.labelers.push(each(&|vote| ledger.labeler_name(vote.labeler).to_owned()));
        self.labels.push(each(&|vote| {
            vote.statement.map(|statement| ledger.statement_text(statement).to_owned()).unwrap_or_default()
        }));
        let attribute = |vote: &Judgement, column: usize| {
            let carrier = ledger.attributes(vote);
            ledger.row_text(carrier, column).unwrap_or_default().to_owned()
        };
        self.guidelines.push(each(&|vote| attribute(vote, col::GUIDELINE)));
        self.origins.push(each(&|vote| attribute(vote, col::ORIGIN)));
        self.records
            .push(each(&|vote| ledger.records()[ledger.attributes(vote).record as usize].id.to_string()));
    }
}
