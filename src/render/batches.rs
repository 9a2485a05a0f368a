//! What the report of two sides says in words, whatever the page: terminal, Markdown or HTML.

use crate::base::text::{count, plural, thousands};
use crate::diff::batches::{
    BatchDiff, Corrections, ItemDiff, Made, PairStats, PartDiff, SideReport, Version,
};
use crate::record::Verdict;
use crate::render::human::number;

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
        let left = plural(size(side.conflicts), "contradicts itself", "contradict themselves");
        text.push_str(&format!("; {left} and left out"));
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
pub(super) fn made(corrections: &Corrections) -> [[String; 4]; 2] {
    let row = |name: &str, made: &Made| {
        [name.to_owned(), many(made.rows), many(made.changed), mean(made.mean_distance)]
    };
    [row("A from the original", &corrections.a), row("B from the original", &corrections.b)]
}

/// The heads of [`pairs`].
pub(super) const PAIRS: [&str; 5] = ["", ">pairs", ">equal", ">share", ">mean distance"];

/// Returns how far corrections of one item agree, row by row; only where there are pairs.
pub(super) fn pairs(corrections: &Corrections) -> Vec<[String; 5]> {
    let row = |(name, stats): (&str, &PairStats)| {
        let share = stats.share_equal.map_or_else(|| "–".to_owned(), crate::render::human::percent);
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
pub(super) fn people(version: &Version) -> impl Iterator<Item = (&'static str, &[String])> {
    let sides = [("A", version.a.as_slice()), ("B", version.b.as_slice())];
    sides.into_iter().filter(|(_, names)| !names.is_empty())
}

/// Returns what a correction is, in a few words: `approved`, `corrected, distance 12`.
pub(super) fn kind_of(version: &Version) -> String {
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
pub(super) fn in_order(versions: &[Version]) -> Vec<&Version> {
    let mut ordered: Vec<&Version> = versions.iter().collect();
    ordered.sort_by_key(|version| people(version).next());
    ordered
}

/// One who says a version: the side and the name.
pub(super) type Speaker<'a> = (&'static str, &'a str);

/// Returns how far each two changed versions of an item are apart, each by one who says it, A's first. What did not
/// change is as far from the others as they are from the original.
pub(super) fn far_apart(item: &ItemDiff) -> Vec<(Speaker<'_>, Speaker<'_>, u64)> {
    let speaker = |place: usize| {
        let (side, names) = people(&item.versions[place]).next()?;
        Some((side, names.first()?.as_str()))
    };
    let changed = |place: usize| item.versions[place].distance != Some(0);
    let both = item.apart.iter().filter(|one| changed(one.one) && changed(one.other));
    let mut told: Vec<_> = both
        .filter_map(|one| {
            let (first, second) = (speaker(one.one)?, speaker(one.other)?);
            Some((first.min(second), first.max(second), one.distance))
        })
        .collect();
    told.sort_unstable();
    told
}

/// The most distances between versions of one item that are told.
pub(super) const APART: usize = 6;

/// Returns a share or mean as a number of few digits.
pub(super) fn alike(part: &PartDiff) -> String {
    let share = (part.pairs > 0).then(|| part.pairs_alike as f64 / part.pairs as f64);
    let share = share.map_or_else(String::new, |share| format!(" ({})", number(share)));
    format!(
        "{} of {} compared say the same{share}",
        many(part.pairs_alike),
        count(usize::try_from(part.pairs).unwrap_or(usize::MAX), "pair")
    )
}
