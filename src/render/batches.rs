//! What the report of two sides says in words, whatever the page: terminal, Markdown or HTML.

use crate::base::text::{count, plural, thousands};
use crate::diff::batches::{
    Apart, BatchDiff, ConflictDiff, CorrectionStats, ItemDiff, ItemVersion, Made, PairStats, PartDiff,
    SideReport,
};
use crate::record::Verdict;
use crate::render::human::percent;
use crate::render::pieces::{Piece, pieces, unchanged};

/// Returns a count as people write it.
pub(super) fn many(count: u64) -> String {
    thousands(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Returns what one side is: `8 corrections of 4 items by 2 labelers`.
pub(super) fn side(report: &BatchDiff, side: &SideReport) -> String {
    let kinds: Vec<_> = report.parts.iter().map(|part| part.kind).collect();
    let one = kinds.first().filter(|kind| kinds.iter().all(|other| other == *kind));
    let size = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let rows = match one {
        Some(kind) => format!("{} {}", many(side.rows), kind.noun(size(side.rows))),
        None => count(size(side.rows), "row"),
    };
    let mut text =
        format!("{rows} of {} by {}", count(size(side.items), "item"), count(size(side.labelers), "labeler"));
    if side.earlier > 0 {
        text.push_str(&format!("; {} followed by a later one of the same labeler", many(side.earlier)));
    }
    if side.conflicts > 0 {
        let left = plural(size(side.conflicts), "contradicts itself and is", "contradict themselves and are");
        text.push_str(&format!("; {left} left out"));
    }
    text
}

/// Returns what became of the items of a part.
pub(super) fn items(part: &PartDiff) -> String {
    let items = &part.items;
    format!(
        "{} in both, {} alike and {} differently; {} in A alone, {} in B alone",
        count(usize::try_from(items.both).unwrap_or(usize::MAX), "item"),
        many(items.alike),
        many(items.differently),
        many(items.only_a),
        many(items.only_b),
    )
}

/// The heads of [`made`].
pub(super) const MADE: [&str; 4] = ["", ">corrections", ">changed", ">mean distance"];

/// Returns how far each side's corrections go, row by row.
pub(super) fn made(corrections: &CorrectionStats) -> [[String; 4]; 2] {
    let row = |name: &str, made: &Made| {
        [name.to_owned(), many(made.rows), many(made.changed), mean(made.mean_distance)]
    };
    [row("A from the original", &corrections.a), row("B from the original", &corrections.b)]
}

/// The heads of [`pairs`].
pub(super) const PAIRS: [&str; 5] = ["", ">pairs", ">equal", ">share", ">mean distance"];

/// Returns how far corrections of one item agree, row by row; only where there are pairs.
pub(super) fn pairs(corrections: &CorrectionStats) -> Vec<[String; 5]> {
    let row = |(name, stats): (&str, &PairStats)| {
        let share = stats.share_equal.map_or_else(|| "–".to_owned(), percent);
        [name.to_owned(), many(stats.pairs), many(stats.equal), share, mean(stats.mean_distance)]
    };
    let all = [
        ("within A", &corrections.within_a),
        ("within B", &corrections.within_b),
        ("A with B", &corrections.between),
        ("all together", &corrections.together),
    ];
    all.into_iter().filter(|(_, stats)| stats.pairs > 0).map(row).collect()
}

fn mean(mean: Option<f64>) -> String {
    mean.map_or_else(|| "–".to_owned(), |mean| format!("{mean:.1}"))
}

/// Returns the sides on which a version is said, each with who says it.
pub(super) fn people(version: &ItemVersion) -> impl Iterator<Item = (&'static str, &[String])> {
    let sides = [("A", version.a.as_slice()), ("B", version.b.as_slice())];
    sides.into_iter().filter(|(_, names)| !names.is_empty())
}

/// Returns what a correction is, in a few words: `approved`, `corrected, distance 12`.
pub(super) fn kind_of(version: &ItemVersion) -> String {
    let verdict = version.verdict.map_or("", Verdict::as_str);
    match (version.distance, version.verdict) {
        (Some(0), Some(Verdict::Approved)) => verdict.to_owned(),
        (Some(0), _) => format!("{verdict}, as it was"),
        (Some(distance), _) => format!("{verdict}, distance {}", many(distance)),
        (None, _) if version.says.is_some() => format!("{verdict}, distance not known"),
        (None, _) => verdict.to_owned(),
    }
}

/// Returns the versions of an item as they are shown: A's first, and by who says them.
pub(super) fn in_order(versions: &[ItemVersion]) -> Vec<&ItemVersion> {
    let mut ordered: Vec<&ItemVersion> = versions.iter().collect();
    ordered.sort_by_key(|version| people(version).next());
    ordered
}

/// Returns the pieces of what a version makes of its original; of one text alone, that text.
pub(super) fn pieces_of<'a>(item: &'a ItemDiff, version: &'a ItemVersion) -> Vec<Piece<'a>> {
    let original = version.original.as_deref().or(item.original.as_deref());
    match (original, version.says.as_deref()) {
        (Some(original), Some(says)) => pieces(original, says),
        (Some(text), None) | (None, Some(text)) => unchanged(text),
        (None, None) => Vec::new(),
    }
}

/// Returns how far changed versions of an item are apart, each by one who says it, A's first; none where nothing is known.
/// Names are written by `name`.
pub(super) fn apart(item: &ItemDiff, name: impl Fn(&str) -> String, between: &str) -> Option<String> {
    let speaker = |place: usize| {
        let (side, names) = people(&item.versions[place]).next()?;
        Some((side, names.first()?.as_str()))
    };
    let pair = |one: &Apart| {
        let (first, second) = (speaker(one.one)?, speaker(one.other)?);
        Some((first.min(second), first.max(second), one.distance))
    };
    let mut pairs: Vec<_> = item.apart.iter().filter_map(pair).collect();
    pairs.sort_unstable();
    let who = |(side, labeler): (&str, &str)| format!("{side} {}", name(labeler));
    let mut told: Vec<String> = pairs
        .into_iter()
        .map(|(one, other, distance)| format!("{} – {} {}", who(one), who(other), many(distance)))
        .collect();
    if item.apart_more > 0 {
        told.push(format!("and {} more", many(item.apart_more)));
    }
    (!told.is_empty()).then(|| told.join(between))
}

/// Returns who contradicts themself otherwise on one side than on the other, at most `most` of them; none where nobody
/// does. Ids are written by `name`.
pub(super) fn conflicts(part: &PartDiff, most: usize, name: impl Fn(&str) -> String) -> Option<String> {
    let one = |one: &ConflictDiff| {
        let place = match (one.a, one.b) {
            (0, _) => "in B",
            (_, 0) => "in A",
            _ => "otherwise in A than in B",
        };
        format!("{} by {} {place}", name(&one.item), name(&one.labeler))
    };
    let mut told: Vec<String> = part.conflicting.iter().take(most).map(one).collect();
    match (part.conflicts - told.len() as u64, told.is_empty()) {
        (0, _) => {}
        (all, true) => told.push(format!("{} not listed", many(all))),
        (more, false) => told.push(format!("{} more", many(more))),
    }
    (!told.is_empty()).then(|| format!("Contradictory: {}", told.join(", ")))
}

/// Returns how many of the pairs of a part say the same, and their share.
pub(super) fn alike(part: &PartDiff) -> String {
    let share = (part.pairs > 0).then(|| part.pairs_alike as f64 / part.pairs as f64);
    let share = share.map_or_else(String::new, |share| format!(" ({})", percent(share)));
    format!(
        "{} of {} compared say the same{share}",
        many(part.pairs_alike),
        count(usize::try_from(part.pairs).unwrap_or(usize::MAX), "pair")
    )
}
