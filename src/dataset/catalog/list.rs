//! Lists: which records a ledger tree has, in order, with what the fold asks of each, and where its body lies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::LabelerSum;
use super::bodies::{self, BodyFile, Place};
use super::pack;
use crate::base::{Digest, Timestamp};
use crate::dataset::kept::pack::{Reader, int, text, uint};
use crate::dataset::{kept, read::Entry};
use crate::ledger::{Arranged, Head, Node, Parents, arrange};
use crate::manifest;
use crate::record::{Kind, Labelers, Manifest, RecordId};
use crate::store::Oid;

/// The first bytes of a kept list: what it is, and the version of its layout.
pub(super) const MAGIC: &[u8] = b"hitl catalog 2\n";
/// Lists kept: of the branch, of one it is compared with, and of two looked at on the way.
const KEPT: usize = 4;
/// A file of bodies that is at most so many times as large as what comes after it is written anew with that: so there
/// are few files, and each body is written few times.
const GROWTH: u64 = 3;

/// What is known of a record without unpacking its manifest.
#[derive(Clone, Debug)]
pub(in crate::dataset) struct Top {
    pub(in crate::dataset) id: RecordId,
    pub(in crate::dataset) head: Head,
    pub(in crate::dataset) has_shard: bool,
    /// The first bytes of its source's digest.
    pub(super) source: Option<[u8; 8]>,
    pub(super) place: Place,
}

impl Top {
    /// Returns the paths of its manifest and, whether it has one or not, of its shard.
    pub(super) fn paths(&self) -> [String; 2] {
        let Head { kind, task, recorded_at, .. } = &self.head;
        [
            manifest::manifest_path(*kind, task.as_deref(), *recorded_at, self.id),
            manifest::shard_path(*kind, task.as_deref(), *recorded_at, self.id),
        ]
    }
}

impl Node for Top {
    fn id(&self) -> RecordId {
        self.id
    }

    fn parents(&self) -> &[RecordId] {
        &self.head.parents
    }
}

/// Returns what a [`Top`] has of its source's digest.
pub(super) fn source_prefix(sha256: Digest) -> [u8; 8] {
    *sha256.0.first_chunk().expect("a digest has 32 bytes")
}

/// The records of a tree.
#[derive(Default)]
pub(super) struct List {
    /// Texts that many manifests share.
    pub(super) words: Vec<Arc<str>>,
    /// By word: what the manifests say of the labeler of this name.
    pub(super) sums: Vec<LabelerSum>,
    pub(super) files: Vec<BodyFile>,
    pub(super) records: Arranged<Top>,
}

/// The bits of a record's first byte that say that it has a shard, and a source.
const HAS_SHARD: u8 = 0x80;
const HAS_SOURCE: u8 = 0x40;

impl List {
    /// Reads what [`Draft::write`] wrote; `None` of anything else.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(body);
        let files = read_files(&mut reader)?;
        let (mut words, mut sums) = (Vec::<Arc<str>>::new(), Vec::new());
        for _ in 0..reader.len()? {
            words.push(Arc::from(reader.some_text()?));
            sums.push(LabelerSum { rows: reader.uint()?, model_rows: reader.uint()? });
        }
        let count = reader.len()?;
        let all_ids = reader.take(count.checked_mul(32)?)?;
        let id = |number: usize| Some(RecordId(Digest(all_ids.get(number * 32..)?.first_chunk().copied()?)));
        let numbers = reader.take(count.checked_mul(4)?)?.as_chunks().0;
        let by_id: Arc<[u32]> = numbers.iter().map(|number| u32::from_le_bytes(*number)).collect();
        let sorted = by_id.iter().map(|number| all_ids.get(*number as usize * 32..)?.first_chunk::<32>());
        if !sorted.is_sorted() || by_id.iter().any(|number| *number as usize >= count) {
            return None;
        }
        let (mut tops, mut parents) = (Vec::with_capacity(count), Parents::with_capacity(count));
        let (mut names, mut numbers) = (Vec::new(), Vec::new());
        for number in 0..count {
            let byte = reader.byte()?;
            let task = match reader.len()? {
                0 => None,
                more => Some(words.get(more - 1)?.clone()),
            };
            let recorded_at = Timestamp::from_micros(reader.int()?)?;
            let named = reader.len()?;
            names.clear();
            numbers.clear();
            for _ in 0..named {
                match reader.len()? {
                    0 => names.push(RecordId(reader.digest()?)),
                    more => {
                        names.push(id(more - 1)?);
                        numbers.push(u32::try_from(more - 1).ok()?);
                    }
                }
            }
            parents.push(numbers.iter().copied());
            let source = match byte & HAS_SOURCE {
                0 => None,
                _ => Some(*reader.take(8)?.first_chunk()?),
            };
            let place = Place {
                file: u32::try_from(reader.uint()?).ok().filter(|file| (*file as usize) < files.len())?,
                start: reader.uint()?,
                len: u32::try_from(reader.uint()?).ok()?,
            };
            let kind = *Kind::ALL.get(usize::from(byte & !(HAS_SHARD | HAS_SOURCE)))?;
            let head = Head { kind, task, recorded_at, parents: names.as_slice().into() };
            tops.push(Top { id: id(number)?, head, has_shard: byte & HAS_SHARD != 0, source, place });
        }
        let records = Arranged { records: tops, by_id, parents: Arc::new(parents) };
        reader.is_done().then_some(Self { words, sums, files, records })
    }
}

fn read_files(reader: &mut Reader<'_>) -> Option<Vec<BodyFile>> {
    let file = |reader: &mut Reader<'_>| {
        Some(BodyFile { name: reader.some_text()?.to_owned(), len: reader.uint()? })
    };
    (0..reader.len()?).map(|_| file(reader)).collect()
}

/// Returns where the list of a tree is kept.
pub(super) fn path(cache: &Path, tree: &Oid) -> PathBuf {
    folder(cache).join(&tree.0)
}

/// Returns the trees whose lists are kept, the one kept last first.
pub(super) fn newest_first(cache: &Path) -> Vec<Oid> {
    let name = |path: &PathBuf| Some(Oid(path.file_name()?.to_str()?.to_owned()));
    kept::newest_first(&folder(cache)).iter().filter_map(name).collect()
}

/// Returns the names of all files of bodies that kept lists name.
pub(super) fn named(cache: &Path) -> BTreeSet<String> {
    let lists = kept::newest_first(&folder(cache));
    let files = lists.iter().filter_map(|path| read_files(&mut Reader::new(&kept::read(path, MAGIC)?)));
    files.flatten().map(|file| file.name).collect()
}

fn folder(cache: &Path) -> PathBuf {
    cache.join("catalog")
}

/// A list on its way to be kept.
#[derive(Default)]
pub(super) struct Draft {
    list: List,
    /// The numbers of the words.
    known: BTreeMap<Arc<str>, u64>,
    /// Records that are in the list no more.
    gone: BTreeSet<RecordId>,
    added: Vec<Top>,
    /// Their bodies, which will be in the last file.
    bodies: Vec<u8>,
}

impl Draft {
    pub(super) fn of(list: List) -> Self {
        let known = list.words.iter().cloned().zip(0..).collect();
        Self { list, known, ..Self::default() }
    }

    /// Returns the number of a text.
    fn word(&mut self, word: &str) -> u64 {
        if let Some(number) = self.known.get(word) {
            return *number;
        }
        let (number, word) = (self.list.words.len() as u64, Arc::<str>::from(word));
        self.list.words.push(word.clone());
        self.list.sums.push(LabelerSum::default());
        self.known.insert(word, number);
        number
    }

    pub(super) fn add(&mut self, entry: &Entry, manifest: &Manifest) {
        let body = pack::write(entry, manifest, &mut |word| self.word(word));
        if let Some(task) = &manifest.task {
            self.word(task);
        }
        if let Labelers::Listed(listed) = &manifest.labelers {
            for (labeler, used) in listed {
                let word = self.word(labeler);
                self.list.sums[word as usize].add(used.kind, used.rows);
            }
        }
        let place = Place {
            file: u32::try_from(self.list.files.len()).expect("there are few files"),
            start: self.bodies.len() as u64,
            len: u32::try_from(body.len()).expect("a manifest has a limit"),
        };
        bodies::append(&mut self.bodies, &entry.id, &body);
        let top = Top {
            id: entry.id,
            head: Head::of(manifest),
            has_shard: entry.shard.is_some(),
            source: manifest.source.as_ref().map(|source| source_prefix(source.sha256)),
            place,
        };
        self.added.push(top);
    }

    /// Removes a record; `None` where it was not as `manifest` says.
    pub(super) fn remove(&mut self, id: RecordId, manifest: &Manifest) -> Option<()> {
        if let Labelers::Listed(listed) = &manifest.labelers {
            for (labeler, used) in listed {
                let word = *self.known.get(&**labeler)?;
                self.list.sums[word as usize].take(used.kind, used.rows)?;
            }
        }
        self.gone.insert(id);
        Some(())
    }

    /// Keeps the list of `tree` and the bodies that were added, and returns the list; `None` where nothing can be kept.
    pub(super) fn keep(mut self, cache: &Path, tree: &Oid) -> Option<List> {
        if !self.gone.is_empty() {
            let mut left = std::mem::take(&mut self.list.records.records);
            left.retain(|top| !self.gone.contains(&top.id));
            self.list.records = arrange(left);
        }
        if !self.bodies.is_empty() {
            self.keep_bodies(cache)?;
        }
        let records = std::mem::take(&mut self.list.records);
        self.list.records = records.with(std::mem::take(&mut self.added));
        kept::write(&path(cache, tree), MAGIC, &[&self.write()]);
        kept::keep_newest(&folder(cache), KEPT);
        bodies::keep_named(cache);
        Some(self.list)
    }

    /// Keeps the bodies that were added, together with those of the last files that are not much larger.
    fn keep_bodies(&mut self, cache: &Path) -> Option<()> {
        let files = &mut self.list.files;
        let (mut first, mut size) = (files.len(), self.bodies.len() as u64);
        while let Some(file) = first.checked_sub(1).map(|before| &files[before])
            && file.len <= GROWTH * size
        {
            size += file.len;
            first -= 1;
        }
        let mut all = Vec::with_capacity(usize::try_from(size).ok()?);
        let mut starts = Vec::new();
        for file in &files[first..] {
            starts.push(all.len() as u64);
            all.extend(bodies::Bodies::open(cache, file)?.whole()?);
        }
        starts.push(all.len() as u64);
        all.append(&mut self.bodies);
        files.truncate(first);
        files.push(bodies::write(cache, &all).ok()?);
        for top in self.list.records.records.iter_mut().chain(&mut self.added) {
            if let Some(moved) = (top.place.file as usize).checked_sub(first) {
                top.place.start += starts[moved];
                top.place.file = first as u32;
            }
        }
        Some(())
    }

    fn write(&self) -> Vec<u8> {
        let List { words, sums, files, records: all } = &self.list;
        let records = &all.records;
        let mut out = Vec::with_capacity(64 + records.len() * 72);
        uint(&mut out, files.len() as u64);
        for file in files {
            text(&mut out, Some(&file.name));
            uint(&mut out, file.len);
        }
        uint(&mut out, words.len() as u64);
        for (word, sum) in words.iter().zip(sums) {
            text(&mut out, Some(word));
            uint(&mut out, sum.rows);
            uint(&mut out, sum.model_rows);
        }
        uint(&mut out, records.len() as u64);
        records.iter().for_each(|top| out.extend_from_slice(&top.id.0.0));
        all.by_id.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
        for (own, top) in records.iter().enumerate() {
            let kind = pack::place(Kind::ALL, &top.head.kind);
            let source = if top.source.is_some() { HAS_SOURCE } else { 0 };
            out.push(kind | source | if top.has_shard { HAS_SHARD } else { 0 });
            uint(&mut out, top.head.task.as_deref().map_or(0, |task| self.known[task] + 1));
            int(&mut out, top.head.recorded_at.micros());
            uint(&mut out, top.head.parents.len() as u64);
            for parent in &*top.head.parents {
                // Most name the record before them.
                let last = own.checked_sub(1).filter(|last| records[*last].id == *parent);
                match last.or_else(|| all.find(parent)) {
                    Some(number) => uint(&mut out, number as u64 + 1),
                    None => {
                        uint(&mut out, 0);
                        out.extend_from_slice(&parent.0.0);
                    }
                }
            }
            top.source.iter().for_each(|prefix| out.extend_from_slice(prefix));
            uint(&mut out, u64::from(top.place.file));
            uint(&mut out, top.place.start);
            uint(&mut out, u64::from(top.place.len));
        }
        out
    }
}
