//! Agreement as Markdown: the coefficients first, the pairs folded away.

use std::io::{self, Write};

use super::{code, escape, table};
use crate::agreement::AgreementReport;
use crate::base::text;
use crate::render::agreement::{headline, meaning, notes, overall, pair_note, shown_pairs, title};
use crate::render::human::{number, percent};

/// Writes `report` as a section of a Markdown page.
///
/// # Errors
/// Whatever writing meets.
pub fn agreement(report: &AgreementReport, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "### {}\n\n{}\n", escape(&title(report)), headline(report))?;
    let rows: Vec<Vec<String>> = overall(report)
        .into_iter()
        .map(|(name, metric)| {
            let value = match metric.value {
                None => "–".to_owned(),
                Some(value) if metric.metric == "percent_agreement" => percent(value),
                Some(value) => number(value),
            };
            vec![name.to_owned(), format!("**{value}**"), meaning(report, metric)]
        })
        .collect();
    table(&["coefficient", ">value", "reading"], &rows, out)?;
    if report.counts.labelers > 2 {
        pairs(report, out)?;
    }
    let notes: Vec<String> = notes(report).map(|note| format!("- {}", escape(note))).collect();
    if !notes.is_empty() {
        writeln!(out, "\n{}", notes.join("\n"))?;
    }
    Ok(())
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

        | coefficient | value | reading |
        | --- | ---: | --- |
        | Krippendorff's α | **0.375** | below 0.667: discard (Krippendorff 2004) |
        | Fleiss' κ | **0.250** | 0.2 to 0.4: fair (Landis & Koch 1977) |
        | mean Cohen's κ | **0.333** | over 3 pairs of labelers |
        | percent agreement | **66.7%** | by chance alone 55.6% would agree |

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
