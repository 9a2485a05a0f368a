//! Agreement for people: the coefficients with what each says, the pairs that agree least, what to do next.

use std::io::{self, Write};

use super::{Cell, Style, Table, Tone, number, percent, sanitize, shell_word, wrap};
use crate::agreement::{AgreementReport, Metric, Undefined};
use crate::base::text;
use crate::render::agreement::{
    Shown, headline, least_agreeing, meaning, notes, outlier, overall, pair_note, shown_pairs, title, why,
};
use crate::table::Source;

/// How many labelers are shown.
const LABELERS: usize = 5;
/// From this α on labels are fit for tentative conclusions, Krippendorff (2004).
const TENTATIVE: f64 = 0.667;
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
        coefficients(report).write(style, out)?;
        labelers(report, style, out)?;
        pairs(report, style, out)?;
    }
    let mut notes = notes(report).peekable();
    if notes.peek().is_some() {
        writeln!(out, "\n{}", style.paint(Tone::Heading, "Notes"))?;
    }
    notes.try_for_each(|note| paragraph("- ", note, style, out))?;
    writeln!(out)?;
    next(report, style, out)
}

fn coefficients(report: &AgreementReport) -> Table {
    let mut table = Table::new(&[">", "", ""]);
    for (name, metric) in overall(report) {
        let value = match metric.value {
            None => "-".to_owned(),
            Some(value) if metric.metric == "percent_agreement" => percent(value),
            Some(value) => number(value),
        };
        let value = tone(metric).map_or_else(|| Cell::from(&value), |tone| Cell::toned(tone, &value));
        table.row([value, name.into(), Cell::from(meaning(report, metric))]);
    }
    table
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
        return paragraph(
            "Next: ",
            "have a second labeler label some of the same items, then ask again",
            style,
            out,
        );
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

/// Writes a command to run, and what it is for; on a line of its own where both are too long for one.
fn command(word: &str, command: &str, purpose: &str, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let painted = style.paint(Tone::Id, command);
    let lead = format!("{word}:");
    if lead.len() + 4 + super::width(command) + super::width(purpose) <= style.width {
        writeln!(out, "{lead:<5} {painted}   {}", style.paint(Tone::Dim, purpose))
    } else {
        writeln!(out, "{lead:<5} {painted}\n      {}", style.paint(Tone::Dim, purpose))
    }
}

/// Writes `text` in lines that fit, the first after `lead`, the others below it.
fn paragraph(lead: &str, text: &str, style: &Style, out: &mut impl Write) -> io::Result<()> {
    let text = sanitize(text);
    for (index, line) in wrap(&text, style.width.saturating_sub(lead.len()).max(20)).iter().enumerate() {
        let lead = if index == 0 { lead.to_owned() } else { " ".repeat(lead.len()) };
        writeln!(out, "{lead}{line}")?;
    }
    Ok(())
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

          0.475  Krippendorff's α   below 0.667: discard (Krippendorff 2004)
          0.473  Fleiss' κ          0.4 to 0.6: moderate (Landis & Koch 1977)
          0.473  mean Cohen's κ     over 15 pairs of labelers
          73.7%  percent agreement  by chance alone 50.0% would agree

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

          ^[[32m0.901^[[0m  Krippendorff's α   0.8 or more: reliable (Krippendorff 2004)
          0.900  Fleiss' κ          0.8 to 1: almost perfect (Landis & Koch 1977)
          0.900  Cohen's κ          0.8 to 1: almost perfect (Landis & Koch 1977)
          95.0%  percent agreement  by chance alone 50.1% would agree

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

             -  Krippendorff's α   no value: all labels are one class
             -  Fleiss' κ          no value: all labels are one class
             -  mean Cohen's κ     no value: all labels are one class
          100%  percent agreement  not corrected for chance

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
