//! `textconv`: rows as lines that a diff shows well.
//!
//! A row is one line of `name=value`, nulls left out, the answer right after who gave it; texts that people read follow
//! on lines of their own, further in. Nothing depends on a terminal, a time zone or other rows.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{readable, sanitize, width};
use crate::base::Digest;
use crate::record::{Column, Field, FieldType, Kind, Rows, col, schema};
use crate::shard::Error;
use crate::store::LfsPointer;

/// A text of so many columns has a line of its own.
const INLINE: usize = 60;
/// Fields that people read, which have lines of their own however short.
const READ: [&str; 10] = [
    "original",
    "corrected",
    "reason",
    "rationale",
    "context",
    "text",
    "metadata",
    "scores",
    "guideline_gap",
    "note",
];

/// Writes the rows of a shard part by part, in the order they are in, and where they end in an error, that too.
///
/// # Errors
/// Whatever writing meets.
pub fn shard_rows(
    parts: impl IntoIterator<Item = Result<Rows, Error>>,
    out: &mut impl Write,
) -> io::Result<()> {
    for (place, part) in parts.into_iter().enumerate() {
        match part {
            Ok(rows) => part_rows(&rows, out)?,
            Err(error) if place == 0 => no_shard(&error.to_string(), out)?,
            Err(error) => {
                let why = error.to_string();
                writeln!(out, "hitl textconv: the rows after these cannot be read: {}", sanitize(&why))?;
            }
        }
    }
    Ok(())
}

fn part_rows(rows: &Rows, out: &mut impl Write) -> io::Result<()> {
    let order = order(rows.kind());
    (0..rows.len()).try_for_each(|row| write_row(rows, row, &order, out))
}

/// Writes that a shard cannot be read, in one line.
///
/// # Errors
/// Whatever writing meets.
pub fn no_shard(why: &str, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "hitl textconv: no rows to show: {}", sanitize(why))
}

/// Writes that the object of a Git LFS pointer is not here.
///
/// # Errors
/// Whatever writing meets.
pub fn absent_object(pointer: &LfsPointer, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "hitl textconv: a Git LFS pointer, whose object is not here; `git lfs pull` fetches it")?;
    writeln!(out, "  oid sha256:{}", pointer.sha256)?;
    writeln!(out, "  size {}", pointer.bytes)
}

/// Returns the columns as they are told: what, who, the answer; then the others.
fn order(kind: Kind) -> Vec<usize> {
    let first: &[usize] = match kind {
        Kind::Corrections => &[col::ITEM, col::LABELER, col::VERDICT],
        kind if kind.is_judgement() => &[col::ITEM, col::LABELER, col::LABEL],
        _ => &[],
    };
    let rest = (0..schema(kind).len()).filter(|column| !first.contains(column));
    first.iter().copied().chain(rest).collect()
}

fn write_row(rows: &Rows, row: usize, order: &[usize], out: &mut impl Write) -> io::Result<()> {
    let fields = schema(rows.kind());
    let (mut below, mut gap) = (Vec::new(), "");
    for index in order {
        let (field, column) = (&fields[*index], &rows.columns()[*index]);
        if column.is_null(row) {
            if rows.kind().is_judgement() && field.name == "label" {
                write!(out, "{gap}abstained")?;
            }
            continue;
        }
        let value = value(rows, row, *index);
        if has_own_lines(field, &value) {
            below.push((field.name, value));
            continue;
        }
        write!(out, "{gap}{}={}", field.name, inline(&value))?;
        gap = " ";
    }
    writeln!(out)?;
    below.iter().try_for_each(|(name, text)| lines(name, text, out))
}

/// Returns a value that is not null.
fn value(rows: &Rows, row: usize, index: usize) -> Cow<'_, str> {
    match &rows.columns()[index] {
        Column::Text(values) => values.get(row).unwrap_or_default().into(),
        Column::Time(_) => rows.time(row, index).map(|time| time.to_string()).unwrap_or_default().into(),
        Column::Int(values) => values[row].unwrap_or_default().to_string().into(),
        Column::Float(values) => values[row].unwrap_or_default().to_string().into(),
        Column::Bool(values) => values[row].unwrap_or_default().to_string().into(),
        Column::Texts(values) => values[row].iter().flatten().cloned().collect::<Vec<_>>().join(", ").into(),
        Column::Floats(values) => {
            let numbers = values[row].as_deref().unwrap_or_default();
            let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
            // Enough to see that it is another one.
            format!("{} numbers {}", numbers.len(), Digest::of(&bytes).short(8)).into()
        }
    }
}

fn has_own_lines(field: &Field, value: &str) -> bool {
    let long = || value.len() > INLINE && width(value) > INLINE || value.contains('\n');
    READ.contains(&field.name) || field.kind == FieldType::Text && field.name != "item" && long()
}

/// Returns a value as one word of a line, in quotes where it would not read as one.
fn inline(value: &str) -> Cow<'_, str> {
    let plain = !value.is_empty() && !value.contains([' ', '"', '=']);
    match plain {
        true => sanitize(value),
        false => format!("\"{}\"", sanitize(value).replace('"', "\\\"")).into(),
    }
}

/// Writes a text on lines of its own: after its name where it is one line, else below it.
fn lines(name: &str, text: &str, out: &mut impl Write) -> io::Result<()> {
    if !text.contains('\n') {
        return writeln!(out, "  {name}: {}", readable(text));
    }
    writeln!(out, "  {name}:")?;
    text.split('\n').try_for_each(|line| match line {
        "" => writeln!(out),
        line => writeln!(out, "    {}", readable(line)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::record::Origin;

    fn text(rows: &Rows) -> String {
        let mut out = Vec::new();
        part_rows(rows, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_row_is_a_line_and_texts_follow_on_their_own() {
        let mut rows = Rows::empty(Kind::Corrections);
        let row = rows.push_judgement("msg 1", "ana", Origin::Changed);
        rows.set_time(row, col::CREATED_AT, Timestamp::from_micros(1_746_432_007_000_000));
        rows.set_float(row, col::CONFIDENCE, Some(0.9));
        rows.set_text(row, col::ORIGINAL, "I has a cat .");
        rows.set_text(row, col::CORRECTED, "I have a cat.\n\nTwo, even.\n");
        rows.set_text(row, col::VERDICT, "corrected");
        let row = rows.push_judgement("msg 2", "eve\u{202e}", Origin::Fresh);
        rows.set_text(row, col::ORIGINAL, "\u{1b}[2Jfine");
        rows.set_text(row, col::VERDICT, "approved");
        insta::assert_snapshot!(text(&rows), @r#"
        item="msg 1" labeler=ana verdict=corrected created_at=2025-05-05T08:00:07Z origin=changed confidence=0.9
          original: I has a cat .
          corrected:
            I have a cat.

            Two, even.

        item="msg 2" labeler=eve\u{202e} verdict=approved origin=fresh
          original: \u{1b}[2Jfine
        "#);
    }

    #[test]
    fn abstentions_long_labels_and_embeddings_show() {
        let mut rows = Rows::empty(Kind::Predictions);
        rows.push_judgement("a", "model@1", Origin::Fresh);
        let row = rows.push_judgement("b", "model@1", Origin::Fresh);
        rows.set_text(row, col::LABEL, &format!("[{}]", "1,".repeat(40)));
        rows.set_text(row, col::SCORES, r#"{"no":0.25,"yes":0.75}"#);
        let mut columns = rows.columns().to_vec();
        columns[13] = Column::Floats(vec![None, Some(vec![0.5, 0.25])].into());
        let said = text(&Rows::from_columns(Kind::Predictions, columns).unwrap());
        insta::assert_snapshot!(said, @r#"
        item=a labeler=model@1 abstained origin=fresh
        item=b labeler=model@1 origin=fresh embedding="2 numbers bfa5538a"
          label: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,]
          scores: {"no":0.25,"yes":0.75}
        "#);
    }

    #[test]
    fn an_error_after_rows_does_not_deny_them() {
        let said = |parts: Vec<Result<Rows, Error>>| {
            let mut out = Vec::new();
            shard_rows(parts, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let mut rows = Rows::empty(Kind::Labels);
        rows.push_judgement("a", "ana", Origin::Fresh);
        let error = || Err(Error::Order { row: 1 });
        let why = Error::Order { row: 1 };
        assert_eq!(said(vec![error()]), format!("hitl textconv: no rows to show: {why}\n"));
        let after = format!("{}hitl textconv: the rows after these cannot be read: {why}\n", text(&rows));
        assert_eq!(said(vec![Ok(rows), error()]), after);
    }

    #[test]
    fn a_value_reads_as_one_word() {
        assert_eq!(inline("plain"), "plain");
        assert_eq!(inline("a \"b\" c"), r#""a \"b\" c""#);
        assert_eq!(inline("a=b"), "\"a=b\"");
        assert_eq!(inline(""), "\"\"");
        assert_eq!(inline("tab\there"), r"tab\there");
    }
}
