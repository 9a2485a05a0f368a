//! Runs: the rows of some records in item order, in one file that is written once.
//!
//! Blocks end to end; then pages, which say where some blocks lie and with which item each begins; then a footer that
//! says the same of the pages, and which records these are; then the footer's length and checksum. Each block and each
//! page has a checksum of its own, so that looking up one item reads and checks its block, its page and the footer.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::block::{self, Gathered, Pick, Place, Source};
use crate::dataset::kept::{checksum, pack};
use crate::record::{Kind, LabelerKind, RecordId, Rows, TextColumn, col};

/// The last bytes of a run: what it is, and the version of its layout.
const MAGIC: &[u8] = b"hitl items 4\n";
/// The footer's length and checksum, and [`MAGIC`].
const TRAILER: usize = 8 + 4 + MAGIC.len();

/// Blocks in a page.
const PAGE: usize = 64;
/// Rows that the blocks of a page hold.
pub(super) const PAGE_ROWS: usize = PAGE * block::ROWS;

/// One run, open for reading.
pub(super) struct Run {
    file: File,
    pub(super) path: PathBuf,
    /// The records whose rows it holds, sorted; positions are the numbers in its blocks.
    pub(super) records: Vec<RecordId>,
    pub(super) rows: u64,
    pub(super) sections: Vec<Section>,
}

/// The rows of one kind that answer one task.
pub(super) struct Section {
    pub(super) kind: Kind,
    pub(super) task: Arc<str>,
    pages: Extents,
}

/// Where blocks, or pages, lie, one after the other.
#[derive(Default)]
struct Extents {
    /// The first item of each.
    first: TextColumn,
    extents: Vec<Extent>,
}

/// Bytes of a run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Extent {
    start: u64,
    len: u32,
    checksum: [u8; 4],
}

/// Rows that go into a run: those of one record, or of one section of another run.
pub(super) struct Input {
    pub(super) kind: Kind,
    pub(super) task: Arc<str>,
    pub(super) rows: Rows,
    pub(super) labeler_kinds: Vec<LabelerKind>,
    pub(super) origin: From,
}

/// Where the rows of an [`Input`] lie.
pub(super) enum From {
    /// All rows of the record with this number in the run, in order.
    Record(u32),
    /// Each at its own place.
    Places(Vec<Place>),
}

impl Input {
    fn place(&self, row: u32) -> Place {
        match &self.origin {
            From::Record(number) => (*number, row),
            From::Places(places) => places[row as usize],
        }
    }
}

impl Section {
    /// Returns the first item of every page.
    pub(super) fn fences(&self) -> impl ExactSizeIterator<Item = &str> {
        self.pages.first.iter().map(Option::unwrap_or_default)
    }
}

impl Extents {
    fn read(reader: &mut pack::Reader<'_>) -> Option<Self> {
        let (mut extents, mut start) = (Self::default(), reader.uint()?);
        for _ in 0..reader.len()? {
            extents.first.push(Some(reader.some_text()?));
            let len = u32::try_from(reader.uint()?).ok()?;
            let checksum = reader.take(4)?.try_into().ok()?;
            extents.extents.push(Extent { start, len, checksum });
            start += u64::from(len);
        }
        Some(extents)
    }

    fn write(&self, out: &mut Vec<u8>) {
        pack::uint(out, self.extents.first().map_or(0, |extent| extent.start));
        pack::uint(out, self.extents.len() as u64);
        for (first, extent) in self.first.iter().zip(&self.extents) {
            pack::text(out, Some(first.unwrap_or_default()));
            pack::uint(out, u64::from(extent.len));
            out.extend_from_slice(&extent.checksum);
        }
    }

    fn push(&mut self, first: &str, start: u64, bytes: &[u8]) -> Option<()> {
        self.first.push(Some(first));
        let len = u32::try_from(bytes.len()).ok()?;
        self.extents.push(Extent { start, len, checksum: checksum(bytes) });
        Some(())
    }

    fn some(&self, range: Range<usize>) -> Self {
        let mut first = TextColumn::default();
        range.clone().for_each(|at| first.push(self.first.get(at)));
        Self { first, extents: self.extents[range].to_vec() }
    }

    /// Returns those in which rows of `item` may lie.
    fn of_item(&self, item: &str) -> &[Extent] {
        let before = partition(&self.first, |first| first < item);
        let end = partition(&self.first, |first| first <= item);
        &self.extents[before.saturating_sub(1)..end]
    }

    /// Returns those in which rows of items of a range may lie.
    fn of_range(&self, (from, to): (Option<&str>, Option<&str>)) -> &[Extent] {
        let before = from.map_or(0, |from| partition(&self.first, |first| first < from));
        let start = before.saturating_sub(1);
        let end = to.map_or(self.extents.len(), |to| partition(&self.first, |first| first < to));
        &self.extents[start..end.max(start)]
    }
}

fn partition(column: &TextColumn, goes_before: impl Fn(&str) -> bool) -> usize {
    let (mut low, mut high) = (0, column.len());
    while low < high {
        let middle = low.midpoint(high);
        match goes_before(column.get(middle).unwrap_or_default()) {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    low
}

impl Run {
    /// Opens a run; `None` where the file is none, or its footer is not whole.
    pub(super) fn open(path: &Path) -> Option<Self> {
        let file = File::open(path).ok()?;
        let size = file.metadata().ok()?.len();
        let trailer_at = size.checked_sub(TRAILER as u64)?;
        let mut trailer = [0; TRAILER];
        file.read_exact_at(&mut trailer, trailer_at).ok()?;
        let (numbers, magic) = trailer.split_at(TRAILER - MAGIC.len());
        let (len, check) = numbers.split_at(8);
        let len = u64::from_le_bytes(len.try_into().ok()?);
        let start = trailer_at.checked_sub(len).filter(|_| magic == MAGIC)?;
        let mut footer = vec![0; usize::try_from(len).ok()?];
        file.read_exact_at(&mut footer, start).ok()?;
        if checksum(&footer) != check {
            return None;
        }
        let mut reader = pack::Reader::new(&footer);
        let rows = reader.uint()?;
        let records: Vec<RecordId> =
            (0..reader.len()?).map(|_| reader.digest().map(RecordId)).collect::<Option<_>>()?;
        let mut sections = Vec::new();
        for _ in 0..reader.len()? {
            let kind = *Kind::ALL.get(reader.len()?)?;
            let task = Arc::from(reader.some_text()?);
            sections.push(Section { kind, task, pages: Extents::read(&mut reader)? });
        }
        reader.is_done().then(|| Self { file, path: path.to_owned(), records, rows, sections })
    }

    /// Reads some bytes; `None` where they are damaged.
    fn bytes(&self, extent: Extent, bytes: &mut Vec<u8>) -> Option<()> {
        bytes.resize(extent.len as usize, 0);
        self.file.read_exact_at(bytes, extent.start).ok()?;
        (checksum(bytes) == extent.checksum).then_some(())
    }

    /// Reads a page.
    fn page(&self, page: Extent) -> Option<Extents> {
        let mut bytes = Vec::new();
        self.bytes(page, &mut bytes)?;
        Extents::read(&mut pack::Reader::new(&bytes))
    }

    /// Appends to `gathered` the rows of `blocks` that `wants` and `number` choose; `None` where a block is damaged.
    fn read(
        &self,
        blocks: impl IntoIterator<Item = Extent>,
        gathered: &mut Gathered,
        wants: &mut dyn FnMut(&str) -> bool,
        number: &dyn Fn(u32) -> Option<u32>,
    ) -> Option<()> {
        let mut bytes = Vec::new();
        for block in blocks {
            self.bytes(block, &mut bytes)?;
            block::decode(&bytes, gathered, wants, number)?;
        }
        Some(())
    }

    /// Returns the section's rows of `items`, which are sorted; `None` where a block is damaged. `number` tells the
    /// number of a record where rows are to be read of it.
    pub(super) fn of_items(
        &self,
        section: &Section,
        items: &[&str],
        number: &dyn Fn(u32) -> Option<u32>,
    ) -> Option<Gathered> {
        // By page, so that each is read once.
        let mut asked: BTreeMap<Extent, Vec<&str>> = BTreeMap::new();
        for item in items {
            section.pages.of_item(item).iter().for_each(|page| asked.entry(*page).or_default().push(item));
        }
        let mut blocks = Vec::new();
        for (page, items) in asked {
            let page = self.page(page)?;
            blocks.extend(items.iter().flat_map(|item| page.of_item(item)).copied());
        }
        blocks.dedup();
        let mut gathered = Gathered::new(section.kind);
        let mut wants = |item: &str| items.binary_search(&item).is_ok();
        self.read(blocks, &mut gathered, &mut wants, number)?;
        Some(gathered)
    }

    /// Adds to `items` those of a range of which a labeler whom `by` accepts judged; `None` where a block is damaged.
    pub(super) fn items_by(
        &self,
        section: &Section,
        range: (Option<&str>, Option<&str>),
        by: &dyn Fn(&str) -> bool,
        items: &mut Vec<String>,
    ) -> Option<()> {
        let (from, to) = range;
        let mut add = |item: &str| {
            let inside = from.is_none_or(|from| from <= item) && to.is_none_or(|to| item < to);
            if inside && items.last().is_none_or(|last| last != item) {
                items.push(item.to_owned());
            }
        };
        let mut bytes = Vec::new();
        for page in section.pages.of_range(range) {
            for block in self.page(*page)?.of_range(range) {
                self.bytes(*block, &mut bytes)?;
                block::items_by(&bytes, by, &mut add)?;
            }
        }
        Some(())
    }

    /// Returns the section's rows of items not before the first of `range` and before its second; `None` where a block
    /// is damaged.
    pub(super) fn of_range(
        &self,
        section: &Section,
        range: (Option<&str>, Option<&str>),
        number: &dyn Fn(u32) -> Option<u32>,
    ) -> Option<Gathered> {
        let mut gathered = Gathered::new(section.kind);
        let (from, to) = range;
        let mut wants = |item: &str| from.is_none_or(|from| from <= item) && to.is_none_or(|to| item < to);
        for page in section.pages.of_range(range) {
            let page = self.page(*page)?;
            self.read(page.of_range(range).iter().copied(), &mut gathered, &mut wants, number)?;
        }
        Some(gathered)
    }
}

/// Writes a run of `inputs`, the rows of `records`, into `folder`, and returns where it lies; `None` where it cannot be
/// written.
pub(super) fn write(folder: &Path, records: &[RecordId], inputs: Vec<Input>) -> Option<PathBuf> {
    fs::create_dir_all(folder).ok()?;
    let file = tempfile::Builder::new().prefix("run-").tempfile_in(folder).ok()?;
    let mut out = BufWriter::new(file);
    let mut footer = Vec::new();
    let rows: usize = inputs.iter().map(|input| input.rows.len()).sum();
    pack::uint(&mut footer, rows as u64);
    pack::uint(&mut footer, records.len() as u64);
    let mut sorted: Vec<u32> = (0..records.len() as u32).collect();
    sorted.sort_unstable_by_key(|number| records[*number as usize]);
    let mut rank = vec![0; records.len()];
    for (position, number) in (0u32..).zip(&sorted) {
        rank[*number as usize] = position;
        footer.extend_from_slice(&records[*number as usize].0.0);
    }
    let mut sections: BTreeMap<(Kind, Arc<str>), Vec<Input>> = BTreeMap::new();
    for input in inputs.into_iter().filter(|input| !input.rows.is_empty()) {
        sections.entry((input.kind, input.task.clone())).or_default().push(input);
    }
    pack::uint(&mut footer, sections.len() as u64);
    let mut start = 0u64;
    for ((kind, task), inputs) in sections {
        let picks = in_item_order(&inputs);
        let places: Vec<Box<dyn Fn(u32) -> Place + Sync + '_>> = inputs
            .iter()
            .map(|input| {
                let rank = &rank;
                Box::new(move |row| {
                    let (record, row) = input.place(row);
                    (rank[record as usize], row)
                }) as Box<dyn Fn(u32) -> Place + Sync>
            })
            .collect();
        let sources: Vec<Source<'_>> = inputs
            .iter()
            .zip(&places)
            .map(|(input, place)| Source { rows: &input.rows, labeler_kinds: &input.labeler_kinds, place })
            .collect();
        let position = Kind::ALL.iter().position(|one| *one == kind)?;
        pack::uint(&mut footer, position as u64);
        pack::text(&mut footer, Some(&task));
        let mut all = Extents::default();
        // So many blocks at a time as keep all threads busy, and memory small.
        for some in picks.chunks(block::ROWS * 4096) {
            let blocks: Vec<Vec<u8>> =
                some.par_chunks(block::ROWS).map(|picks| block::encode(kind, &sources, picks)).collect();
            for (bytes, picks) in blocks.iter().zip(some.chunks(block::ROWS)) {
                let (source, row) = picks[0];
                let first = inputs[source as usize].rows.text(row as usize, col::ITEM);
                all.push(first.unwrap_or_default(), start, bytes)?;
                out.write_all(bytes).ok()?;
                start += bytes.len() as u64;
            }
        }
        let mut pages = Extents::default();
        for from in (0..all.extents.len()).step_by(PAGE) {
            let page = all.some(from..all.extents.len().min(from + PAGE));
            let mut bytes = Vec::new();
            page.write(&mut bytes);
            pages.push(page.first.get(0).unwrap_or_default(), start, &bytes)?;
            out.write_all(&bytes).ok()?;
            start += bytes.len() as u64;
        }
        pages.write(&mut footer);
    }
    out.write_all(&footer).ok()?;
    out.write_all(&(footer.len() as u64).to_le_bytes()).ok()?;
    out.write_all(&checksum(&footer)).ok()?;
    out.write_all(MAGIC).ok()?;
    let file = out.into_inner().ok()?;
    let name = file.path().file_name()?.to_str()?.replace("run-", "");
    let path = folder.join(format!("{name}.run"));
    file.persist(&path).ok()?;
    Some(path)
}

/// Returns the rows of `inputs`, each of which is in item order, in item order.
fn in_item_order(inputs: &[Input]) -> Vec<Pick> {
    let first = |input: &Input| input.rows.text(0, col::ITEM).unwrap_or_default().to_owned();
    let mut order: Vec<u32> = (0..inputs.len() as u32).collect();
    order.sort_by_cached_key(|input| first(&inputs[*input as usize]));
    let mut picks: Vec<Pick> = Vec::with_capacity(inputs.iter().map(|input| input.rows.len()).sum());
    for input in order {
        picks.extend((0..inputs[input as usize].rows.len() as u32).map(|row| (input, row)));
    }
    let item = |pick: &Pick| inputs[pick.0 as usize].rows.text(pick.1 as usize, col::ITEM);
    if !picks.is_sorted_by_key(item) {
        picks.par_sort_by(|a, b| item(a).cmp(&item(b)));
    }
    picks
}
