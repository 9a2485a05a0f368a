//! A manifest's text: fields in one order, one way to write each value, no choice left to a YAML library.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

use crate::base::text::is_hidden;
use crate::record::{Filter, Labelers, Manifest, Revert, Shard, Source};

/// A YAML reader takes a key on one line with its value up to 1,024 characters; longer ones get a `? ` line.
const MAX_PLAIN_KEY: usize = 1000;

/// Returns the manifest's one text.
///
/// A revert with a shard keeps its item list there, whatever `filter.items` holds: loading puts the list back.
pub fn emit(manifest: &Manifest) -> Vec<u8> {
    let mut out = Writer::default();
    out.line(0, "format", super::FORMAT);
    out.line(0, "kind", manifest.kind);
    out.line(0, "task", optional(manifest.task.as_deref()));
    out.line(0, "actor", quoted(&manifest.actor));
    out.line(0, "recorded_at", quoted(&manifest.recorded_at.to_string()));
    out.line(0, "tool", quoted(&manifest.tool));
    out.texts(0, "parents", &manifest.parents);
    source(&mut out, manifest.source.as_ref());
    out.line(0, "schema_sha256", optional(manifest.schema_sha256));
    match &manifest.labelers {
        Labelers::InShard => out.line(0, "labelers", "in_shard"),
        Labelers::Listed(table) => out.map(0, "labelers", table, quoted_key, |labeler| {
            format!("{{kind: {}, rows: {}}}", labeler.kind, labeler.rows)
        }),
    }
    out.map(0, "guidelines", &manifest.guidelines, quoted_key, |guideline| {
        format!("{{sha256: {}, rows: {}}}", quoted(&guideline.sha256.to_string()), guideline.rows)
    });
    out.map(0, "origins", &manifest.origins, ToString::to_string, ToString::to_string);
    shard(&mut out, manifest.shard.as_ref());
    out.line(0, "rows_root", optional(manifest.rows_root));
    match &manifest.revert {
        None => out.line(0, "filter", "null"),
        Some(revert) => filter(&mut out, revert, manifest.shard.is_some()),
    }
    out.line(0, "message", quoted(&manifest.message));
    out.0.into_bytes()
}

fn source(out: &mut Writer, source: Option<&Source>) {
    let Some(source) = source else { return out.line(0, "source", "null") };
    out.open(0, "source");
    out.line(1, "file", quoted(&source.file));
    out.line(1, "sha256", quoted(&source.sha256.to_string()));
    out.line(1, "bytes", source.bytes);
    out.line(1, "detected", quoted(&source.detected));
    out.map(1, "mapping", &source.mapping, quoted_key, |field| quoted(field));
    out.texts(1, "flags", &source.flags);
}

fn shard(out: &mut Writer, shard: Option<&Shard>) {
    let Some(shard) = shard else { return out.line(0, "shard", "null") };
    out.open(0, "shard");
    out.line(1, "sha256", quoted(&shard.sha256.to_string()));
    out.line(1, "bytes", shard.bytes);
    out.line(1, "rows", shard.rows);
}

fn filter(out: &mut Writer, revert: &Revert, items_in_shard: bool) {
    let Filter { records, labelers, guidelines, kinds, tasks, origins, items, since, until } = &revert.filter;
    out.open(0, "filter");
    out.texts(1, "records", records);
    out.texts(1, "labelers", labelers);
    out.texts(1, "guidelines", guidelines.iter().map(|guideline| &guideline.0));
    out.words(1, "kinds", kinds);
    out.texts(1, "tasks", tasks);
    match items {
        _ if items_in_shard => out.line(1, "items", "in_shard"),
        None => out.line(1, "items", "null"),
        Some(items) => out.texts(1, "items", items),
    }
    out.words(1, "origins", origins);
    out.line(1, "since", optional(*since));
    out.line(1, "until", optional(*until));
    out.line(1, "cascade", revert.cascade.as_str());
    out.line(1, "concurrent", revert.concurrent);
}

/// The text so far.
#[derive(Default)]
struct Writer(String);

impl Writer {
    fn indent(&mut self, depth: usize) {
        (0..depth).for_each(|_| self.0.push_str("  "));
    }

    /// A field and its value on one line.
    fn line(&mut self, depth: usize, name: &str, value: impl Display) {
        self.indent(depth);
        writeln!(self.0, "{name}: {value}").expect("writing to a String never fails");
    }

    /// A field whose values follow, one level deeper.
    fn open(&mut self, depth: usize, name: &str) {
        self.indent(depth);
        writeln!(self.0, "{name}:").expect("writing to a String never fails");
    }

    /// A list of quoted texts, a line each.
    fn texts<T: ToString>(&mut self, depth: usize, name: &str, values: impl IntoIterator<Item = T>) {
        self.list(depth, name, values.into_iter().map(|value| quoted(&value.to_string())));
    }

    /// A list of plain words, a line each.
    fn words<T: Display>(&mut self, depth: usize, name: &str, values: &[T]) {
        self.list(depth, name, values.iter().map(ToString::to_string));
    }

    fn list(&mut self, depth: usize, name: &str, values: impl Iterator<Item = String>) {
        let mut values = values.peekable();
        if values.peek().is_none() {
            return self.line(depth, name, "[]");
        }
        self.open(depth, name);
        for value in values {
            self.indent(depth + 1);
            self.0.push_str("- ");
            self.0.push_str(&value);
            self.0.push('\n');
        }
    }

    /// A map, a line an entry.
    fn map<K, V>(
        &mut self,
        depth: usize,
        name: &str,
        entries: &BTreeMap<K, V>,
        key: impl Fn(&K) -> String,
        value: impl Fn(&V) -> String,
    ) {
        if entries.is_empty() {
            return self.line(depth, name, "{}");
        }
        self.open(depth, name);
        for (name, entry) in entries {
            let name = key(name);
            if name.chars().count() > MAX_PLAIN_KEY {
                self.indent(depth + 1);
                self.0.push_str("? ");
                self.0.push_str(&name);
                self.0.push('\n');
                self.line(depth + 1, "", value(entry));
            } else {
                self.line(depth + 1, &name, value(entry));
            }
        }
    }
}

fn optional(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "null".to_owned(), |value| quoted(&value.to_string()))
}

#[expect(clippy::ptr_arg, reason = "maps hand out their keys as &String")]
fn quoted_key(key: &String) -> String {
    quoted(key)
}

/// Returns `text` in double quotes, everything that hides, reorders or ends lines escaped as JSON does.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_escaped(c) => {
                let (digits, code) = (c as u32, if c as u32 > 0xffff { 'U' } else { 'u' });
                let width = if code == 'U' { 8 } else { 4 };
                write!(out, "\\{code}{digits:0width$x}").expect("writing to a String never fails");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Hidden characters, and those that YAML takes for no text: non-characters, tags, what has no meaning of its own.
pub(super) fn is_escaped(c: char) -> bool {
    is_hidden(c)
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
        || (c as u32) & 0xfffe == 0xfffe
}
