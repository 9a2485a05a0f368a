//! The report of two sets of judgements side by side, as JSON has it.

use serde::Serialize;

use crate::diff::report::Transition;
use crate::record::{Kind, RecordId, Verdict};

/// Two sets of judgements side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BatchDiff {
    /// `hitl.batch-diff/1`.
    pub schema: &'static str,
    /// The one side.
    pub a: SideReport,
    /// The other.
    pub b: SideReport,
    /// Whether both judge the same items, say the same of each and contradict themselves in the same way.
    pub same: bool,
    /// Task by task and kind by kind.
    pub parts: Vec<PartDiff>,
}

/// One side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SideReport {
    /// What its user calls it.
    pub name: String,
    /// Its records, sorted; none where it is a state.
    pub records: Vec<RecordId>,
    /// Its rows.
    pub rows: u64,
    /// Those of them that a later one of the same labeler and item follows; they are not compared.
    pub earlier: u64,
    /// Keys that were left out since what was said last of them contradicts itself.
    pub conflicts: u64,
    /// Its items.
    pub items: u64,
    /// Its labelers.
    pub labelers: u64,
}

/// What the sides say in one task, by judgements of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartDiff {
    /// The task.
    pub task: String,
    /// Labels, corrections, adjudications or predictions.
    pub kind: Kind,
    /// Its items.
    pub items: ItemCounts,
    /// Rows that were compared with each other: of one labeler on both sides, else of different ones.
    pub pairs: u64,
    /// Those of them that say the same.
    pub pairs_alike: u64,
    /// Rows of each labeler, by name.
    pub labelers: Vec<LabelerRows>,
    /// From A's label to B's, over all pairs, equal ones too, by label; null abstains. Of corrections, empty.
    pub transitions: Vec<Transition>,
    /// Of corrections: how far they go and how far they agree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrections: Option<CorrectionStats>,
    /// Items that both sides judge and not all say the same of, by id; at most as many as asked for.
    pub differing: Vec<ItemDiff>,
    /// Items that A alone judges, by id; at most as many as asked for.
    pub only_a: Vec<String>,
    /// Items that B alone judges, likewise.
    pub only_b: Vec<String>,
    /// Labelers who contradict themselves on an item, on one side alone or in other words than on the other.
    pub conflicts: u64,
    /// Who and on what, by item and labeler; at most as many as asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicting: Vec<ConflictDiff>,
}

/// A labeler who does not contradict themself in the same way on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConflictDiff {
    /// On what.
    pub item: String,
    /// Who.
    pub labeler: String,
    /// How many things they say at once in A; 0 where they do not contradict themself there.
    pub a: u64,
    /// In B.
    pub b: u64,
}

/// How many items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ItemCounts {
    /// Only A judges them.
    pub only_a: u64,
    /// Only B does.
    pub only_b: u64,
    /// Both do.
    pub both: u64,
    /// Of these: all who are compared say the same.
    pub alike: u64,
    /// And not.
    pub differently: u64,
}

/// One labeler's rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelerRows {
    /// Who.
    pub labeler: String,
    /// In A.
    pub a: u64,
    /// In B.
    pub b: u64,
}

/// How far corrections go, and how far those of one item agree.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CorrectionStats {
    /// How far A's are from their originals.
    pub a: Made,
    /// How far B's are.
    pub b: Made,
    /// A's among each other: every two rows of one item.
    pub within_a: PairStats,
    /// B's among each other.
    pub within_b: PairStats,
    /// A's with B's: the rows that were compared.
    pub between: PairStats,
    /// All of an item, whatever the side; who says the same on both sides says it once.
    pub together: PairStats,
}

/// How far corrections are from their originals.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Made {
    /// Rows.
    pub rows: u64,
    /// Those whose text is another than the original.
    pub changed: u64,
    /// Mean Levenshtein distance in code points, over rows of which a text comes and that were measured.
    pub mean_distance: Option<f64>,
}

/// How far rows of one item agree, over pairs of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairStats {
    /// Items with a pair.
    pub items: u64,
    /// Items with an equal pair.
    pub items_some_equal: u64,
    /// Items all of whose pairs are equal.
    pub items_all_equal: u64,
    /// Pairs.
    pub pairs: u64,
    /// Pairs that say the same.
    pub equal: u64,
    /// Equal pairs over pairs; null of none.
    pub share_equal: Option<f64>,
    /// Pairs whose distance was measured: two texts, not both of them long and far apart. Of an item with more different
    /// texts than can be measured, one of every two, three … pairs of texts was.
    pub measured: u64,
    /// Mean Levenshtein distance in code points over those, equal ones at 0, each counted for as many as it was chosen
    /// from; null of none.
    pub mean_distance: Option<f64>,
}

/// One item of which the sides do not say the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemDiff {
    /// The item.
    pub item: String,
    /// The text corrected; null of labels, and where rows have different ones.
    pub original: Option<String>,
    /// What is said of it, each once, by text.
    pub versions: Vec<ItemVersion>,
    /// How far texts are apart: the first six pairs of `versions` that are other than the original and were measured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub apart: Vec<Apart>,
    /// How many more pairs were measured.
    #[serde(skip_serializing_if = "is_zero")]
    pub apart_more: u64,
}

/// One thing that is said of an item, and who says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemVersion {
    /// The label, null where it abstains; of a correction the text that comes of it, null where it is rejected with nothing
    /// in its place.
    pub says: Option<String>,
    /// Of a correction: what it says of the original; of several verdicts, the first in the order of the vocabulary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// The text it corrects, where the item's rows have different ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
    /// Levenshtein distance from the original in code points; null of labels, without a text, and where not measured.
    pub distance: Option<u64>,
    /// Who says so in A, by name.
    pub a: Vec<String>,
    /// Who says so in B.
    pub b: Vec<String>,
}

/// How far two versions are apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Apart {
    /// Which of the versions, from 0.
    pub one: usize,
    /// Which other one.
    pub other: usize,
    /// Levenshtein distance in code points.
    pub distance: u64,
}

/// Whether a count is not worth a line.
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl PartDiff {
    /// Returns a part in which nothing was counted yet.
    pub(super) fn new(task: &str, kind: Kind, labelers: Vec<LabelerRows>) -> Self {
        Self {
            task: task.to_owned(),
            kind,
            items: ItemCounts::default(),
            pairs: 0,
            pairs_alike: 0,
            labelers,
            transitions: Vec::new(),
            corrections: None,
            differing: Vec::new(),
            only_a: Vec::new(),
            only_b: Vec::new(),
            conflicts: 0,
            conflicting: Vec::new(),
        }
    }

    /// Whether both sides judge the same items, say the same of each and contradict themselves in the same way.
    pub fn is_same(&self) -> bool {
        let alone = self.items.only_a + self.items.only_b;
        self.items.both == self.items.alike && alone + self.conflicts == 0
    }

    /// Whether items are left that the lists had no room for.
    pub fn is_cut(&self) -> bool {
        let listed = [&self.only_a, &self.only_b].map(|list| list.len() as u64);
        (self.differing.len() as u64, listed)
            != (self.items.differently, [self.items.only_a, self.items.only_b])
    }
}

impl BatchDiff {
    /// Returns the report of the same sides exchanged.
    pub fn mirrored(self) -> Self {
        let parts = self.parts.into_iter().map(PartDiff::mirrored).collect();
        Self { a: self.b, b: self.a, parts, ..self }
    }
}

impl PartDiff {
    fn mirrored(self) -> Self {
        let cell =
            |cell: Transition| Transition { before: cell.after, after: cell.before, count: cell.count };
        let mut transitions: Vec<Transition> = self.transitions.into_iter().map(cell).collect();
        transitions.sort_by(|one, other| (&one.before, &one.after).cmp(&(&other.before, &other.after)));
        let counts = |one: LabelerRows| LabelerRows { a: one.b, b: one.a, ..one };
        let conflict = |one: ConflictDiff| ConflictDiff { a: one.b, b: one.a, ..one };
        let version = |one: ItemVersion| ItemVersion { a: one.b, b: one.a, ..one };
        let item =
            |one: ItemDiff| ItemDiff { versions: one.versions.into_iter().map(version).collect(), ..one };
        Self {
            items: ItemCounts { only_a: self.items.only_b, only_b: self.items.only_a, ..self.items },
            labelers: self.labelers.into_iter().map(counts).collect(),
            transitions,
            corrections: self.corrections.map(CorrectionStats::mirrored),
            differing: self.differing.into_iter().map(item).collect(),
            only_a: self.only_b,
            only_b: self.only_a,
            conflicting: self.conflicting.into_iter().map(conflict).collect(),
            ..self
        }
    }
}

impl CorrectionStats {
    fn mirrored(self) -> Self {
        Self { a: self.b, b: self.a, within_a: self.within_b, within_b: self.within_a, ..self }
    }
}
