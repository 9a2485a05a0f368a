//! The catalog: every record of one ledger tree, with its manifest, kept in `.git/hitl/cache/catalog/<tree id>`.
//!
//! In: a tree. Out: what the fold asks of each record, and its manifest when somebody looks at it. A manifest is read
//! from Git once, checked against its name and its place, and kept in few bytes; the catalog of a tree is made from
//! the last one kept and what differs between the two trees. A tree with a damaged file has no catalog.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::kept::pack::{self, Reader};
use super::read::{self, Entry};
use super::{Dataset, Error, LEDGER, kept};
use crate::base::{Digest, Timestamp};
use crate::ledger::{Head, LazyManifest, Manifests};
use crate::manifest;
use crate::record::{
    Cascade, Filter, GuidelineRef, GuidelineUse, Kind, LabelerKind, LabelerUse, Labelers, Manifest, Origin,
    RecordId, Revert, Shard, Source,
};
use crate::store::{Oid, TreeFile};

/// The first bytes of a kept catalog: what it is, and the version of its layout.
const MAGIC: &[u8] = b"hitl catalog 1\n";
/// Catalogs kept: of the branch, of one it is compared with, and of two looked at on the way.
const KEPT: usize = 4;

/// Every record of one ledger tree.
#[derive(Clone, Default)]
pub(super) struct Catalog {
    packed: Arc<Packed>,
}

/// What is known of a record without unpacking its manifest.
#[derive(Clone, Debug)]
pub(super) struct Top {
    pub(super) id: RecordId,
    pub(super) head: Head,
    pub(super) has_shard: bool,
}

/// What the manifests of a ledger say of one labeler, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LabelerSum {
    /// Rows of theirs.
    pub rows: u64,
    /// Of them, rows as a model.
    pub model_rows: u64,
}

impl LabelerSum {
    pub(super) fn add(&mut self, kind: LabelerKind, rows: u64) {
        self.rows += rows;
        self.model_rows += if kind == LabelerKind::Model { rows } else { 0 };
    }
}

/// A record with rows of some labelers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsBy {
    /// The record.
    pub id: RecordId,
    /// Rows of theirs.
    pub rows: u64,
    /// All its rows.
    pub all: u64,
    /// Its message.
    pub message: String,
}

/// The bytes behind a catalog, and where everything lies in them.
#[derive(Default)]
struct Packed {
    body: Vec<u8>,
    /// Texts that many manifests share.
    words: Vec<Arc<str>>,
    /// The records, by id.
    tops: Vec<Top>,
    /// Where each record lies in `body`.
    places: Vec<Range<usize>>,
}

impl Catalog {
    fn read(body: Vec<u8>) -> Option<Self> {
        Some(Self { packed: Arc::new(Packed::read(body)?) })
    }

    /// Returns what is known of each record, by id.
    pub(super) fn tops(&self) -> &[Top] {
        &self.packed.tops
    }

    /// Returns the place of the record `id`.
    pub(super) fn find(&self, id: &RecordId) -> Option<usize> {
        self.packed.tops.binary_search_by_key(id, |top| top.id).ok()
    }

    /// Returns the manifest of the record at `place`, unpacked when it is looked at.
    pub(super) fn manifest(&self, place: usize) -> LazyManifest {
        LazyManifest::later(self.packed.clone(), place as u32)
    }

    /// Returns what the manifests say of each labeler, added up.
    pub(super) fn labelers(&self) -> BTreeMap<String, LabelerSum> {
        let packed = &self.packed;
        let mut sums = vec![LabelerSum::default(); packed.words.len()];
        let mut add = |word: usize, kind: LabelerKind, rows: u64| sums[word].add(kind, rows);
        for place in 0..packed.tops.len() {
            skim(&mut packed.record(place), packed.words.len(), &mut add);
        }
        let used = packed.words.iter().zip(sums).filter(|(_, sum)| sum.rows > 0);
        used.map(|(word, sum)| (word.to_string(), sum)).collect()
    }

    /// Returns the records that have rows of `labelers`, by id.
    pub(super) fn rows_by(&self, labelers: &[String]) -> Vec<RowsBy> {
        let packed = &self.packed;
        let wanted: Vec<bool> =
            packed.words.iter().map(|word| labelers.iter().any(|labeler| **labeler == **word)).collect();
        let rows = |place: usize| {
            let (mut rows, top) = (0, &packed.tops[place]);
            let mut reader = packed.record(place);
            skim(&mut reader, packed.words.len(), &mut |word, _, own| {
                rows += if wanted[word] { own } else { 0 }
            });
            let (all, message) = read_end(top, &mut reader).filter(|_| rows > 0)?;
            Some(RowsBy { id: top.id, rows, all, message: message.to_owned() })
        };
        (0..packed.tops.len()).filter_map(rows).collect()
    }

    /// Whether some record was read from a file with this digest.
    pub(super) fn has_source(&self, sha256: Digest) -> bool {
        let mut ignore = |_: usize, _: LabelerKind, _: u64| {};
        let words = self.packed.words.len();
        let is_source =
            |place| skim(&mut self.packed.record(place), words, &mut ignore) == Some(Some(sha256));
        (0..self.packed.tops.len()).any(is_source)
    }

    /// Returns where the files of the record at `place` lie.
    pub(super) fn entry(&self, place: usize) -> Entry {
        let Top { id, head, .. } = &self.packed.tops[place];
        let (manifest, shard) = self.packed.blobs(place).expect("a catalog is read whole");
        let task = head.task.as_deref();
        let file = |path: String, blob: &str| TreeFile { path, blob: Oid(blob.to_owned()), mode: 0o100_644 };
        Entry {
            id: *id,
            manifest: file(manifest::manifest_path(head.kind, task, head.recorded_at, *id), manifest),
            shard: shard
                .map(|shard| file(manifest::shard_path(head.kind, task, head.recorded_at, *id), shard)),
        }
    }
}

impl Packed {
    /// Reads a kept body; `None` where it is not one. Whatever is read later is read once here, so that it can be.
    fn read(body: Vec<u8>) -> Option<Self> {
        let mut packed = Self { body, ..Self::default() };
        let mut reader = Reader::new(&packed.body);
        for _ in 0..reader.len()? {
            packed.words.push(reader.some_text()?.into());
        }
        for _ in 0..reader.len()? {
            let bytes = reader.bytes()?;
            let end = packed.body.len() - reader.left();
            packed.places.push(end - bytes.len()..end);
            let mut record = Reader::new(bytes);
            let top = read_top(&mut record, &packed.words)?;
            read_blobs(&mut record)?;
            packed.tops.push(top);
        }
        let sorted = packed.tops.windows(2).all(|pair| pair[0].id < pair[1].id);
        (reader.is_done() && sorted).then_some(packed)
    }

    fn record(&self, place: usize) -> Reader<'_> {
        Reader::new(&self.body[self.places[place].clone()])
    }

    /// Returns the ids of a record's blobs, and what follows them.
    fn blobs(&self, place: usize) -> Option<(&str, Option<&str>)> {
        let mut reader = self.record(place);
        skip_top(&mut reader)?;
        read_blobs(&mut reader)
    }
}

impl Manifests for Packed {
    fn manifest(&self, number: u32) -> Manifest {
        let mut reader = self.record(number as usize);
        let top = read_top(&mut reader, &self.words);
        let rest = top.and_then(|top| {
            read_blobs(&mut reader)?;
            read_rest(top, &mut reader, &self.words)
        });
        // The checksum of the file has said that these are the bytes that were written.
        rest.expect("a kept manifest reads back")
    }
}

/// A catalog on its way to be kept.
#[derive(Default)]
struct Draft<'a> {
    words: Vec<String>,
    known: BTreeMap<String, u64>,
    records: BTreeMap<RecordId, Cow<'a, [u8]>>,
}

impl<'a> Draft<'a> {
    fn of(packed: &'a Packed) -> Self {
        let mut draft = Self::default();
        for word in &packed.words {
            draft.word(word);
        }
        let records = packed.tops.iter().zip(&packed.places);
        draft.records =
            records.map(|(top, place)| (top.id, Cow::Borrowed(&packed.body[place.clone()]))).collect();
        draft
    }

    fn word(&mut self, word: &str) -> u64 {
        if let Some(number) = self.known.get(word) {
            return *number;
        }
        let number = self.words.len() as u64;
        self.words.push(word.to_owned());
        self.known.insert(word.to_owned(), number);
        number
    }

    fn add(&mut self, entry: &Entry, manifest: &Manifest) {
        let bytes = write_record(entry, manifest, &mut |word| self.word(word));
        self.records.insert(entry.id, Cow::Owned(bytes));
    }

    fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        pack::uint(&mut out, self.words.len() as u64);
        self.words.iter().for_each(|word| pack::text(&mut out, Some(word)));
        pack::uint(&mut out, self.records.len() as u64);
        self.records.values().for_each(|record| pack::bytes(&mut out, record));
        out
    }
}

impl Dataset {
    /// Returns the catalog of `commit`'s ledger; `None` where a file of it is damaged or lies where it should not.
    pub(super) fn catalog(&self, commit: &Oid) -> Result<Option<Catalog>, Error> {
        let Some(tree) = self.store().folder(commit, LEDGER)? else {
            return Ok(Some(Catalog::default()));
        };
        let folder = self.store().cache_dir().join("catalog");
        let path = folder.join(&tree.0);
        if let Some(catalog) = kept::read(&path, MAGIC).and_then(Catalog::read) {
            return Ok(Some(catalog));
        }
        let last = kept::newest_first(&folder).first().and_then(|path| {
            let tree = Oid(path.file_name()?.to_str()?.to_owned());
            Some((tree, Packed::read(kept::read(path, MAGIC)?)?))
        });
        let made = match &last {
            // The tree may have been pruned since.
            Some((base, packed)) if self.store().has_object(base) => {
                self.extended(Some(base), Draft::of(packed), &tree)?
            }
            _ => self.extended(None, Draft::default(), &tree)?,
        };
        let Some(body) = made else { return Ok(None) };
        kept::write(&path, MAGIC, &[&body]);
        kept::keep_newest(&folder, KEPT);
        Ok(Catalog::read(body))
    }

    /// Returns the body of the catalog of `tree`, given that of the tree `base`.
    fn extended(
        &self,
        base: Option<&Oid>,
        mut draft: Draft<'_>,
        tree: &Oid,
    ) -> Result<Option<Vec<u8>>, Error> {
        let mut gone: BTreeMap<RecordId, u32> = BTreeMap::new();
        if let Some(base) = base {
            for file in self.store().lacking(base, Some(tree), LEDGER)? {
                let Some((_, id, _)) = manifest::id_of_path(&file.path) else { return Ok(None) };
                *gone.entry(id).or_default() += 1;
            }
        }
        for (id, files) in gone {
            // Half a record that is gone is damage, and whoever reads the whole ledger says which.
            let had = draft.records.remove(&id);
            let whole = had.as_deref().and_then(files_of);
            if whole != Some(files) {
                return Ok(None);
            }
        }
        let (entries, faults) = read::entries(self.store().lacking(tree, base, LEDGER)?);
        if !faults.is_empty() {
            return Ok(None);
        }
        let mut raws = Vec::with_capacity(entries.len());
        for entry in entries {
            let Ok(bytes) = self.bytes(&entry, &entry.manifest) else { return Ok(None) };
            raws.push((entry, bytes));
        }
        let parsed: Option<Vec<(Entry, Manifest)>> = raws
            .into_par_iter()
            .map(|(entry, bytes)| read::manifest(&entry, &bytes).ok().map(|manifest| (entry, manifest)))
            .collect();
        let Some(parsed) = parsed else { return Ok(None) };
        for (entry, mut manifest) in parsed {
            if matches!(manifest.labelers, Labelers::InShard) {
                let shard = entry.shard.as_ref().map(|file| self.bytes(&entry, file)).transpose();
                let decoded = shard.and_then(|shard| read::decode(&entry, manifest, shard));
                let Ok(record) = decoded else { return Ok(None) };
                manifest = record.manifest;
            }
            draft.add(&entry, &manifest);
        }
        Ok(Some(draft.write()))
    }
}

/// Returns how many files a record has.
fn files_of(record: &[u8]) -> Option<u32> {
    let mut reader = Reader::new(record);
    reader.digest()?;
    Some(1 + u32::from(reader.byte()? & HAS_SHARD != 0))
}

/// The bit of a record's second byte that says that it has a shard.
const HAS_SHARD: u8 = 0x80;

fn write_record(entry: &Entry, manifest: &Manifest, word: &mut dyn FnMut(&str) -> u64) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(&entry.id.0.0);
    out.push(place(Kind::ALL, &manifest.kind) | if entry.shard.is_some() { HAS_SHARD } else { 0 });
    pack::uint(&mut out, manifest.task.as_deref().map_or(0, |task| word(task) + 1));
    pack::int(&mut out, manifest.recorded_at.micros());
    pack::uint(&mut out, manifest.parents.len() as u64);
    manifest.parents.iter().for_each(|parent| out.extend_from_slice(&parent.0.0));
    pack::text(&mut out, Some(&entry.manifest.blob.0));
    pack::text(&mut out, entry.shard.as_ref().map(|shard| shard.blob.0.as_str()));
    pack::uint(&mut out, word(&manifest.actor));
    pack::uint(&mut out, word(&manifest.tool));
    pack::uint(&mut out, u64::from(manifest.source.is_some()));
    if let Some(source) = &manifest.source {
        pack::text(&mut out, Some(&source.file));
        out.extend_from_slice(&source.sha256.0);
        pack::uint(&mut out, source.bytes);
        pack::uint(&mut out, word(&source.detected));
        pack::uint(&mut out, source.mapping.len() as u64);
        for (column, field) in &source.mapping {
            pack::uint(&mut out, word(column));
            pack::uint(&mut out, word(field));
        }
        pack::uint(&mut out, source.flags.len() as u64);
        source.flags.iter().for_each(|flag| pack::uint(&mut out, word(flag)));
    }
    write_digest(&mut out, manifest.schema_sha256);
    let listed = match &manifest.labelers {
        Labelers::Listed(listed) => Some(listed),
        Labelers::InShard => None,
    };
    pack::uint(&mut out, listed.map_or(0, |listed| listed.len() as u64));
    for (id, used) in listed.into_iter().flatten() {
        pack::uint(&mut out, word(id));
        out.push(place(LabelerKind::ALL, &used.kind));
        pack::uint(&mut out, used.rows);
    }
    pack::uint(&mut out, manifest.guidelines.len() as u64);
    for (key, used) in &manifest.guidelines {
        pack::uint(&mut out, word(key));
        out.extend_from_slice(&used.sha256.0);
        pack::uint(&mut out, used.rows);
    }
    pack::uint(&mut out, manifest.origins.len() as u64);
    for (origin, rows) in &manifest.origins {
        out.push(place(Origin::ALL, origin));
        pack::uint(&mut out, *rows);
    }
    if let Some(shard) = manifest.shard {
        out.extend_from_slice(&shard.sha256.0);
        pack::uint(&mut out, shard.bytes);
        pack::uint(&mut out, shard.rows);
    }
    write_digest(&mut out, manifest.rows_root);
    pack::uint(&mut out, u64::from(manifest.revert.is_some()));
    if let Some(revert) = &manifest.revert {
        write_revert(&mut out, revert);
    }
    pack::text(&mut out, Some(&manifest.message));
    out
}

fn read_top(reader: &mut Reader<'_>, words: &[Arc<str>]) -> Option<Top> {
    let id = RecordId(reader.digest()?);
    let byte = reader.byte()?;
    let kind = *Kind::ALL.get(usize::from(byte & !HAS_SHARD))?;
    let task = match reader.len()? {
        0 => None,
        more => Some(words.get(more - 1)?.clone()),
    };
    let recorded_at = Timestamp::from_micros(reader.int()?)?;
    let parents = (0..reader.len()?).map(|_| reader.digest().map(RecordId)).collect::<Option<_>>()?;
    let head = Head { kind, task, recorded_at, parents };
    Some(Top { id, head, has_shard: byte & HAS_SHARD != 0 })
}

/// Reads of a packed record the digest of its source, and hands on its labelers, by the number of the word, with kind
/// and rows. What follows them is left in the reader.
fn skim(
    reader: &mut Reader<'_>,
    words: usize,
    each: &mut dyn FnMut(usize, LabelerKind, u64),
) -> Option<Option<Digest>> {
    skip_top(reader)?;
    read_blobs(reader)?;
    reader.uint()?;
    reader.uint()?;
    let mut source = None;
    if reader.uint()? > 0 {
        reader.bytes_of_text()?;
        source = Some(reader.digest()?);
        reader.uint()?;
        reader.uint()?;
        for _ in 0..2 * reader.len()? {
            reader.uint()?;
        }
        for _ in 0..reader.len()? {
            reader.uint()?;
        }
    }
    read_digest(reader)?;
    for _ in 0..reader.len()? {
        let word = reader.len().filter(|word| *word < words)?;
        let kind = read_place(reader, LabelerKind::ALL)?;
        each(word, kind, reader.uint()?);
    }
    Some(source)
}

/// Reads what follows the labelers of a record that is no revert: its rows and its message.
fn read_end<'a>(top: &Top, reader: &mut Reader<'a>) -> Option<(u64, &'a str)> {
    for _ in 0..reader.len()? {
        reader.uint()?;
        reader.digest()?;
        reader.uint()?;
    }
    for _ in 0..reader.len()? {
        reader.byte()?;
        reader.uint()?;
    }
    let mut rows = 0;
    if top.has_shard {
        reader.digest()?;
        reader.uint()?;
        rows = reader.uint()?;
    }
    read_digest(reader)?;
    (reader.uint()? == 0).then_some(())?;
    Some((rows, reader.some_text()?))
}

fn skip_top(reader: &mut Reader<'_>) -> Option<()> {
    reader.take(33)?;
    reader.uint()?;
    reader.int()?;
    let parents = reader.len()?;
    reader.take(parents.checked_mul(32)?)?;
    Some(())
}

fn read_blobs<'a>(reader: &mut Reader<'a>) -> Option<(&'a str, Option<&'a str>)> {
    Some((reader.some_text()?, reader.text()?))
}

fn read_rest(top: Top, reader: &mut Reader<'_>, words: &[Arc<str>]) -> Option<Manifest> {
    let word = |reader: &mut Reader<'_>| Some(words.get(reader.len()?)?.to_string());
    let Head { kind, task, recorded_at, parents } = top.head;
    Some(Manifest {
        kind,
        task: task.as_deref().map(str::to_owned),
        recorded_at,
        parents,
        actor: word(reader)?,
        tool: word(reader)?,
        source: match reader.len()? {
            0 => None,
            _ => Some(Source {
                file: reader.some_text()?.to_owned(),
                sha256: reader.digest()?,
                bytes: reader.uint()?,
                detected: word(reader)?,
                mapping: (0..reader.len()?)
                    .map(|_| Some((word(reader)?, word(reader)?)))
                    .collect::<Option<_>>()?,
                flags: (0..reader.len()?).map(|_| word(reader)).collect::<Option<_>>()?,
            }),
        },
        schema_sha256: read_digest(reader)?,
        labelers: Labelers::Listed(
            (0..reader.len()?)
                .map(|_| {
                    let id = word(reader)?;
                    let kind = read_place(reader, LabelerKind::ALL)?;
                    Some((id, LabelerUse { kind, rows: reader.uint()? }))
                })
                .collect::<Option<_>>()?,
        ),
        guidelines: (0..reader.len()?)
            .map(|_| {
                let key = word(reader)?;
                Some((key, GuidelineUse { sha256: reader.digest()?, rows: reader.uint()? }))
            })
            .collect::<Option<_>>()?,
        origins: (0..reader.len()?)
            .map(|_| Some((read_place(reader, Origin::ALL)?, reader.uint()?)))
            .collect::<Option<_>>()?,
        shard: match top.has_shard {
            true => Some(Shard { sha256: reader.digest()?, bytes: reader.uint()?, rows: reader.uint()? }),
            false => None,
        },
        rows_root: read_digest(reader)?,
        revert: match reader.len()? {
            0 => None,
            _ => Some(read_revert(reader)?),
        },
        message: reader.some_text()?.to_owned(),
    })
}

fn write_revert(out: &mut Vec<u8>, revert: &Revert) {
    let Filter { records, labelers, guidelines, kinds, tasks, origins, items, since, until } = &revert.filter;
    pack::uint(out, records.len() as u64);
    records.iter().for_each(|record| out.extend_from_slice(&record.0.0));
    let mut texts = |texts: &mut dyn ExactSizeIterator<Item = &str>| {
        pack::uint(out, texts.len() as u64);
        texts.for_each(|text| pack::text(out, Some(text)));
    };
    texts(&mut labelers.iter().map(String::as_str));
    texts(&mut guidelines.iter().map(|guideline| guideline.0.as_str()));
    texts(&mut tasks.iter().map(String::as_str));
    pack::uint(out, kinds.len() as u64);
    kinds.iter().for_each(|kind| out.push(place(Kind::ALL, kind)));
    pack::uint(out, origins.len() as u64);
    origins.iter().for_each(|origin| out.push(place(Origin::ALL, origin)));
    pack::uint(out, items.as_ref().map_or(0, |items| items.len() as u64 + 1));
    items.iter().flatten().for_each(|item| pack::text(out, Some(item)));
    for time in [since, until] {
        pack::uint(out, u64::from(time.is_some()));
        time.iter().for_each(|time| pack::int(out, time.micros()));
    }
    out.push(place(CASCADES, &revert.cascade));
    out.push(u8::from(revert.concurrent));
}

fn read_revert(reader: &mut Reader<'_>) -> Option<Revert> {
    let texts = |reader: &mut Reader<'_>| -> Option<Vec<String>> {
        (0..reader.len()?).map(|_| Some(reader.some_text()?.to_owned())).collect()
    };
    let time = |reader: &mut Reader<'_>| match reader.len()? {
        0 => Some(None),
        _ => Timestamp::from_micros(reader.int()?).map(Some),
    };
    let records = (0..reader.len()?).map(|_| reader.digest().map(RecordId)).collect::<Option<_>>()?;
    let labelers = texts(reader)?;
    let guidelines = texts(reader)?.into_iter().map(GuidelineRef).collect();
    let tasks = texts(reader)?;
    let kinds = (0..reader.len()?).map(|_| read_place(reader, Kind::ALL)).collect::<Option<_>>()?;
    let origins = (0..reader.len()?).map(|_| read_place(reader, Origin::ALL)).collect::<Option<_>>()?;
    let items = match reader.len()? {
        0 => None,
        more => Some((1..more).map(|_| Some(reader.some_text()?.to_owned())).collect::<Option<_>>()?),
    };
    let (since, until) = (time(reader)?, time(reader)?);
    let filter = Filter { records, labelers, guidelines, kinds, tasks, origins, items, since, until };
    Some(Revert { filter, cascade: read_place(reader, CASCADES)?, concurrent: reader.byte()? == 1 })
}

const CASCADES: &[Cascade] = &[Cascade::None, Cascade::Confirmed, Cascade::All];

/// Returns the place of a word in its vocabulary.
fn place<T: PartialEq>(all: &[T], one: &T) -> u8 {
    all.iter().position(|word| word == one).expect("a vocabulary lists all its words") as u8
}

fn read_place<T: Copy>(reader: &mut Reader<'_>, all: &[T]) -> Option<T> {
    all.get(usize::from(reader.byte()?)).copied()
}

fn write_digest(out: &mut Vec<u8>, digest: Option<Digest>) {
    out.push(u8::from(digest.is_some()));
    digest.iter().for_each(|digest| out.extend_from_slice(&digest.0));
}

fn read_digest(reader: &mut Reader<'_>) -> Option<Option<Digest>> {
    match reader.byte()? {
        0 => Some(None),
        _ => reader.digest().map(Some),
    }
}
