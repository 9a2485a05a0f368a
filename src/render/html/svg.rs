//! Pictures: numbers in, SVG out. No name comes from data here but through [`escape`].
//!
//! Every picture is an image with a title; whoever shows it puts a table of the same numbers beside it. Charts are drawn
//! for a width of 360, that of a telephone, and grow with the page; heat maps keep their size, so that their numbers stay
//! readable.

use std::fmt::Write as _;

use super::escape;
use crate::base::text::thousands;
use crate::render::human::{elide, number, sanitize, width};

/// The width charts are drawn for.
const WIDTH: f64 = 360.0;
/// Where the plot begins, right of the numbers of its axis.
const LEFT: f64 = 36.0;
/// Where it ends.
const RIGHT: f64 = 352.0;
/// What a character of a number is wide at most.
const DIGIT: f64 = 6.6;

/// A value with its interval, on a scale that ends at 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    /// The value.
    pub value: f64,
    /// Its interval.
    pub interval: Option<[f64; 2]>,
}

/// One cell of a heat map.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    /// What it says.
    pub text: String,
    /// What it rests on, in a smaller line.
    pub below: String,
    /// All of it, in words.
    pub title: String,
    /// How strong its colour is; see [`step`].
    pub step: usize,
}

/// Returns how strong the colour of a share is: 0 below a half, then one more a tenth, up to 5.
pub(super) fn step(share: f64) -> usize {
    [0.5, 0.6, 0.7, 0.8, 0.9].iter().filter(|bound| share >= **bound).count()
}

/// Returns a length with one decimal at most, the same on every machine.
fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").map(str::to_owned).unwrap_or(text);
    if text == "-0" { "0".to_owned() } else { text }
}

fn text(x: f64, y: f64, anchor: &str, content: &str) -> String {
    format!("<text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>", px(x), px(y), escape(content))
}

fn rule(from: f64, to: f64, y: f64) -> String {
    format!("<path class=\"grid\" d=\"M{} {}H{}\"/>", px(from), px(y), px(to))
}

/// Returns an image of this title and size around `body`.
fn image(class: &str, title: &str, width: f64, height: f64, body: &str) -> String {
    let (title, width, height) = (escape(title), px(width), px(height));
    format!(
        "<svg class=\"{class}\" role=\"img\" aria-label=\"{title}\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">\n<title>{title}</title>\n{body}</svg>"
    )
}

/// Returns where the middle of place `index` of `count` lies.
fn middle(index: usize, count: usize) -> f64 {
    LEFT + (index as f64 + 0.5) * (RIGHT - LEFT) / count.max(1) as f64
}

/// Returns the first, the last and the middle of `names` under a plot, as far as there is room.
fn ticks(names: &[&str], y: f64) -> String {
    let count = names.len();
    match count {
        0 => String::new(),
        1 => text(middle(0, 1), y, "middle", names[0]),
        _ => {
            let mut ticks = text(middle(0, count).min(LEFT + 12.0), y, "start", names[0]);
            if count > 4 && count % 2 == 1 {
                ticks.push_str(&text(middle(count / 2, count), y, "middle", names[count / 2]));
            }
            ticks + &text(middle(count - 1, count).max(RIGHT - 12.0), y, "end", names[count - 1])
        }
    }
}

/// Returns the least of 1, 2, 5, 10, 20 … that is not below `most`.
fn ceiling(most: u64) -> u64 {
    let powers = std::iter::successors(Some(1u64), |power| power.checked_mul(10));
    let steps = powers.flat_map(|power| [1, 2, 5].map(|step: u64| step.saturating_mul(power)));
    steps.into_iter().find(|step| *step >= most).unwrap_or(most)
}

/// Returns a count that fits beside an axis: `1,200`, `12k`, `3.5M`.
pub(super) fn short(count: u64) -> String {
    match count {
        0..10_000 => thousands(count as usize),
        10_000..1_000_000 => format!("{}k", px(count as f64 / 1e3)),
        _ => format!("{}M", px(count as f64 / 1e6)),
    }
}

/// Returns bars, one a week and row: each row a name and as many counts as there are `weeks`.
pub(super) fn bars(title: &str, weeks: &[&str], rows: &[(&str, Vec<u64>)]) -> String {
    const ROW: f64 = 92.0;
    const BARS: f64 = 52.0;
    let (mut body, count) = (String::new(), weeks.len());
    let slot = (RIGHT - LEFT) / count.max(1) as f64;
    let width = (slot * 0.76).min(30.0);
    for (row, (name, counts)) in rows.iter().enumerate() {
        let top = row as f64 * ROW + 32.0;
        let highest = counts.iter().copied().max().unwrap_or(0);
        // Where every bar has room for its count, no axis is needed.
        let room = counts.iter().all(|count| short(*count).len() as f64 * DIGIT <= slot);
        let most = if room { highest.max(1) } else { ceiling(highest) };
        body.push_str(&text(0.0, top - 20.0, "start", name));
        if !room {
            body.push_str(&text(LEFT - 5.0, top + 4.0, "end", &short(most)));
            body.push_str(&text(LEFT - 5.0, top + BARS + 4.0, "end", "0"));
            body.push_str(&rule(LEFT, RIGHT, top));
        }
        for (index, (week, value)) in weeks.iter().zip(counts).enumerate() {
            if *value == 0 {
                continue;
            }
            let (x, height) = (middle(index, count), (*value as f64 / most as f64 * BARS).max(1.0));
            let _ = write!(
                body,
                "<rect class=\"bar\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}</title></rect>",
                px(x - width / 2.0),
                px(top + BARS - height),
                px(width),
                px(height),
                escape(&format!("{week}: {} {name}", thousands(*value as usize)))
            );
            if room {
                body.push_str(&text(x, top + BARS - height - 3.0, "middle", &short(*value)));
            }
        }
        body.push_str(&rule(LEFT, RIGHT, top + BARS));
        body.push('\n');
    }
    let bottom = rows.len() as f64 * ROW + 8.0;
    body.push_str(&ticks(weeks, bottom));
    image("chart", title, WIDTH, bottom + 8.0, &body)
}

/// Returns a line through the values of `weeks`, with their intervals as a band; where a week has none, it is broken.
pub(super) fn line(title: &str, weeks: &[&str], points: &[Option<Point>]) -> String {
    const TOP: f64 = 12.0;
    const HEIGHT: f64 = 160.0;
    let count = weeks.len();
    let low_of = |point: &Point| point.interval.map_or(point.value, |[low, _]| low.min(point.value));
    let least = points.iter().flatten().map(low_of).fold(0.0, f64::min);
    let floor = ((least * 2.0).floor() / 2.0).max(-1.0);
    let y = |value: f64| TOP + (1.0 - value.clamp(floor, 1.0)) / (1.0 - floor) * HEIGHT;
    let mut body = String::new();
    let spacing = if floor < 0.0 { 0.5 } else { 0.25 };
    let marks = ((1.0 - floor) / spacing).round() as usize;
    for mark in 0..=marks {
        let value = floor + mark as f64 * spacing;
        body.push_str(&rule(LEFT, RIGHT, y(value)));
        let written = if floor < 0.0 { format!("{value:.1}") } else { format!("{value:.2}") };
        body.push_str(&text(LEFT - 5.0, y(value) + 4.0, "end", &written));
    }
    body.push('\n');
    let places: Vec<(usize, Point)> =
        points.iter().enumerate().filter_map(|(index, point)| Some((index, (*point)?))).collect();
    for run in places.chunk_by(|a, b| a.0 + 1 == b.0) {
        body.push_str(&band(run, count, y));
        let path: Vec<String> = run
            .iter()
            .map(|(index, point)| format!("{} {}", px(middle(*index, count)), px(y(point.value))))
            .collect();
        if path.len() > 1 {
            let _ = write!(body, "<path class=\"line\" d=\"M{}\"/>", path.join("L"));
        }
    }
    let radius = if count > 40 { 1.8 } else { 3.2 };
    for (index, point) in &places {
        let _ = write!(
            body,
            "<circle class=\"dot\" cx=\"{}\" cy=\"{}\" r=\"{radius}\"><title>{}: {}</title></circle>",
            px(middle(*index, count)),
            px(y(point.value)),
            escape(weeks[*index]),
            between(point)
        );
    }
    body.push('\n');
    body.push_str(&ticks(weeks, TOP + HEIGHT + 18.0));
    image("chart", title, WIDTH, TOP + HEIGHT + 26.0, &body)
}

/// Returns a value and its interval in words.
pub(super) fn between(point: &Point) -> String {
    match point.interval {
        Some([low, high]) => format!("{} ({} to {})", number(point.value), number(low), number(high)),
        None => number(point.value),
    }
}

/// Returns the band of the intervals of weeks that follow each other; a bar where one stands alone.
fn band(run: &[(usize, Point)], count: usize, y: impl Fn(f64) -> f64) -> String {
    let mut bands = String::new();
    let known: Vec<(usize, [f64; 2])> =
        run.iter().filter_map(|(index, point)| Some((*index, point.interval?))).collect();
    for run in known.chunk_by(|a, b| a.0 + 1 == b.0) {
        if let [(index, [low, high])] = run {
            let (x, top) = (middle(*index, count), y(*high));
            let _ = write!(
                bands,
                "<rect class=\"band\" x=\"{}\" y=\"{}\" width=\"8\" height=\"{}\"/>",
                px(x - 4.0),
                px(top),
                px((y(*low) - top).max(1.0))
            );
            continue;
        }
        let at = |index: usize, value: f64| format!("{} {}", px(middle(index, count)), px(y(value)));
        let upper = run.iter().map(|(index, [_, high])| at(*index, *high));
        let lower = run.iter().rev().map(|(index, [low, _])| at(*index, *low));
        let outline: Vec<String> = upper.chain(lower).collect();
        let _ = write!(bands, "<path class=\"band\" d=\"M{}Z\"/>", outline.join("L"));
    }
    bands
}

/// Characters of a name beside a heat map.
const NAME: usize = 14;

/// Returns a heat map of every two of `names`: `cell` says what stands in a row and an earlier column. The places where a
/// name would meet itself number the columns.
pub(super) fn heat(title: &str, names: &[&str], cell: impl Fn(usize, usize) -> Option<Cell>) -> String {
    const SIDE: f64 = 46.0;
    const HIGH: f64 = 36.0;
    let shown = |name: &str| elide(&sanitize(name), NAME).into_owned();
    let longest = names.iter().map(|name| width(&shown(name))).max().unwrap_or(0);
    // Names are of one width a character; before them stands a number.
    let left = 30.0 + longest as f64 * 7.0;
    let mut body = String::new();
    for (row, name) in names.iter().enumerate() {
        let top = row as f64 * HIGH;
        let _ = write!(
            body,
            "<g class=\"name\"><title>{}</title>{}</g>",
            escape(name),
            text(left - 8.0, top + HIGH / 2.0 + 4.0, "end", &format!("{} {}", shown(name), row + 1))
        );
        for column in 0..row {
            if let Some(cell) = cell(row, column) {
                body.push_str(&heat_cell(left + column as f64 * SIDE, top, SIDE, HIGH, &cell));
            }
        }
        let x = left + (row as f64 + 0.5) * SIDE;
        body.push_str(&text(x, top + HIGH / 2.0 + 4.0, "middle", &(row + 1).to_string()));
        body.push('\n');
    }
    let (top, count) = (names.len() as f64 * HIGH + 14.0, names.len() as f64);
    for (step, words) in ["< 50%", "50%", "60%", "70%", "80%", "≥ 90%"].into_iter().enumerate() {
        let cell = Cell { text: words.to_owned(), below: String::new(), title: String::new(), step };
        body.push_str(&heat_cell(step as f64 * SIDE, top, SIDE, 22.0, &cell));
    }
    let width = (left + count * SIDE).max(6.0 * SIDE);
    image("natural", title, width, top + 24.0, &body)
}

fn heat_cell(x: f64, y: f64, width: f64, height: f64, cell: &Cell) -> String {
    let title = match cell.title.as_str() {
        "" => String::new(),
        title => format!("<title>{}</title>", escape(title)),
    };
    let half = x + width / 2.0;
    let (first, second) = match cell.below.as_str() {
        "" => (text(half, y + height / 2.0 + 4.0, "middle", &cell.text), String::new()),
        below => (
            text(half, y + height / 2.0 - 1.0, "middle", &cell.text),
            text(half, y + height / 2.0 + 12.0, "middle", below),
        ),
    };
    format!(
        "<g class=\"h{}\">{title}<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>{first}{second}</g>",
        cell.step,
        px(x + 1.0),
        px(y + 1.0),
        px(width - 2.0),
        px(height - 2.0)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_the_same_everywhere() {
        assert_eq!([0.04, -0.04, 12.0, 12.25, 1.0 / 3.0].map(px), ["0", "0", "12", "12.2", "0.3"]);
        assert_eq!([0, 1, 3, 5, 6, 11, 900, u64::MAX].map(ceiling)[..7], [1, 1, 5, 5, 10, 20, 1000]);
        assert_eq!([0, 9_999, 12_000, 12_340, 3_500_000].map(short), ["0", "9,999", "12k", "12.3k", "3.5M"]);
        assert_eq!([0.0, 0.4999, 0.5, 0.8, 0.95, 1.0].map(step), [0, 0, 1, 4, 5, 5]);
    }

    #[test]
    fn a_bar_is_as_high_as_its_share_of_the_axis() {
        let picture =
            bars("labels", &["2025-05-05", "2025-05-12", "2025-05-19"], &[("labels", vec![10, 0, 5])]);
        let heights: Vec<&str> = picture
            .split("<rect class=\"bar\"")
            .skip(1)
            .map(|rect| rect.split("height=\"").nth(1).unwrap().split('"').next().unwrap())
            .collect();
        assert_eq!(heights, ["52", "26"], "nothing is drawn of nothing");
        assert!(picture.contains("<title>2025-05-05: 10 labels</title>"), "{picture}");
        assert!(picture.contains("role=\"img\" aria-label=\"labels\""));
    }

    #[test]
    fn a_line_breaks_where_nothing_was_measured_and_stays_on_the_axis() {
        let point = |value, interval| Some(Point { value, interval });
        let points = [
            point(0.5, Some([0.25, 0.75])),
            point(1.0, Some([0.5, 1.4])),
            None,
            point(0.0, Some([-0.2, 0.25])),
        ];
        let picture = line("α", &["a", "b", "c", "d"], &points);
        assert_eq!(picture.matches("class=\"line\"").count(), 1);
        assert_eq!(
            (picture.matches("<path class=\"band\"").count(), picture.matches("<rect").count()),
            (1, 1)
        );
        assert_eq!(picture.matches("class=\"dot\"").count(), 3);
        // The axis reaches from -0.5, a half below the lowest end, to 1, and nothing above it.
        assert!(picture.contains(">-0.5</text>") && picture.contains("cy=\"12\""), "{picture}");
        assert!(!picture.contains(">-1.0</text>"));
    }

    #[test]
    fn names_in_pictures_are_no_markup_and_not_longer_than_their_room() {
        let cell = |row: usize, column: usize| {
            let text = format!("{row}{column}");
            Some(Cell { text, below: "3".into(), title: "<b>".into(), step: 5 })
        };
        let picture = heat("pairs", &["<script>alert(1)</script>", "b\u{202e}"], cell);
        assert!(!picture.contains("<script") && !picture.contains("<b>"), "{picture}");
        assert!(picture.contains(">&lt;script&gt;alert… 1</text>"), "{picture}");
        assert!(picture.contains(r"b\u{202e}"));
        assert_eq!(picture.matches("class=\"h5\"").count(), 2, "one cell, and one of the legend");
    }
}
