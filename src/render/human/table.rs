//! Tables: no lines but the words, columns two spaces apart, bounded by the terminal's width.
//!
//! Text columns shrink, the widest first, and elide their cells; numbers, which stand to the right, never do.

use std::io::{self, Write};

use super::text::{elide, sanitize, width};
use super::{Style, Tone};

/// The space between columns.
const GAP: usize = 2;
/// What a text column keeps however narrow the terminal is.
const LEAST: usize = 12;

/// One cell: its text, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    text: String,
    tone: Option<Tone>,
}

impl Cell {
    /// Returns a cell in the look of `tone`.
    pub fn toned(tone: Tone, text: impl AsRef<str>) -> Self {
        Self { text: sanitize(text.as_ref()).into_owned(), tone: Some(tone) }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: sanitize(text.as_ref()).into_owned(), tone: None }
    }
}

/// A table in the making.
#[derive(Clone, Debug)]
pub struct Table {
    /// The columns' heads, and whether each holds numbers.
    heads: Vec<(String, bool)>,
    rows: Vec<Vec<Cell>>,
    indent: usize,
}

impl Table {
    /// Returns a table without rows. A head that begins with `>` is of a column of numbers, which stand to the right.
    /// With only empty heads no line is spent on them.
    pub fn new(heads: &[&str]) -> Self {
        let head = |head: &&str| {
            head.strip_prefix('>').map_or_else(|| ((*head).to_owned(), false), |head| (head.to_owned(), true))
        };
        Self { heads: heads.iter().map(head).collect(), rows: Vec::new(), indent: 2 }
    }

    /// Returns the table `indent` columns from the left instead of two.
    pub fn indented(mut self, indent: usize) -> Self {
        self.indent = indent;
        self
    }

    /// Appends a row; cells beyond the heads are not shown, missing ones are empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Writes the table, one line a row.
    ///
    /// # Errors
    /// Whatever writing meets.
    pub fn write(&self, style: &Style, out: &mut impl Write) -> io::Result<()> {
        let widths = self.widths(style.width);
        if self.heads.iter().any(|(head, _)| !head.is_empty()) {
            let heads: Vec<Cell> = self.heads.iter().map(|(head, _)| Cell::toned(Tone::Dim, head)).collect();
            self.line(&heads, &widths, style, out)?;
        }
        self.rows.iter().try_for_each(|row| self.line(row, &widths, style, out))
    }

    fn line(&self, cells: &[Cell], widths: &[usize], style: &Style, out: &mut impl Write) -> io::Result<()> {
        let mut gap = self.indent;
        for ((cell, limit), (_, number)) in cells.iter().zip(widths).zip(&self.heads) {
            let text = if *number { cell.text.as_str().into() } else { elide(&cell.text, *limit) };
            let space = limit.saturating_sub(width(&text));
            let painted = cell.tone.map_or_else(|| text.to_string(), |tone| style.paint(tone, &text));
            let before = if *number { gap + space } else { gap };
            if !text.is_empty() {
                write!(out, "{:before$}{painted}", "")?;
            }
            // Space after a cell is owed, and only paid when another cell follows: no line ends in spaces.
            gap = if text.is_empty() { gap + limit + GAP } else { GAP + if *number { 0 } else { space } };
        }
        out.write_all(b"\n")
    }

    fn widths(&self, limit: usize) -> Vec<usize> {
        let mut widths: Vec<usize> = self.heads.iter().map(|(head, _)| width(head)).collect();
        for row in &self.rows {
            for (most, cell) in widths.iter_mut().zip(row) {
                *most = (*most).max(width(&cell.text));
            }
        }
        let gaps = self.indent + GAP * self.heads.len().saturating_sub(1);
        let mut over = (widths.iter().sum::<usize>() + gaps).saturating_sub(limit);
        while over > 0 {
            let texts = widths.iter_mut().zip(&self.heads).filter(|(_, (_, number))| !number);
            let Some((widest, _)) =
                texts.max_by_key(|(width, _)| **width).filter(|(width, _)| **width > LEAST)
            else {
                break;
            };
            *widest -= 1;
            over -= 1;
        }
        widths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["task", ">labels", "last labeler", "state"]);
        table.row(["rte".into(), "8,000".into(), "A2K5ICP43ML4PW".into(), Cell::toned(Tone::Good, "clean")]);
        table.row(["感情".into(), "12".into(), "bob\u{1b}[2J".into(), Cell::toned(Tone::Bad, "")]);
        table
    }

    fn text(style: Style) -> String {
        let mut out = Vec::new();
        table().write(&style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_line_up() {
        insta::assert_snapshot!(text(Style::PLAIN), @r#"
        task  labels  last labeler    state
        rte    8,000  A2K5ICP43ML4PW  clean
        感情      12  bob\u{1b}[2J
        "#);
    }

    #[test]
    fn texts_shrink_to_the_terminal_and_numbers_do_not() {
        insta::assert_snapshot!(text(Style { color: false, width: 34 }), @r#"
        task  labels  last labeler  state
        rte    8,000  A2K5ICP43ML…  clean
        感情      12  bob\u{1b}[2J
        "#);
        assert!(text(Style { color: false, width: 0 }).contains("8,000"));
    }

    #[test]
    fn colour_only_repeats_the_words() {
        let colored = text(Style { color: true, width: 80 });
        assert!(colored.contains("\u{1b}[32mclean\u{1b}[0m"), "{colored:?}");
        let bare = anstream::adapter::strip_str(&colored).to_string();
        assert_eq!(bare, text(Style::PLAIN));
    }
}
