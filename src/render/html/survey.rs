//! Pictures of a ledger, each with a table of its numbers.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::svg::{self, Cell, Point};
use super::{called, escape_text, many, name, table, tiles, wide};
use crate::base::text::{count, thousands};
use crate::render::human::{number, percent};
use crate::survey::{Disputed, Grid, LabelerSurvey, Pair, Survey, TaskSurvey, Transition, Transitions, Week};

/// Labels that are shown as a matrix; more are listed cell by cell.
const MATRIX: usize = 12;
/// Labelers of a heat map that takes half the page.
const BESIDE: usize = 6;
/// Labelers named who say one thing of an item.
const NAMED: usize = 12;
/// Listed cells.
const LISTED: usize = 50;

/// Writes the pictures of every task.
pub(super) fn survey(survey: &Survey, out: &mut impl Write) -> io::Result<()> {
    if survey.tasks.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>The ledger, task by task</h2>")?;
    survey.tasks.iter().try_for_each(|one| task(one, out))?;
    writeln!(out, "</section>")
}

fn task(task: &TaskSurvey, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "<section class=\"task\">\n<h3>{}</h3>", name(&task.task))?;
    let volume = &task.volume;
    let counts = [(volume.labels, "labels"), (volume.items, "items"), (volume.labelers, "labelers")];
    tiles(&counts, out)?;
    if volume.labels == 0 {
        return writeln!(out, "<p>Nobody labelled anything.</p>\n</section>");
    }
    match &task.weeks[..] {
        [week] => only_week(task, week, out)?,
        _ => {
            writeln!(out, "<div class=\"pair\">")?;
            per_week(task, out)?;
            over_time(task, out)?;
            writeln!(out, "</div>")?;
        }
    }
    // Few labelers leave room beside them.
    let beside = if task.grid.labelers.len() <= BESIDE { "pair" } else { "below" };
    writeln!(out, "<div class=\"{beside}\">")?;
    grid(&task.grid, out)?;
    transitions("What labelers changed their own labels to", "before", &task.revised, out)?;
    transitions("What adjudications made of labels", "label", &task.adjudicated, out)?;
    writeln!(out, "</div>")?;
    labelers(task, out)?;
    disputed(task, out)?;
    writeln!(out, "</section>")
}

/// Writes what there is to say of a single week, which makes no picture.
fn only_week(task: &TaskSurvey, week: &Week, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "<p>All of it is of the week that began on Monday, {}; labels without a time stand in the week they were recorded.",
        week.monday
    )?;
    if let Some(value) = week.agreement {
        let point = Point { value: value.value, interval: value.interval };
        let (metric, value, items) = (called(task.metric), svg::between(&point), value.items);
        let items = count(items as usize, "item");
        writeln!(out, "{metric} of it is {value}, on {items} with two labels or more.")?;
    }
    writeln!(out, "</p>")
}

/// Writes the numbers of a picture, folded away.
fn numbers(label: &str, heads: &[&str], rows: &[Vec<String>], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "<details>\n<summary>The numbers</summary>")?;
    wide(label, out, |out| table(heads, rows, out))?;
    writeln!(out, "</details>")
}

fn per_week(task: &TaskSurvey, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "<figure>\n<h4>How much, week by week</h4>")?;
    let weeks: Vec<&str> = task.weeks.iter().map(|week| week.monday.as_str()).collect();
    let row = |of: fn(&Week) -> u64| task.weeks.iter().map(of).collect::<Vec<u64>>();
    let rows = [
        ("labels", row(|week| week.volume.labels)),
        ("items", row(|week| week.volume.items)),
        ("labelers", row(|week| week.volume.labelers)),
    ];
    writeln!(out, "{}", svg::bars("Labels, items and labelers of every week", &weeks, &rows))?;
    let earlier = match &task.earlier {
        Some(earlier) => format!(" {} were made before.", thousands(earlier.labels as usize)),
        None => String::new(),
    };
    writeln!(
        out,
        "<figcaption>Weeks begin on Monday, UTC; labels without a time stand in the week they were recorded.{earlier}</figcaption>"
    )?;
    let row = |week: &Week| {
        let volume = &week.volume;
        vec![week.monday.clone(), many(volume.labels), many(volume.items), many(volume.labelers)]
    };
    let rows: Vec<Vec<String>> = task.weeks.iter().map(row).collect();
    numbers(
        "Labels, items and labelers of every week",
        &["week", ">labels", ">items", ">labelers"],
        &rows,
        out,
    )?;
    writeln!(out, "</figure>")
}

fn over_time(task: &TaskSurvey, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "<figure>\n<h4>How far labelers agree, week by week</h4>")?;
    let weeks: Vec<&str> = task.weeks.iter().map(|week| week.monday.as_str()).collect();
    let point =
        |week: &Week| week.agreement.map(|value| Point { value: value.value, interval: value.interval });
    let points: Vec<Option<Point>> = task.weeks.iter().map(point).collect();
    if points.iter().all(Option::is_none) {
        return writeln!(
            out,
            "<p>In no week were items labelled by two labelers or more, in more ways than one.</p>\n</figure>"
        );
    }
    let metric = called(task.metric);
    let title = format!("{metric} of the labels of every week");
    writeln!(out, "{}", svg::line(&title, &weeks, &points))?;
    writeln!(
        out,
        "<figcaption>{metric} of the current labels made in a week; the band is its 95 % interval.</figcaption>"
    )?;
    let row = |(week, point): (&Week, &Option<Point>)| {
        let value = point.as_ref().map_or_else(|| "–".to_owned(), svg::between);
        let items = week.agreement.map_or_else(|| "–".to_owned(), |value| many(value.items));
        vec![week.monday.clone(), value, items]
    };
    let rows: Vec<Vec<String>> = task.weeks.iter().zip(&points).map(row).collect();
    numbers(&title, &["week", ">value (95 % interval)", ">items with two labels"], &rows, out)?;
    writeln!(out, "</figure>")
}

/// Returns a share of 100 without decimals; 0 and 100 mean none and all.
fn whole(part: u64, all: u64) -> String {
    let percent = (part as f64 / all.max(1) as f64 * 100.0).round();
    let most = if part < all { 99.0 } else { 100.0 };
    format!("{:.0}%", percent.clamp(if part > 0 { 1.0 } else { 0.0 }, most))
}

fn grid(grid: &Grid, out: &mut impl Write) -> io::Result<()> {
    if grid.pairs.is_empty() {
        return Ok(());
    }
    writeln!(out, "<figure>\n<h4>Who agrees with whom</h4>")?;
    let names: Vec<&str> = grid.labelers.iter().map(String::as_str).collect();
    let pairs: BTreeMap<(&str, &str), &Pair> =
        grid.pairs.iter().map(|pair| ((pair.a.as_str(), pair.b.as_str()), pair)).collect();
    let cell = |row: usize, column: usize| {
        let pair = pairs.get(&(names[column], names[row]))?;
        let text = whole(pair.agreeing, pair.items);
        let title = format!(
            "{} and {}: the same label on {} of {}",
            pair.a,
            pair.b,
            thousands(pair.agreeing as usize),
            count(pair.items as usize, "item")
        );
        let below = svg::short(pair.items);
        Some(Cell { text, below, title, step: svg::step(pair.share()) })
    };
    let title = "The share of their common items on which two labelers say the same";
    wide("Who agrees with whom", out, |out| writeln!(out, "{}", svg::heat(title, &names, cell)))?;
    let left_out = match grid.left_out {
        0 => String::new(),
        left_out => {
            let left_out = count(left_out as usize, "less busy labeler");
            format!(" The {} busiest are shown; {left_out} left out.", names.len())
        }
    };
    writeln!(
        out,
        "<figcaption>{title}, and how many items these are. Columns are numbered as rows are.{left_out}</figcaption>"
    )?;
    let row = |pair: &Pair| {
        let kappa = pair.kappa.map_or_else(|| "–".to_owned(), number);
        vec![
            name(&pair.a),
            name(&pair.b),
            many(pair.items),
            many(pair.agreeing),
            super::escape(&percent(pair.share())),
            kappa,
        ]
    };
    let rows: Vec<Vec<String>> = grid.pairs.iter().map(row).collect();
    numbers(
        "Every two labelers",
        &["labeler", "labeler", ">items", ">alike", ">share", ">Cohen’s κ"],
        &rows,
        out,
    )?;
    writeln!(out, "</figure>")
}

fn label(label: &Option<String>) -> String {
    label.as_deref().map_or_else(|| "<em>abstained</em>".to_owned(), name)
}

fn transitions(heading: &str, from: &str, moved: &Transitions, out: &mut impl Write) -> io::Result<()> {
    if moved.cells.is_empty() {
        return Ok(());
    }
    writeln!(out, "<figure>\n<h4>{heading}</h4>")?;
    let mut labels: Vec<&Option<String>> =
        moved.cells.iter().flat_map(|cell| [&cell.before, &cell.after]).collect();
    labels.sort_by_key(|label| (label.is_none(), *label));
    labels.dedup();
    let left_out = match labels.len() <= MATRIX {
        true => {
            wide(heading, out, |out| matrix(from, &labels, &moved.cells, out))?;
            moved.left_out
        }
        false => {
            let row = |cell: &Transition| vec![label(&cell.before), label(&cell.after), many(cell.count)];
            let rows: Vec<Vec<String>> = moved.cells.iter().take(LISTED).map(row).collect();
            wide(heading, out, |out| table(&[from, "after", ">labels"], &rows, out))?;
            moved.left_out + moved.cells.iter().skip(LISTED).map(|cell| cell.count).sum::<u64>()
        }
    };
    if left_out > 0 {
        writeln!(out, "<figcaption>{} more are not shown.</figcaption>", many(left_out))?;
    }
    writeln!(out, "</figure>")
}

/// Writes a row a label before, a column a label after; the colour of a count is its share of the row.
fn matrix(
    from: &str,
    labels: &[&Option<String>],
    cells: &[Transition],
    out: &mut impl Write,
) -> io::Result<()> {
    let found = |before: &Option<String>, after: &Option<String>| {
        cells.iter().find(|cell| (&cell.before, &cell.after) == (before, after)).map_or(0, |cell| cell.count)
    };
    write!(out, "<table class=\"heat\">\n<tr><td class=\"left\">{from}, below; after, across</td>")?;
    for after in labels {
        write!(out, "<th scope=\"col\">{}</th>", label(after))?;
    }
    writeln!(out, "</tr>")?;
    for before in labels {
        let counts: Vec<u64> = labels.iter().map(|after| found(before, after)).collect();
        let all: u64 = counts.iter().sum();
        if all == 0 {
            continue;
        }
        write!(out, "<tr><th scope=\"row\">{}</th>", label(before))?;
        for count in counts {
            // Halves of a row are common here, and shares below them are what is looked for.
            let step = (count as f64 / all as f64 * 5.0).ceil() as usize;
            match count {
                0 => write!(out, "<td class=\"left\">·</td>")?,
                count => write!(out, "<td class=\"h{step}\">{}</td>", many(count))?,
            }
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</table>")
}

fn labelers(task: &TaskSurvey, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "<h4>Labelers</h4>")?;
    let share = |part: u64, all: u64| match all {
        0 => "–".to_owned(),
        all => super::escape(&percent(part as f64 / all as f64)),
    };
    let row = |labeler: &LabelerSurvey| {
        vec![
            name(&labeler.labeler),
            many(labeler.labels),
            many(labeler.items),
            share(labeler.agreeing, labeler.compared),
            many(labeler.compared),
            share(labeler.confirmed, labeler.labels),
        ]
    };
    let rows: Vec<Vec<String>> = task.labelers.iter().map(row).collect();
    let heads = ["labeler", ">labels", ">items", ">agrees with others", ">comparisons", ">confirmed guesses"];
    wide("Labelers", out, |out| table(&heads, &rows, out))?;
    match task.labelers_left_out {
        0 => Ok(()),
        more => {
            writeln!(out, "<p class=\"left\">{} not listed.</p>", count(more as usize, "less busy labeler"))
        }
    }
}

fn disputed(task: &TaskSurvey, out: &mut impl Write) -> io::Result<()> {
    if task.disputed.is_empty() {
        return Ok(());
    }
    let listed = count(task.disputed.len(), "item");
    let more = match task.disagreeing.saturating_sub(task.disputed.len() as u64) {
        0 => String::new(),
        _ => format!(", of {}", many(task.disagreeing)),
    };
    writeln!(out, "<h4>Where they disagree</h4>")?;
    writeln!(out, "<details>\n<summary>{listed}{more}, the most disputed first</summary>")?;
    task.disputed.iter().try_for_each(|one| disagreement(one, out))?;
    writeln!(out, "</details>")
}

fn disagreement(item: &Disputed, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "<article>\n<h5>{}</h5>\n<p class=\"who\">{} of pairs of labels are the same</p>",
        name(&item.item),
        super::escape(&percent(item.agreement))
    )?;
    if let Some(text) = &item.text {
        writeln!(out, "<bdi class=\"text\" dir=\"auto\">{}</bdi>", escape_text(text))?;
    }
    let mut by_label: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for said in &item.labels {
        by_label.entry(&said.label).or_default().push(&said.labeler);
    }
    let who = |who: Vec<&str>| {
        let named: Vec<String> = who.iter().take(NAMED).map(|one| name(one)).collect();
        match who.len() - named.len() {
            0 => named.join(", "),
            more => format!("{} and {more} more", named.join(", ")),
        }
    };
    super::chips(by_label.into_iter().map(|(label, all)| (name(label), who(all))), out)?;
    writeln!(out, "</article>")
}
