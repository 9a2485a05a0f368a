//! One labeler of `labelers.yaml` changed in its text, everything else of the file left as people wrote it.
//!
//! The file is read to find where things stand, and what is written is read back: a text that does not come to say just
//! what was wanted is none.

use std::ops::Range;

use super::super::initial::scalar;
use super::super::node::{self, Node, Value};
use super::{Key, Labeler, Labelers, Status};
use crate::base::{Timestamp, text};

/// Returns the text of `labelers.yaml` with `id` as `wanted`, new or changed in status and keys: lines beside it, their
/// order and comments stay. `None` where the text has faults, or is laid out in a way that cannot be followed.
pub fn edit_labelers(text: &str, id: &str, wanted: &Labeler) -> Option<String> {
    let mut after = Labelers::parse(text, None).ok()?;
    after.labelers.insert(id.to_owned(), wanted.clone());
    let mut text = text.to_owned();
    // What moves lines comes before what is found by their numbers, so the text is read again for every step.
    for _ in 0..wanted.keys.len() * 3 + 3 {
        let now = Labelers::parse(&text, None).ok()?;
        if now == after {
            return Some(text);
        }
        text = step(&text, &now, id, wanted)?;
    }
    None
}

/// Returns a labeler as an entry of `labelers`, `indent` spaces from the left, a line each.
pub fn labeler_block(id: &str, labeler: &Labeler, indent: usize) -> Vec<String> {
    let mut lines = vec![format!("{}:", scalar(id)), format!("  kind: {}", labeler.kind.as_str())];
    if labeler.status != Status::Active {
        lines.push(format!("  status: {}", labeler.status.as_str()));
    }
    let roles: Vec<String> = labeler.roles.iter().map(|role| role.as_str().to_owned()).collect();
    let mut list = |name: &str, words: &[String]| {
        let words: Vec<String> = words.iter().map(|word| scalar(word)).collect();
        if !words.is_empty() {
            lines.push(format!("  {name}: [{}]", words.join(", ")));
        }
    };
    list("aliases", &labeler.aliases);
    list("roles", &roles);
    list("tasks", &labeler.tasks);
    list("specialisations", &labeler.specialisations);
    if let Some(availability) = &labeler.availability {
        lines.push(format!("  availability: {}", scalar(availability)));
    }
    if !labeler.keys.is_empty() {
        lines.push("  keys:".to_owned());
        lines.extend(labeler.keys.iter().flat_map(|key| item(key, 4)));
    }
    indented(lines, indent)
}

/// Returns a key as an item of a list, a line each.
fn item(key: &Key, indent: usize) -> Vec<String> {
    let text = scalar(key.key.as_str());
    let times = times(key).into_iter().filter_map(|(name, time)| Some(format!("  {name}: {}", time?)));
    let mut lines: Vec<String> = times.collect();
    lines.insert(0, if lines.is_empty() { format!("- {text}") } else { format!("- key: {text}") });
    indented(lines, indent)
}

fn times(key: &Key) -> [(&'static str, Option<Timestamp>); 3] {
    [
        ("valid_from", key.valid_from),
        ("valid_until", key.valid_until),
        ("compromised_since", key.compromised_since),
    ]
}

fn indented(lines: Vec<String>, by: usize) -> Vec<String> {
    lines.into_iter().map(|line| format!("{}{line}", " ".repeat(by))).collect()
}

/// Makes one of the changes that lead from `now`, which `text` says, to `wanted`.
fn step(text: &str, now: &Labelers, id: &str, wanted: &Labeler) -> Option<String> {
    let root = node::parse(text).ok()?;
    let mut lines = Lines::of(text);
    let Some((key, table)) = field(&root, "labelers") else {
        let block = labeler_block(id, wanted, 2);
        lines.insert(lines.all.len(), [vec!["labelers:".to_owned()], block].concat());
        return Some(lines.all.concat());
    };
    match (&table.value, now.labelers.get(id)) {
        (Value::Map(_), _) if !is_block(table) => {
            let entries = now.labelers.iter().flat_map(|(id, labeler)| labeler_block(id, labeler, 2));
            lines.rewrite(key, table, entries.collect())?;
        }
        (Value::Map(entries), Some(labeler)) => {
            let (key, entry) = entries.iter().find(|(key, _)| is_called(key, id))?;
            change(&mut lines, (key, entry), (id, labeler), wanted)?;
        }
        (Value::Map(entries), None) => {
            let (first, last) = (&entries.first()?.0, &entries.last()?.0);
            let end = lines.block(last).end;
            lines.insert(end, labeler_block(id, wanted, first.place.column - 1));
        }
        (Value::Null, _) => {
            let end = lines.block(key).end;
            lines.insert(end, labeler_block(id, wanted, key.place.column + 1));
        }
        (Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_), _) => return None,
    }
    Some(lines.all.concat())
}

/// Changes the entry of one labeler a step towards `wanted`.
fn change(
    lines: &mut Lines,
    (key, entry): (&Node, &Node),
    (id, now): (&str, &Labeler),
    wanted: &Labeler,
) -> Option<()> {
    if matches!(entry.value, Value::Map(_)) && !is_block(entry) {
        let mut block = labeler_block(id, now, key.place.column - 1);
        block.remove(0);
        return lines.rewrite(key, entry, block);
    }
    let inner = match &entry.value {
        Value::Map(fields) => fields.first()?.0.place.column - 1,
        Value::Null => key.place.column + 1,
        Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => return None,
    };
    if now.status != wanted.status {
        let status = wanted.status.as_str();
        if let Some((_, value)) = field(entry, "status") {
            return lines.replace(value, status);
        }
        let after = field(entry, "kind").map_or(key, |(kind, _)| kind).place.line;
        lines.insert(after, indented(vec![format!("status: {status}")], inner));
        return Some(());
    }
    let added = wanted.keys.get(now.keys.len()..).filter(|_| now.keys != wanted.keys)?;
    let Some((keys, listed)) = field(entry, "keys") else {
        let items = added.iter().flat_map(|key| item(key, 2)).collect();
        let end = lines.block(key).end;
        lines.insert(end, indented([vec!["keys:".to_owned()], items].concat(), inner));
        return Some(());
    };
    let items = match &listed.value {
        Value::List(items) if is_block(listed) => items,
        Value::List(_) => {
            let items = now.keys.iter().flat_map(|key| item(key, inner + 2));
            return lines.rewrite(keys, listed, items.collect());
        }
        Value::Null => &Vec::new(),
        Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Map(_) => return None,
    };
    let pairs = items.iter().zip(now.keys.iter().zip(&wanted.keys));
    if let Some((item, (now, wanted))) = pairs.into_iter().find(|(_, (now, wanted))| now != wanted) {
        return change_key(lines, item, now, wanted);
    }
    let dash = items.first().and_then(|item| lines.indent(item.place.line - 1)).unwrap_or(inner + 2);
    let end = lines.block(keys).end;
    lines.insert(end, added.iter().flat_map(|key| item(key, dash)).collect());
    Some(())
}

/// Changes one time of one listed key.
fn change_key(lines: &mut Lines, listed: &Node, now: &Key, wanted: &Key) -> Option<()> {
    let changed = times(now).into_iter().zip(times(wanted)).find(|(now, wanted)| now != wanted);
    let (_, (name, time)) = changed.filter(|_| now.key == wanted.key)?;
    let line = format!("{name}: {}", time?);
    match &listed.value {
        Value::Map(fields) if is_block(listed) => match field(listed, name) {
            Some((_, value)) => lines.replace(value, &time?.to_string()),
            None => {
                let (first, (_, last)) = (&fields.first()?.0, fields.last()?);
                lines.insert(last.place.line, indented(vec![line], first.place.column - 1));
                Some(())
            }
        },
        // The table in braces becomes one of lines, and is changed by the next step.
        Value::Map(_) => {
            let mut block = item(now, lines.indent(listed.place.line - 1)?);
            let comment = lines.comment(listed)?;
            let at = listed.place.line - 1;
            block[0] = with_comment(&block[0], &comment);
            lines.all.remove(at);
            lines.insert(at, block);
            Some(())
        }
        Value::Text(_) => {
            let at = lines.at(listed)?;
            lines.all[listed.place.line - 1].insert_str(at.start, "key: ");
            lines.insert(listed.place.line, indented(vec![line], listed.place.column - 1));
            Some(())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) => None,
    }
}

/// Returns a field of a table, whatever stands there.
fn field<'a>(table: &'a Node, name: &str) -> Option<(&'a Node, &'a Node)> {
    let Value::Map(entries) = &table.value else { return None };
    entries.iter().find(|(key, _)| key.scalar() == Some(name)).map(|(key, value)| (key, value))
}

fn is_called(key: &Node, id: &str) -> bool {
    key.scalar().is_some_and(|name| text::nfc(name) == id)
}

/// Whether a table or list is written line below line, not in braces.
fn is_block(node: &Node) -> bool {
    !node.source.starts_with(['{', '['])
}

/// Returns the place where the last scalar in a node begins to end: line, and column behind it.
fn last_end(node: &Node) -> (usize, usize) {
    let own = (node.place.line, node.place.column + node.place.length);
    let below: Box<dyn Iterator<Item = &Node>> = match &node.value {
        Value::List(items) => Box::new(items.iter()),
        Value::Map(entries) => Box::new(entries.iter().flat_map(|(key, value)| [key, value])),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => Box::new(std::iter::empty()),
    };
    below.map(last_end).fold(own, Ord::max)
}

fn with_comment(line: &str, comment: &str) -> String {
    if comment.is_empty() { line.to_owned() } else { format!("{line}   {comment}") }
}

/// The lines of a file, each with its end.
struct Lines {
    all: Vec<String>,
    end: &'static str,
}

impl Lines {
    fn of(text: &str) -> Self {
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self { all: text.split_inclusive('\n').map(str::to_owned).collect(), end }
    }

    /// Puts lines before the one at `at`.
    fn insert(&mut self, at: usize, lines: Vec<String>) {
        if let Some(before) = at.checked_sub(1).and_then(|before| self.all.get_mut(before))
            && !before.ends_with('\n')
        {
            before.push_str(self.end);
        }
        let end = self.end;
        self.all.splice(at..at, lines.into_iter().map(|line| line + end));
    }

    /// Returns the spaces before what stands in a line; `None` of a blank line or a comment.
    fn indent(&self, at: usize) -> Option<usize> {
        let line = self.all.get(at)?;
        let rest = line.trim_start();
        (!rest.is_empty() && !rest.starts_with('#')).then(|| line.len() - rest.len())
    }

    /// Returns the lines of the entry whose key this is, with the comments that stand as deep as what is in it.
    fn block(&self, key: &Node) -> Range<usize> {
        let (start, indent) = (key.place.line - 1, key.place.column - 1);
        let deeper = |at: usize| {
            let line = &self.all[at];
            let depth = line.len() - line.trim_start_matches([' ', '\t']).len();
            depth > indent || depth == indent && line[depth..].starts_with("- ")
        };
        let blank = |at: usize| self.all[at].trim().is_empty();
        let last = (start + 1..self.all.len())
            .take_while(|at| blank(*at) || deeper(*at) || self.indent(*at).is_none())
            .filter(|at| !blank(*at) && deeper(*at))
            .last();
        start..last.unwrap_or(start) + 1
    }

    /// Returns the bytes of its line that a scalar stands in; `None` of one on several lines.
    fn at(&self, node: &Node) -> Option<Range<usize>> {
        let line = self.all.get(node.place.line - 1)?;
        let start = line.char_indices().nth(node.place.column - 1)?.0;
        let range = start..start + node.source.len();
        (line.get(range.clone()) == Some(&node.source)).then_some(range)
    }

    /// Puts another text in the place of a scalar.
    fn replace(&mut self, node: &Node, text: &str) -> Option<()> {
        let range = self.at(node).filter(|range| !range.is_empty())?;
        self.all[node.place.line - 1].replace_range(range, text);
        Some(())
    }

    /// Returns the comment behind a value in braces on one line, empty where there is none.
    fn comment(&self, node: &Node) -> Option<String> {
        let (line, column) = last_end(node);
        let text = self.all.get(line - 1).filter(|_| line == node.place.line)?;
        let rest: String = text.chars().skip(column - 1).collect();
        Some(rest.find(" #").map_or_else(String::new, |at| rest[at..].trim().to_owned()))
    }

    /// Puts `block` in the place of a value in braces, a comment behind it kept. `None` where comments lie among several
    /// lines of it.
    fn rewrite(&mut self, key: &Node, value: &Node, block: Vec<String>) -> Option<()> {
        let range = self.block(key);
        let comment = match range.len() {
            1 => self.comment(value)?,
            _ if self.all[range.clone()].iter().any(|line| line.contains('#')) => return None,
            _ => String::new(),
        };
        let head = self.at(key).filter(|_| value.place.line == key.place.line)?;
        let head = format!("{}:", &self.all[range.start][..head.end]);
        self.all.drain(range.clone());
        self.insert(range.start, [vec![with_comment(&head, &comment)], block].concat());
        Some(())
    }
}
