//! The card of a dataset folder: a `README.md` with the YAML head that `datasets.load_dataset` and the Hugging Face hub
//! read, and what people should know before they train on it.
//!
//! In: a [`Card`]. Out: its text. Invariant: whatever the names in it are, the head is YAML and the rest is Markdown that
//! shows them as they are.

use std::fmt::Write;

/// What a card tells.
#[derive(Clone, Debug)]
pub struct Card<'a> {
    /// The snapshot.
    pub name: &'a str,
    /// Its task.
    pub task: &'a str,
    /// What labelers were asked.
    pub question: Option<&'a str>,
    /// What a row is: `correction`, `item`.
    pub noun: &'a str,
    /// The snapshot's digest.
    pub digest: &'a str,
    /// How it was decided what is in it, with its parameters: names and values.
    pub policy: &'a [(String, String)],
    /// When it was made.
    pub created_at: &'a str,
    /// By which program.
    pub tool: &'a str,
    /// The files of the splits: the split, its path in the folder, its rows. Without rows there is no file: `datasets`
    /// refuses an empty split.
    pub files: &'a [(String, String, usize)],
    /// The verdicts or labels, with their rows.
    pub counts: &'a [(String, u64)],
    /// The labelers, with their rows.
    pub labelers: &'a [(String, u64)],
    /// The columns, and what each holds.
    pub columns: &'a [(&'a str, &'a str)],
}

/// Labelers and labels that a card lists.
const LISTED: usize = 50;

/// Returns the text of a card.
pub fn card(card: &Card<'_>) -> String {
    let mut out = String::new();
    let written = "a String takes all that is written";
    head(card, &mut out).expect(written);
    body(card, &mut out).expect(written);
    out
}

/// Returns the name of a split as `datasets` takes it: letters, digits, underscores and single dots.
pub fn split_name(name: &str) -> String {
    name.replace('-', "_")
}

fn head(card: &Card<'_>, out: &mut String) -> std::fmt::Result {
    let rows: usize = card.files.iter().map(|(_, _, rows)| rows).sum();
    writeln!(out, "---")?;
    writeln!(out, "pretty_name: {}", quoted(&format!("{} {}", card.task, card.name)))?;
    writeln!(out, "# license: the choice of whoever publishes this")?;
    writeln!(out, "size_categories:\n- {}", size(rows))?;
    writeln!(out, "tags:\n- human-feedback\n- hitl")?;
    writeln!(out, "configs:\n- config_name: default\n  data_files:")?;
    for (split, path, _) in card.files.iter().filter(|(_, _, rows)| *rows > 0) {
        writeln!(out, "  - split: {}\n    path: {}", quoted(&split_name(split)), quoted(path))?;
    }
    writeln!(out, "---\n")
}

fn body(card: &Card<'_>, out: &mut String) -> std::fmt::Result {
    writeln!(out, "# {} {}\n", code(card.task), code(card.name))?;
    let rows: usize = card.files.iter().map(|(_, _, rows)| rows).sum();
    let what = match card.noun {
        "correction" => "Corrections that people made, one row for each thing said of an item.",
        _ => "Labels that people gave, one row an item.",
    };
    writeln!(out, "{what} {rows} rows of the task {}.", code(card.task))?;
    if let Some(question) = card.question {
        writeln!(out, "\nLabelers were asked:\n\n{}", quote(question))?;
    }
    writeln!(out, "\n## Where it comes from\n")?;
    writeln!(out, "- snapshot {}, digest {}", code(card.name), code(card.digest))?;
    writeln!(out, "- made {} by {}", card.created_at, card.tool)?;
    let policy: Vec<String> =
        card.policy.iter().map(|(name, value)| format!("{name} {}", code(value))).collect();
    writeln!(out, "- {}", policy.join(", "))?;
    writeln!(
        out,
        "\nIn the repository it was made in, `hitl snapshot verify {}` rebuilds it from",
        card.name
    )?;
    writeln!(out, "the judgements and compares the digest; `snapshot.yaml` here is its lock.")?;
    table(
        out,
        "Splits",
        &["split", "rows"],
        card.files.iter().map(|(split, _, rows)| (split, *rows as u64)),
    )?;
    let counted = if card.noun == "correction" { "verdict" } else { "label" };
    table(
        out,
        &format!("Rows by {counted}"),
        &[counted, "rows"],
        card.counts.iter().map(|(name, n)| (name, *n)),
    )?;
    table(out, "Labelers", &["labeler", "rows"], card.labelers.iter().map(|(name, n)| (name, *n)))?;
    writeln!(
        out,
        "\nLabelers stand under the names they have in the repository, which should be pseudonyms."
    )?;
    writeln!(out, "The texts are as they were given: look for personal data before publishing.")?;
    writeln!(out, "\n## Columns\n\n| column | holds |\n|---|---|")?;
    card.columns.iter().try_for_each(|(name, holds)| writeln!(out, "| `{name}` | {holds} |"))
}

fn table<'a>(
    out: &mut String,
    title: &str,
    names: &[&str; 2],
    rows: impl ExactSizeIterator<Item = (&'a String, u64)>,
) -> std::fmt::Result {
    let all = rows.len();
    if all == 0 {
        return Ok(());
    }
    writeln!(out, "\n## {title}\n\n| {} | {} |\n|---|---:|", names[0], names[1])?;
    for (name, count) in rows.take(LISTED) {
        writeln!(out, "| {} | {count} |", code(name).replace('|', "\\|"))?;
    }
    if all > LISTED { writeln!(out, "\nand {} more", all - LISTED) } else { Ok(()) }
}

/// Returns the hub's word for so many rows.
fn size(rows: usize) -> &'static str {
    match rows {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        1_000_000..10_000_000 => "1M<n<10M",
        10_000_000..100_000_000 => "10M<n<100M",
        _ => "100M<n<1B",
    }
}

/// Returns a text as a double-quoted scalar: JSON's escapes are YAML's too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Returns a text as it is, in backticks, on one line.
fn code(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Returns a text as an indented block, in which nothing is markup.
fn quote(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_says_where_it_comes_from_and_what_it_holds() {
        let text = card(&Card {
            name: "v1",
            task: "reply",
            question: Some("Is the *answer* good?"),
            noun: "correction",
            digest: "0bf4",
            policy: &[("policy".into(), "accepted".into()), ("min_length".into(), "10".into())],
            created_at: "2026-05-04T10:20:30Z",
            tool: "hitl 0.1.0",
            files: &[
                ("train".into(), "data/train.parquet".into(), 1200),
                ("val-1".into(), "data/val-1.parquet".into(), 3),
            ],
            counts: &[("corrected".into(), 1200), ("approved".into(), 3)],
            labelers: &[("an`a|".into(), 1203)],
            columns: &[("item", "the item")],
        });
        insta::assert_snapshot!(text);
    }
}
