//! Runs: the rows of some records in item order, in one file that is written once.
//!
//! Blocks end to end, then a footer that says which records these are and with which item each block begins, then the
//! footer's length and checksum. Each block has a checksum of its own, so that looking up one item reads and checks
//! its block and the footer alone.

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
const MAGIC: &[u8] = b"hitl items 2\n";
/// The footer's length and checksum, and [`MAGIC`].
const TRAILER: usize = 8 + 4 + MAGIC.len();

/// One run, open for reading.
pub(super) struct Run {
    file: File,
    pub(super) path: PathBuf,
    /// The records whose rows it holds; positions are the numbers in its blocks.
    pub(super) records: Vec<RecordId>,
    pub(super) rows: u64,
    pub(super) sections: Vec<Section>,
}

/// The rows of one kind that answer one task.
pub(super) struct Section {
    pub(super) kind: Kind,
    pub(super) task: Arc<str>,
    /// The first item of each block.
    first: TextColumn,
    blocks: Vec<Block>,
}

/// Where a block lies.
#[derive(Clone, Copy)]
struct Block {
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
    /// Returns the blocks in which rows of `item` may lie.
    fn of_item(&self, item: &str) -> Range<usize> {
        let before = partition(&self.first, |first| first < item);
        let end = partition(&self.first, |first| first <= item);
        before.saturating_sub(1)..end
    }

    /// Returns the blocks in which rows of items of a range may lie.
    fn of_range(&self, from: Option<&str>, to: Option<&str>) -> Range<usize> {
        let start = from.map_or(0, |from| self.of_item(from).start);
        let end = to.map_or(self.blocks.len(), |to| partition(&self.first, |first| first < to));
        start..end.max(start)
    }

    /// Returns the first item of every block.
    pub(super) fn fences(&self) -> impl ExactSizeIterator<Item = &str> {
        self.first.iter().map(Option::unwrap_or_default)
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
        let records = (0..reader.len()?).map(|_| reader.digest().map(RecordId)).collect::<Option<_>>()?;
        let mut sections = Vec::new();
        for _ in 0..reader.len()? {
            let kind = *Kind::ALL.get(reader.len()?)?;
            let task = Arc::from(reader.some_text()?);
            let (mut first, mut blocks, mut start) = (TextColumn::default(), Vec::new(), reader.uint()?);
            for _ in 0..reader.len()? {
                first.push(Some(reader.some_text()?));
                let len = u32::try_from(reader.uint()?).ok()?;
                blocks.push(Block { start, len, checksum: reader.take(4)?.try_into().ok()? });
                start += u64::from(len);
            }
            sections.push(Section { kind, task, first, blocks });
        }
        reader.is_done().then(|| Self { file, path: path.to_owned(), records, rows, sections })
    }

    /// Appends to `gathered` the rows of the section's blocks `blocks` that `wants` and `number` choose; `None` where a
    /// block is damaged.
    fn read(
        &self,
        section: &Section,
        blocks: impl Iterator<Item = usize>,
        gathered: &mut Gathered,
        wants: &mut dyn FnMut(&str) -> bool,
        number: &dyn Fn(u32) -> Option<u32>,
    ) -> Option<()> {
        let mut bytes = Vec::new();
        for at in blocks {
            let block = section.blocks[at];
            bytes.resize(block.len as usize, 0);
            self.file.read_exact_at(&mut bytes, block.start).ok()?;
            if checksum(&bytes) != block.checksum {
                return None;
            }
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
        let mut gathered = Gathered::new(section.kind);
        let mut blocks: Vec<usize> = items.iter().flat_map(|item| section.of_item(item)).collect();
        blocks.sort_unstable();
        blocks.dedup();
        let mut wants = |item: &str| items.binary_search(&item).is_ok();
        self.read(section, blocks.into_iter(), &mut gathered, &mut wants, number)?;
        Some(gathered)
    }

    /// Returns the section's rows of items not before `from` and before `to`; `None` where a block is damaged.
    pub(super) fn of_range(
        &self,
        section: &Section,
        (from, to): (Option<&str>, Option<&str>),
        number: &dyn Fn(u32) -> Option<u32>,
    ) -> Option<Gathered> {
        let mut gathered = Gathered::new(section.kind);
        let mut wants = |item: &str| from.is_none_or(|from| from <= item) && to.is_none_or(|to| item < to);
        self.read(section, section.of_range(from, to), &mut gathered, &mut wants, number)?;
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
    records.iter().for_each(|record| footer.extend_from_slice(&record.0.0));
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
            .map(|input| Box::new(move |row| input.place(row)) as Box<dyn Fn(u32) -> Place + Sync>)
            .collect();
        let sources: Vec<Source<'_>> = inputs
            .iter()
            .zip(&places)
            .map(|(input, place)| Source { rows: &input.rows, labeler_kinds: &input.labeler_kinds, place })
            .collect();
        let position = Kind::ALL.iter().position(|one| *one == kind)?;
        pack::uint(&mut footer, position as u64);
        pack::text(&mut footer, Some(&task));
        pack::uint(&mut footer, start);
        pack::uint(&mut footer, picks.len().div_ceil(block::ROWS) as u64);
        // So many blocks at a time as keep all threads busy, and memory small.
        for some in picks.chunks(block::ROWS * 4096) {
            let blocks: Vec<Vec<u8>> =
                some.par_chunks(block::ROWS).map(|picks| block::encode(kind, &sources, picks)).collect();
            for (bytes, picks) in blocks.iter().zip(some.chunks(block::ROWS)) {
                let (source, row) = picks[0];
                let first = inputs[source as usize].rows.text(row as usize, col::ITEM);
                pack::text(&mut footer, Some(first.unwrap_or_default()));
                pack::uint(&mut footer, bytes.len() as u64);
                footer.extend_from_slice(&checksum(bytes));
                out.write_all(bytes).ok()?;
                start += bytes.len() as u64;
            }
        }
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
