//! Large files: stretches of a file read side by side, and put together in order.
//!
//! Only what is plainly good is read so. A fault anywhere, or a stretch that turns out to begin inside a record, and the
//! whole file is read again from its start, one record after the other, for the exact words and places.

use rayon::prelude::*;

use super::{Batch, Collector};
use crate::ingest::cell::Source;
use crate::ingest::options::Options;
use crate::ingest::people::People;
use crate::ingest::plan::Plan;

/// What one stretch comes to.
struct Part<'p> {
    batches: Vec<Batch<'p>>,
    people: People<'p>,
    records: usize,
    text_bytes: usize,
    item_space: (usize, String),
    rounded: (usize, String),
    /// Where the stretch began and reading ended.
    start: usize,
    end: usize,
    /// Line feeds passed.
    lines: u32,
}

/// Reads all of `source`; `None` where it is to be read record by record.
pub(super) fn collect<'p>(
    source: &'p dyn Source,
    plan: &'p Plan<'p>,
    options: &'p Options<'p>,
) -> Option<Collector<'p>> {
    if options.refuse.is_some() {
        return None;
    }
    let stretches = source.stretches();
    if stretches.len() < 2 {
        return None;
    }
    let end = stretches.last()?.end;
    let mut all = Collector::new(source, plan, options);
    let first_line = source.line(stretches[0].start);
    let parts: Option<Vec<Part<'_>>> = stretches
        .into_par_iter()
        .with_max_len(1)
        .map(|stretch| {
            let mut collector = Collector::new(source, plan, options);
            let (start, mut clean) = (stretch.start, true);
            let read = source.visit_stretch(stretch, &mut |at, line, record| {
                collector.line = Some(line);
                collector.records += 1;
                clean = collector.is_clean_after(at, record);
                clean
            });
            let (end, lines) = read.filter(|_| clean)?;
            Some(collector.into_part(start, end, lines))
        })
        .collect();
    let parts = parts?;
    let whole = parts.windows(2).all(|pair| pair[0].end == pair[1].start);
    if !whole || parts.last()?.end != end {
        return None;
    }
    all.put_together(parts, u32::try_from(first_line).ok()?)?;
    Some(all)
}

impl<'p> Collector<'p> {
    /// Reads a record of a stretch; false when anything is wrong with it.
    fn is_clean_after(&mut self, at: usize, record: &dyn super::Record) -> bool {
        self.quiet = true;
        self.record(at, record);
        self.refused.total == 0 && self.refused_records.is_empty()
    }

    fn into_part(self, start: usize, end: usize, lines: u32) -> Part<'p> {
        Part {
            batches: self.batches,
            people: self.people,
            records: self.records,
            text_bytes: self.text_bytes,
            item_space: self.item_space,
            rounded: self.rounded,
            start,
            end,
            lines,
        }
    }

    /// Takes in all stretches, the first of which begins in line `line`; `None` when they contradict each other.
    fn put_together(&mut self, parts: Vec<Part<'p>>, mut line: u32) -> Option<()> {
        let mut batches: Vec<Vec<(Batch<'p>, u32)>> = self.batches.iter().map(|_| Vec::new()).collect();
        for part in parts {
            self.people.merge(&part.people).ok()?;
            self.records += part.records;
            self.text_bytes += part.text_bytes;
            for (mine, theirs) in [(&mut self.item_space, part.item_space), (&mut self.rounded, part.rounded)]
            {
                let first = if mine.0 == 0 { theirs.1 } else { std::mem::take(&mut mine.1) };
                *mine = (mine.0 + theirs.0, first);
            }
            batches.iter_mut().zip(part.batches).for_each(|(mine, theirs)| mine.push((theirs, line)));
            line = line.checked_add(part.lines)?;
        }
        if self.text_bytes > super::MOST_TEXT {
            return None;
        }
        self.batches.iter_mut().zip(batches).for_each(|(mine, parts)| mine.extend(&parts));
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ingest::csv::Csv;
    use crate::ingest::options::PersonalIds;
    use crate::ingest::plan::plan;
    use crate::ingest::text::Text;
    use crate::ingest::{Error, Import};
    use crate::record::{Task, TaskType};

    fn import(text: &str, stretch: usize, options: &Options<'_>) -> (bool, Result<Import, Error>) {
        let text = Text::new(text.as_bytes()).unwrap();
        let csv = Csv::new(&text, None).unwrap().in_stretches_of(stretch);
        let plan = plan(&csv, options, false).unwrap();
        let side_by_side = collect(&csv, &plan, options).is_some();
        (side_by_side, super::super::collect(&csv, &plan, options, "CSV".into()))
    }

    /// Everything an import says.
    fn told(result: Result<Import, Error>) -> String {
        match result {
            Err(Error::Data(refused)) => format!("{refused:?}"),
            Err(error) => format!("{error:?}"),
            Ok(import) => {
                let rows = import.batches.iter().map(|batch| {
                    let rows = (0..batch.rows.len()).map(|row| {
                        let mut bytes = Vec::new();
                        crate::record::canonical_row(&batch.rows, row, &mut bytes);
                        format!("{}@{}: {}", batch.lines[row], batch.records[row], bytes.escape_ascii())
                    });
                    (batch.task.clone(), rows.collect::<Vec<_>>())
                });
                let rows: Vec<_> = rows.collect();
                let Import { columns, labelers, pseudonyms, records, repeated, notes, refused, .. } = import;
                format!(
                    "{rows:#?} {columns:?} {labelers:?} {pseudonyms:?} {records} {repeated} {notes:?} {refused:?}"
                )
            }
        }
    }

    #[test]
    fn a_file_read_side_by_side_says_what_it_says_read_from_its_start() {
        let task = |name: &str| Task::new(name, TaskType::Categorical, vec!["a".into(), "b".into()]);
        let (one, two) = ([task("t")], [task("t"), task("u")]);
        let aliases = BTreeMap::from([("Ana R".to_owned(), "ana".to_owned())]);
        let lines = |line: &dyn Fn(usize) -> String| (0..60).map(line).collect::<String>();
        let head = "item,labeler,label\n";
        let plain = lines(&|n| format!("i{},{},{}\n", n / 2, ["ana", "raj"][n % 2], ["a", "b", ""][n % 3]));
        let full = lines(&|n| {
            let origin = ["fresh", "", "confirmed"][n % 3];
            format!("\"i {n} \",Ana R,a,2025-05-05T08:00:{n:02}Z,{origin},0.{n},{n},\"so\n\"\"{n}\"\"\"\n\n")
        });
        let kinds = lines(&|n| format!("i{n},m{},a,{}\n", n % 2, ["model", "human"][n % 2]));
        let mail = lines(&|n| format!("1.{n}E+05,x{}@y.org,b\n", n % 3));
        let wide = lines(&|n| format!("i{n},{},{}\n", ["a", ""][n % 2], ["b", "a"][n % 2]));
        let tasks = lines(&|n| format!("i{n},ana,{},{}\n", ["a", ""][n % 2], ["b", "a"][n % 2]));
        let full_head = "item,labeler,label,created_at,origin,confidence,duration_ms,rationale\n";
        let kind_head = "item,labeler,label,labeler_kind\n";
        for (text, several, side_by_side) in [
            (format!("{head}{plain}"), false, true),
            (format!("\n\n{head}{plain}i9,eve,a"), false, true),
            (format!("{full_head}{full}"), false, true),
            (format!("{kind_head}{kinds}"), false, true),
            (format!("item,labeler,t,u\n{tasks}"), true, true),
            (format!("{head}{plain}i3,raj,b\n{plain}"), false, true),
            (format!("{head}{plain}i3,raj,a\n"), false, true),
            (format!("{head}{plain}i70,raj,A \ni71,raj\ni72,,a\n"), false, false),
            (format!("{kind_head}{kinds}i90,m0,b,human\n"), false, false),
            (format!("{head}{mail}"), false, false),
        ] {
            let mut options = Options::new("-", if several { &two } else { &one }, &aliases);
            let expected = told(import(&text, 1 << 20, &options).1);
            // Any beginning of a stretch will do, but for those inside a quoted text.
            let read: Vec<(bool, String)> = [40, 97, 700, 1500]
                .map(|stretch| import(&text, stretch, &options))
                .map(|(side_by_side, result)| (side_by_side, told(result)))
                .into();
            assert!(read.iter().all(|(_, told)| *told == expected), "{text}\n{read:#?}");
            assert_eq!(read.iter().any(|(read_so, _)| *read_so), side_by_side, "{text}");
            options.skip_bad = true;
            assert_eq!(told(import(&text, 97, &options).1), told(import(&text, 1 << 20, &options).1));
        }
        let new = |address: &str| format!("l-{}", address.len());
        let known = BTreeMap::from([("x1@y.org".to_owned(), "l-known".to_owned())]);
        for personal_ids in [PersonalIds::Allow, PersonalIds::Pseudonymize { known: &known, new: &new }] {
            let options = Options { personal_ids, ..Options::new("-", &one, &aliases) };
            let text = format!("{head}{mail}");
            let (side_by_side, result) = import(&text, 97, &options);
            assert!(side_by_side);
            assert_eq!(told(result), told(import(&text, 1 << 20, &options).1));
        }
        let options = Options { wide: true, ..Options::new("-", &one, &aliases) };
        let text = format!("item,ana,raj\n{wide}");
        let (side_by_side, result) = import(&text, 97, &options);
        assert!(side_by_side);
        assert_eq!(told(result), told(import(&text, 1 << 20, &options).1));
    }
}
