//! Agreement as Markdown: the coefficients first, the pairs folded away.

use std::io::{self, Write};

use super::{code, escape, table};
use crate::agreement::{AgreementReport, Change, Changed, Group, View};
use crate::base::text;
use crate::render::agreement::{
    between, headline, meaning, notes, overall, pair_note, reading, shown_pairs, title, value_of,
};
use crate::render::human::number;

/// Writes `report` as a section of a Markdown page.
///
/// # Errors
/// Whatever writing meets.
pub fn agreement(report: &AgreementReport, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "### {}\n\n{}\n", escape(&title(report)), headline(report))?;
    let rows: Vec<Vec<String>> = overall(report)
        .into_iter()
        .map(|(name, metric)| {
            let value = metric.value.map_or_else(|| "–".to_owned(), |_| value_of(metric));
            let between = between(metric);
            vec![name, format!("**{value}**"), between, meaning(&report.metrics, metric)]
        })
        .collect();
    table(&["coefficient", ">value", "between", "reading"], &rows, out)?;
    let reading = reading(report);
    if !reading.is_empty() {
        writeln!(out)?;
    }
    reading.iter().try_for_each(|line| writeln!(out, "- {}.", escape(line)))?;
    if let Some(change) = &report.change {
        changes(change, out)?;
    }
    report.views.iter().try_for_each(|view| parts(view, out))?;
    if report.counts.labelers > 2 {
        pairs(report, out)?;
    }
    let notes: Vec<String> = notes(report).map(|note| format!("- {}", escape(note))).collect();
    if !notes.is_empty() {
        writeln!(out, "\n{}", notes.join("\n"))?;
    }
    Ok(())
}

fn changes(change: &Change, out: &mut impl Write) -> io::Result<()> {
    let changed = text::plural(change.items_changed as usize, "item has", "items have");
    writeln!(out, "\n**Since {}** ({changed} other labels)\n", code(&change.base))?;
    let row = |changed: &Changed| {
        let shown = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), number);
        let signed =
            |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:+.3}"));
        let between = format!("{} to {}", signed(changed.ci_low), signed(changed.ci_high));
        let before_and_after = [shown(changed.before), shown(changed.after)];
        let [before, after] = before_and_after;
        vec![escape(changed.metric), before, after, signed(changed.delta), between]
    };
    let rows: Vec<Vec<String>> = change.metrics.iter().map(row).collect();
    table(&["coefficient", ">before", ">after", ">change", "between"], &rows, out)
}

fn parts(view: &View, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n**By {}**\n", view.by)?;
    let row = |group: &Group| {
        let alpha = group.metrics.iter().find(|metric| metric.metric == "krippendorff_alpha");
        let value = alpha.and_then(|alpha| alpha.value).map_or_else(|| "–".to_owned(), number);
        let between = alpha.map(between).unwrap_or_default();
        let counts = [group.counts.labels, group.counts.items_with_two_labels as usize];
        let [labels, items] = counts.map(text::thousands);
        vec![code(&group.group), value, between, labels, items]
    };
    let rows: Vec<Vec<String>> = view.groups.iter().map(row).collect();
    table(&[view.by, ">α", "between", ">labels", ">items with two"], &rows, out)
}

fn pairs(report: &AgreementReport, out: &mut impl Write) -> io::Result<()> {
    let shown = shown_pairs(report);
    if shown.pairs.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n<details><summary>{}: Cohen's κ on the items both labelled</summary>\n", shown.title)?;
    let rows: Vec<Vec<String>> = shown
        .pairs
        .iter()
        .map(|(pair, metric)| {
            let value = metric.value.map_or_else(|| "–".to_owned(), number);
            vec![
                code(&pair[0]),
                code(&pair[1]),
                value,
                text::thousands(metric.n_items as usize),
                pair_note(metric).to_owned(),
            ]
        })
        .collect();
    table(&["labeler", "labeler", ">κ", ">items", "note"], &rows, out)?;
    if shown.more > 0 {
        writeln!(out, "\n… {}", text::plural(shown.more, "more pair", "more pairs"))?;
    }
    writeln!(out, "\n</details>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::{Options, measure};
    use crate::table::Table;

    #[test]
    fn labelers_cannot_break_the_page() {
        let labels = [
            ("i1", "ana", "yes"),
            ("i1", "@bob|<b>", "no"),
            ("i1", "raj", "yes"),
            ("i2", "ana", "no"),
            ("i2", "@bob|<b>", "no"),
            ("i2", "raj", "no"),
        ];
        let report = measure(&Table::from_labels(labels, None), Some("rte"), &Options::default()).unwrap();
        let mut out = Vec::new();
        agreement(&report, &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#"
        ### Agreement on rte

        2 items, 6 labels by 3 labelers

        | coefficient | value | between | reading |
        | --- | ---: | --- | --- |
        | Krippendorff's α | **0.375** | -0.250 to 0.375 | discard (Krippendorff 2004) |
        | Fleiss' κ | **0.250** | -4.515 to 1.000 | fair (Landis & Koch 1977) |
        | mean Cohen's κ | **0.333** |  | over 3 pairs of labelers |
        | Gwet's AC1 | **0.400** | -10.273 to 1.000 | by chance alone 44.4% |
        | Brennan-Prediger | **0.333** | -8.137 to 1.000 | by chance alone 50.0% |
        | percent agreement | **66.7%** | -356.9% to 100% | by chance alone 55.6% would agree |

        - All of it rests on 2 items with two labels or more: too few to tell anything.
        - For α ± 0.1 label about 20 items twice (now 2).

        <details><summary>Pairs of labelers: Cohen's κ on the items both labelled</summary>

        | labeler | labeler | κ | items | note |
        | --- | --- | ---: | ---: | --- |
        | `@bob\|<b>` | `ana` | 0.000 | 2 | one labeler gave one class only |
        | `@bob\|<b>` | `raj` | 0.000 | 2 | one labeler gave one class only |
        | `ana` | `raj` | 1.000 | 2 | few items |

        </details>

        - 3 pairs have fewer than 10 items in common: their κ says little
        "#);
    }
}
