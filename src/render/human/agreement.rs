//! Agreement for people: the coefficients with what each says, where disagreement comes from, what to do next.

use std::io::{self, Write};

use super::lines::{command, paragraph};
use super::{Cell, Style, Table, Tone, elide, number, percent, sanitize, shell_word};
use crate::agreement::{AgreementReport, Change, Disputed, Metric, Undefined, View};
use crate::base::text;
use crate::render::agreement::{
    Shown, TENTATIVE, between, headline, least_agreeing, meaning, named, notes, outlier, overall, pair_note,
    reading, shown_confusions, shown_pairs, title, value_of, why,
};
use crate::table::Source;

/// How many labelers are shown.
const LABELERS: usize = 5;
/// How many labelers of an item are named.
const NAMED: usize = 6;
/// From this α on labels are reliable, Krippendorff (2004).
const RELIABLE: f64 = 0.8;

/// Writes `report` for people.
///
/// # Errors
/// Whatever writing meets.
pub fn agreement(report: &AgreementReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}\n{}\n", style.paint(Tone::Heading, &sanitize(&title(report))), headline(report))?;
    if report.counts.items_with_two_labels == 0 {
        writeln!(out, "  Nothing to measure: {}.", why(Undefined::NoItemWithTwoLabels))?;
    } else {
        coefficients(&report.metrics, overall(report)).write(style, out)?;
        let reading = reading(report);
        if !reading.is_empty() {
            writeln!(out)?;
        }
        reading.iter().try_for_each(|line| paragraph("", &format!("{line}."), None, style, out))?;
        if let Some(change) = &report.change {
            changes(change, style, out)?;
        }
        report.views.iter().try_for_each(|view| parts(view, report, style, out))?;
        labelers(report, style, out)?;
        confusions(report, style, out)?;
        strengths(report, style, out)?;
        pairs(report, style, out)?;
        disputed(report, style, out)?;
    }
    let mut notes = notes(report).peekable();
    if notes.peek().is_some() {
        writeln!(out, "\n{}", style.paint(Tone::Heading, "Notes"))?;
    }
    notes.try_for_each(|note| paragraph("- ", note, None, style, out))?;
    writeln!(out)?;
    next(report, style, out)
}

fn coefficients(metrics: &[Metric], shown: Vec<(String, &Metric)>) -> Table {
    let mut table = Table::new(&[">", "", "", ""]);
    for (name, metric) in shown {
        let value = value_of(metric);
        let value = tone(metric).map_or_else(|| Cell::from(&value), |tone| Cell::toned(tone, &value));
        let between = Cell::toned(Tone::Dim, between(metric));
        table.row([value, between, name.into(), Cell::from(meaning(metrics, metric))]);
    }
    table
}

fn changes(change: &Change, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let changed = text::plural(change.items_changed as usize, "item has", "items have");
    let heading = format!("Since {}", sanitize(&change.base));
    writeln!(out, "\n{} ({changed} other labels)", style.paint(Tone::Heading, &heading))?;
    let mut table = Table::new(&[">before", ">after", ">change", "between", ""]);
    for changed in &change.metrics {
        let shown = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), number);
        let signed = changed.delta.map_or_else(|| "-".to_owned(), |delta| format!("{delta:+.3}"));
        // An interval that leaves out 0 is a change.
        let sure =
            changed.ci_low.is_some_and(|low| low > 0.0) || changed.ci_high.is_some_and(|high| high < 0.0);
        let tone = match changed.delta {
            Some(delta) if sure && delta < 0.0 => Tone::Bad,
            Some(_) if sure => Tone::Good,
            _ => Tone::Dim,
        };
        let between = match (changed.ci_low, changed.ci_high) {
            (Some(low), Some(high)) => format!("{low:+.3} to {high:+.3}"),
            _ => String::new(),
        };
        let cells = [shown(changed.before), shown(changed.after)].map(Cell::from);
        let [before, after] = cells;
        table.row([before, after, Cell::toned(tone, signed), between.into(), word(changed.metric).into()]);
    }
    table.write(style, out)
}

/// Returns the name of a coefficient as people write it.
fn word(metric: &str) -> &str {
    match metric {
        "krippendorff_alpha" => "Krippendorff's α",
        "fleiss_kappa" => "Fleiss' κ",
        "gwet_ac1" => "Gwet's AC1",
        "brennan_prediger" => "Brennan-Prediger",
        "percent_agreement" => "percent agreement",
        other => other,
    }
}

fn parts(view: &View, report: &AgreementReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{}", style.paint(Tone::Heading, &format!("By {}", view.by)))?;
    let mut table = Table::new(&[">α", "between", ">agree", ">labels", ">items", view.by]);
    for group in &view.groups {
        let metrics = named(&group.metrics, report.level, false);
        let of =
            |name: &str| metrics.iter().find(|(_, metric)| metric.metric == name).map(|(_, metric)| *metric);
        let alpha = of("krippendorff_alpha");
        let between = alpha.map(between).unwrap_or_default();
        let shown = |metric: Option<&Metric>| metric.map_or_else(|| "-".to_owned(), value_of);
        table.row([
            shown(alpha).into(),
            Cell::toned(Tone::Dim, between),
            shown(of("percent_agreement")).into(),
            text::thousands(group.counts.labels).into(),
            text::thousands(group.counts.items_with_two_labels as usize).into(),
            Cell::toned(Tone::Id, &group.group),
        ]);
    }
    table.write(style, out)
}

fn confusions(report: &AgreementReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let shown = shown_confusions(report);
    if shown.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{} (share of all disagreement)",
        style.paint(Tone::Heading, "Classes that are confused")
    )?;
    let mut table = Table::new(&[">share", ">items", ">α as one", "class", "class"]);
    for confusion in shown {
        let merged = confusion.alpha_merged.map_or_else(|| "-".to_owned(), number);
        let [a, b] = confusion.classes.each_ref().map(Cell::from);
        let items = text::thousands(confusion.n_items as usize);
        table.row([percent(confusion.share).into(), items.into(), merged.into(), a, b]);
    }
    table.write(style, out)
}

fn strengths(report: &AgreementReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let Some(strengths) = &report.strengths else { return Ok(()) };
    let title = style.paint(Tone::Heading, "Who is preferred");
    writeln!(out, "\n{title} (Bradley-Terry strengths, ± standard error of the logarithm)")?;
    let mut table = Table::new(&[">strength", ">±", ">comparisons", "contestant"]);
    for strength in strengths {
        let se = strength.log_se.map_or_else(|| "-".to_owned(), number);
        let comparisons = text::thousands(strength.comparisons as usize);
        table.row([
            number(strength.strength).into(),
            se.into(),
            comparisons.into(),
            Cell::from(&strength.contestant),
        ]);
    }
    table.write(style, out)
}

fn disputed(report: &AgreementReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if report.disputed.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", style.paint(Tone::Heading, "Items that disagree most"))?;
    for disputed in &report.disputed {
        let said = said(disputed, style.width.saturating_sub(4));
        writeln!(out, "  {}\n    {said}", style.paint(Tone::Id, &sanitize(&disputed.item)))?;
        if let Some(text) = &disputed.text {
            let text = sanitize(text);
            writeln!(out, "    {}", style.paint(Tone::Dim, &elide(&text, style.width.saturating_sub(4))))?;
        }
    }
    Ok(())
}

/// Returns what was said of an item, each label with who said so: `yes: ana, bob · no: raj`; with how many, where they
/// are many.
fn said(disputed: &Disputed, limit: usize) -> String {
    let mut by_label = std::collections::BTreeMap::<&str, Vec<&str>>::new();
    for said in &disputed.labels {
        by_label.entry(&said.label).or_default().push(&said.labeler);
    }
    let mut groups: Vec<_> = by_label.into_iter().collect();
    groups.sort_by_key(|(_, labelers)| std::cmp::Reverse(labelers.len()));
    let all_named = disputed.labels.len() <= NAMED;
    let group = |(label, labelers): (&str, Vec<&str>)| match all_named {
        true => format!("{label}: {}", labelers.join(", ")),
        false => format!("{label}: {}", labelers.len()),
    };
    let said = groups.into_iter().map(group).collect::<Vec<_>>().join(" · ");
    elide(&sanitize(&said), limit).into_owned()
}

/// α alone is coloured: its author's limits are about use, those for κ are words for sizes.
fn tone(metric: &Metric) -> Option<Tone> {
    let value = metric.value.filter(|_| metric.metric == "krippendorff_alpha")?;
    Some(match value {
        value if value >= RELIABLE => Tone::Good,
        value if value >= TENTATIVE => Tone::Warn,
        _ => Tone::Bad,
    })
}

fn labelers(report: &AgreementReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let least = least_agreeing(report, LABELERS);
    if least.is_empty() {
        return Ok(());
    }
    let title = if report.labelers.len() > LABELERS {
        "Labelers who agree least with the others"
    } else {
        "Labelers"
    };
    writeln!(out, "\n{} (mean Cohen's κ with the others)", style.paint(Tone::Heading, title))?;
    let mut table = Table::new(&[">κ", ">labels", ">others", "labeler"]);
    for (labeler, value) in least {
        let counts = [labeler.labels, labeler.pairs].map(|count| Cell::from(text::thousands(count as usize)));
        let [labels, others] = counts;
        table.row([number(value).into(), labels, others, Cell::toned(Tone::Id, &labeler.labeler)]);
    }
    table.write(style, out)
}

fn pairs(report: &AgreementReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let shown = shown_pairs(report);
    if shown.pairs.is_empty() || report.counts.labelers == 2 {
        return Ok(());
    }
    writeln!(out, "\n{} (Cohen's κ on the items both labelled)", style.paint(Tone::Heading, shown.title))?;
    pair_table(&shown).write(style, out)?;
    if shown.more == 0 {
        return Ok(());
    }
    let more = text::plural(shown.more, "more pair", "more pairs");
    writeln!(out, "  {}", style.paint(Tone::Dim, &format!("… {more}; --format json has them all")))
}

fn pair_table(shown: &Shown<'_>) -> Table {
    let noted = shown.pairs.iter().any(|(_, metric)| !pair_note(metric).is_empty());
    let mut heads = vec![">κ", ">agree", ">items", "labeler", "labeler"];
    heads.extend(noted.then_some("note"));
    let mut table = Table::new(&heads);
    for (pair, metric) in &shown.pairs {
        let value = metric.value.map_or_else(|| "-".to_owned(), number);
        let observed = match metric.undefined {
            Some(_) => percent(1.0),
            None => metric.observed.map(percent).unwrap_or_default(),
        };
        let items = text::thousands(metric.n_items as usize);
        let [a, b] = pair.each_ref().map(|name| Cell::toned(Tone::Id, name));
        table.row([
            value.into(),
            observed.into(),
            items.into(),
            a,
            b,
            Cell::toned(Tone::Warn, pair_note(metric)),
        ]);
    }
    table
}

fn next(report: &AgreementReport, style: &Style, out: &mut impl Write) -> io::Result<()> {
    if report.counts.items_with_two_labels == 0 {
        let text = "have a second labeler label some of the same items, then ask again";
        return paragraph("Next: ", text, None, style, out);
    }
    if report.source == Source::File {
        return command("Next", "hitl init", "keep such labels with who said what, and when", style, out);
    }
    let task = report.task.as_ref().map(|task| format!(" --task {}", shell_word(task))).unwrap_or_default();
    if let Some(labeler) = outlier(report) {
        let labeler = shell_word(&labeler.labeler);
        command("Next", &format!("hitl labels{task} --labeler {labeler}"), "what they said", style, out)?;
        let revert = format!("hitl revert{task} --labeler {labeler} --dry-run");
        return command("or", &revert, "what taking it back would change", style, out);
    }
    let alpha = report.overall("krippendorff_alpha").and_then(|alpha| alpha.value);
    if alpha.is_some_and(|alpha| alpha < TENTATIVE) {
        let purpose = "read the items people differ on beside the guideline";
        return command("Next", &format!("hitl labels{task}"), purpose, style, out);
    }
    let purpose = "freeze what these labels resolve to";
    command("Next", &format!("hitl snapshot create NAME{task}"), purpose, style, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::{Options, measure};
    use crate::table::Table as Labels;

    fn show(report: &AgreementReport, style: Style) -> String {
        let mut out = Vec::new();
        agreement(report, &style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// Labels of `labelers` on `items`; each labeler says the truth, two classes, unless `wrong` says otherwise.
    fn labels(
        labelers: &[&str],
        items: usize,
        wrong: impl Fn(usize, usize) -> bool,
    ) -> Vec<(String, String, String)> {
        let mut labels = Vec::new();
        for item in 0..items {
            for (index, labeler) in labelers.iter().enumerate() {
                let class = if (item % 2 == 0) != wrong(item, index) { "yes" } else { "no" };
                labels.push((format!("i{item}"), (*labeler).to_owned(), class.to_owned()));
            }
        }
        labels
    }

    fn report(labels: Vec<(String, String, String)>, task: Option<&str>) -> AgreementReport {
        measure(&Labels::from_labels(labels, None), task, &Options::default()).unwrap()
    }

    const SIX: [&str; 6] = ["ana", "bob", "eve", "kim", "lu", "raj"];

    #[test]
    fn a_careless_labeler_stands_out() {
        let labels = labels(&SIX, 60, |item, labeler| {
            (item * 7 + labeler * 3) % 11 == 0 || (labeler == 1 && item % 3 == 0)
        });
        let mut report = report(labels, Some("rte"));
        report.source = Source::Ledger;
        let plain = show(&report, Style::PLAIN);
        insta::assert_snapshot!(plain, @r#"
        Agreement on rte
        60 items, 360 labels by 6 labelers

          0.475  0.377 to 0.552  Krippendorff's α   discard (Krippendorff 2004)
          0.473  0.377 to 0.570  Fleiss' κ          moderate (Landis & Koch 1977)
          0.473                  mean Cohen's κ     over 15 pairs of labelers
          0.473  0.376 to 0.570  Gwet's AC1         by chance alone 50.0%
          0.473  0.377 to 0.570  Brennan-Prediger   by chance alone 50.0%
          73.7%  68.8% to 78.5%  percent agreement  by chance alone 50.0% would agree

        All of it rests on 60 items with two labels or more: a first impression.
        No one labeler and no one pair of classes is behind it: the guideline as a
        whole, or items that are hard.
        For α ± 0.05 label about 186 items twice (now 60).

        Labelers who agree least with the others (mean Cohen's κ with the others)
              κ  labels  others  labeler
          0.166      60       5  bob
          0.527      60       5  ana
          0.527      60       5  lu
          0.527      60       5  raj
          0.540      60       5  kim

        Pairs that agree least (Cohen's κ on the items both labelled)
              κ  agree  items  labeler  labeler
          0.132  56.7%     60  bob      kim
          0.167  58.3%     60  ana      bob
          0.167  58.3%     60  bob      lu
          0.167  58.3%     60  bob      raj
          0.199  60.0%     60  bob      eve
          0.600  80.0%     60  ana      lu
          0.600  80.0%     60  ana      raj
          0.600  80.0%     60  lu       raj
          0.633  81.7%     60  ana      eve
          0.633  81.7%     60  ana      kim
          … 5 more pairs; --format json has them all

        Items that disagree most
          i0
            yes: eve, kim, lu, raj · no: ana, bob
          i12
            yes: ana, eve, kim, lu · no: bob, raj
          i18
            yes: ana, kim, lu, raj · no: bob, eve
          i27
            no: ana, eve, lu, raj · yes: bob, kim
          i3
            no: ana, eve, kim, raj · yes: bob, lu

        Next: hitl labels --task rte --labeler bob   what they said
        or:   hitl revert --task rte --labeler bob --dry-run
              what taking it back would change
        "#);
        let colored = show(&report, Style { color: true, ..Style::PLAIN });
        assert_eq!(anstream::adapter::strip_str(&colored).to_string(), plain);
        assert!(plain.lines().all(|line| super::super::width(line) <= 80), "{plain}");
    }

    #[test]
    fn two_labelers_in_colour() {
        let report =
            report(labels(&["ana", "raj"], 40, |item, labeler| labeler == 1 && item % 20 == 3), None);
        insta::assert_snapshot!(show(&report, Style { color: true, ..Style::PLAIN }).replace('\u{1b}', "^["), @r#"
        ^[[1mAgreement^[[0m
        40 items, 80 labels by 2 labelers

          ^[[32m0.901^[[0m  ^[[2m0.745 to 1.000^[[0m  Krippendorff's α   reliable (Krippendorff 2004)
          0.900  ^[[2m0.758 to 1.000^[[0m  Fleiss' κ          almost perfect (Landis & Koch 1977)
          0.900  ^[[2m0.766 to 1.000^[[0m  Cohen's κ          almost perfect (Landis & Koch 1977)
          0.900  ^[[2m0.759 to 1.000^[[0m  Gwet's AC1         by chance alone 49.9%
          0.900  ^[[2m0.759 to 1.000^[[0m  Brennan-Prediger   by chance alone 50.0%
          95.0%  ^[[2m87.9% to 100%^[[0m   percent agreement  by chance alone 50.1% would agree

        All of it rests on 40 items with two labels or more: a first impression.
        For α ± 0.1 label about 65 items twice (now 40).

        ^[[1mItems that disagree most^[[0m
          ^[[36mi23^[[0m
            no: ana · yes: raj
          ^[[36mi3^[[0m
            no: ana · yes: raj

        Next: ^[[36mhitl init^[[0m   ^[[2mkeep such labels with who said what, and when^[[0m
        "#);
    }

    #[test]
    fn what_cannot_be_told_is_said_in_words() {
        let one = ["i1", "i2"].map(|item| (item.to_owned(), "ana".to_owned(), "yes".to_owned()));
        insta::assert_snapshot!(show(&report(one.to_vec(), None), Style::PLAIN), @r#"
        Agreement
        2 items (none with two labels), 2 labels by 1 labeler

          Nothing to measure: no item has labels by two labelers.

        Next: have a second labeler label some of the same items, then ask again
        "#);
        let same = report(labels(&["ana", "raj", "e\u{1b}[2Jve"], 3, |item, _| item % 2 == 1), None);
        insta::assert_snapshot!(show(&same, Style::PLAIN), @r#"
        Agreement
        3 items, 9 labels by 3 labelers

             -                Krippendorff's α   no value: all labels are one class
             -                Fleiss' κ          no value: all labels are one class
             -                mean Cohen's κ     no value: all labels are one class
             -                Gwet's AC1         no value: there is only one class to c…
             -                Brennan-Prediger   no value: there is only one class to c…
          100%  100% to 100%  percent agreement  not corrected for chance

        All of it rests on 3 items with two labels or more: too few to tell anything.

        Pairs of labelers (Cohen's κ on the items both labelled)
          κ  agree  items  labeler       labeler       note
          -   100%      3  ana           e\u{1b}[2Jve  one class only
          -   100%      3  ana           raj           one class only
          -   100%      3  e\u{1b}[2Jve  raj           one class only

        Notes
        - there is no variation in the labels: reliability cannot be judged
        - 3 pairs have fewer than 10 items in common: their κ says little

        Next: hitl init   keep such labels with who said what, and when
        "#);
        insta::assert_snapshot!(show(&report(Vec::new(), None), Style::PLAIN), @r#"
        Agreement
        0 items, 0 labels by 0 labelers

          Nothing to measure: no item has labels by two labelers.

        Next: have a second labeler label some of the same items, then ask again
        "#);
    }
}
