//! One manifest in few bytes: names that many share are numbers, and what the list says of every record is left out.

use std::sync::Arc;

use super::super::kept::pack::{self, Reader};
use super::super::read::Entry;
use super::list::Top;
use crate::base::{Digest, Timestamp};
use crate::ledger::Head;
use crate::record::{
    Cascade, Filter, GuidelineRef, GuidelineUse, Kind, LabelerKind, LabelerUse, Labelers, Manifest, Origin,
    RecordId, Revert, Shard, Source,
};
use crate::store::{Oid, TreeFile};

/// Packs a manifest and the ids of its record's blobs; `word` gives a name its number.
pub(super) fn write(entry: &Entry, manifest: &Manifest, word: &mut dyn FnMut(&str) -> u64) -> Vec<u8> {
    let mut out = Vec::new();
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

/// Returns, of a record with rows of labelers that `wanted` has by their numbers: how many, how many in all, and its
/// message; `Some(None)` where it has none of theirs.
pub(super) fn rows_by<'a>(body: &'a [u8], top: &Top, wanted: &[bool]) -> Option<Option<(u64, u64, &'a str)>> {
    let mut reader = Reader::new(body);
    read_blobs(&mut reader)?;
    reader.uint()?;
    reader.uint()?;
    if reader.uint()? > 0 {
        reader.bytes_of_text()?;
        reader.digest()?;
        reader.uint()?;
        reader.uint()?;
        for _ in 0..2 * reader.len()? {
            reader.uint()?;
        }
        for _ in 0..reader.len()? {
            reader.uint()?;
        }
    }
    read_digest(&mut reader)?;
    let mut rows = 0;
    for _ in 0..reader.len()? {
        let is_wanted = *wanted.get(reader.len()?)?;
        reader.byte()?;
        let own = reader.uint()?;
        rows += if is_wanted { own } else { 0 };
    }
    if rows == 0 {
        return Some(None);
    }
    let (all, message) = read_end(top, &mut reader)?;
    Some(Some((rows, all, message)))
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

/// Returns where the files of a record lie.
pub(super) fn read_entry(body: &[u8], top: &Top) -> Option<Entry> {
    let (manifest, shard) = read_blobs(&mut Reader::new(body))?;
    let [manifest_path, shard_path] = top.paths();
    let file = |path: String, blob: &str| TreeFile { path, blob: Oid(blob.to_owned()), mode: 0o100_644 };
    let shard = shard.map(|shard| file(shard_path, shard));
    Some(Entry { id: top.id, manifest: file(manifest_path, manifest), shard, signatures: Vec::new() })
}

/// Unpacks a manifest.
pub(super) fn read_manifest(body: &[u8], top: &Top, words: &[Arc<str>]) -> Option<Manifest> {
    let mut reader = Reader::new(body);
    read_blobs(&mut reader)?;
    let manifest = read_rest(top, &mut reader, words)?;
    reader.is_done().then_some(manifest)
}

fn read_blobs<'a>(reader: &mut Reader<'a>) -> Option<(&'a str, Option<&'a str>)> {
    Some((reader.some_text()?, reader.text()?))
}

fn read_rest(top: &Top, reader: &mut Reader<'_>, words: &[Arc<str>]) -> Option<Manifest> {
    let word = |reader: &mut Reader<'_>| Some(words.get(reader.len()?)?.to_string());
    let Head { kind, task, recorded_at, parents } = top.head.clone();
    let parents = parents.to_vec();
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
pub(super) fn place<T: PartialEq>(all: &[T], one: &T) -> u8 {
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
