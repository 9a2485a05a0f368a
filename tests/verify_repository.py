#!/usr/bin/env python3
"""Verifies a hitl repository from docs/format.md and docs/snapshots.md alone: the standard library, pyarrow and git, and
nothing of hitl.

Usage: verify_repository.py REPOSITORY [REVISION]

Recomputes, for every record in the revision's tree (HEAD unless given), its id from its manifest's bytes, its path,
SHA-256 and length of its shard, its counts and the Merkle root over its canonical rows; and for every snapshot the hash
of its lock, the set of records it was made from, and, from their rows, its digest. Of signatures, that each lies beside
what it signs and by its name is of the key in it; where there is `ssh-keygen`, also that it is good. Prints `N records
verified`, `N snapshots verified` and, where there are any, `N signatures verified`, and exits 0; or every mismatch and
exits 1.
"""

import base64
import collections
import hashlib
import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import pyarrow
import pyarrow.parquet

sys.dont_write_bytecode = True  # a verifier leaves nothing behind
import hitl_reference

JUDGEMENTS = {"labels", "corrections", "adjudications", "predictions"}
KINDS = JUDGEMENTS | {"items", "guidelines", "reverts", "joins"}
MANIFEST_FIELDS = [
    "format", "kind", "task", "actor", "recorded_at", "tool", "parents", "source", "schema_sha256", "labelers",
    "guidelines", "origins", "shard", "rows_root", "filter", "message",
]
ATTRIBUTION = [
    "item", "labeler", "created_at", "guideline", "origin", "shown", "shown_by", "source_id", "confidence",
    "duration_ms", "rationale",
]
COLUMNS = {
    "labels": ATTRIBUTION + ["label"],
    "adjudications": ATTRIBUTION + ["label"],
    "predictions": ATTRIBUTION + ["label", "scores", "embedding"],
    "corrections": ATTRIBUTION
    + ["original", "corrected", "verdict", "reason", "categories", "severity", "should_learn", "source", "context"],
    "items": ["item", "text", "uri", "sha256", "media_type", "metadata"],
    "guidelines": ["guideline", "version", "text", "sha256", "effective_from", "supersedes", "change", "note"],
    "reverts": ["item"],
}
# Columns that came later than their kind: a row all of whose are null does without them, and so does a shard.
LATER = {"adjudications": ["error_type", "guideline_gap"]}
ROWS_PER_LEAF = 1024


class Fault(Exception):
    """A mismatch, worded for people."""


def sha256(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest


class Repository:
    """The files of one revision's tree, read through git and past any replacement of objects."""

    def __init__(self, path, revision):
        self.path = path
        listing = self.git("ls-tree", "-r", "-z", "--full-tree", revision)
        self.blobs = {}
        for entry in listing.split(b"\0")[:-1]:
            meta, name = entry.split(b"\t", 1)
            self.blobs[name.decode()] = meta.split()[2].decode()

    def git(self, *arguments):
        command = ["git", "--no-replace-objects", "-C", self.path, *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout

    def under(self, folder):
        return sorted(name for name in self.blobs if name.startswith(folder + "/"))

    def read(self, name):
        return self.git("cat-file", "blob", self.blobs[name])


# Manifests: the YAML subset of docs/format.md.

STRING = re.compile(r'"(?:[^"\\\n]|\\(?:["\\nrt]|u[0-9a-f]{4}|U[0-9a-f]{8}))*"')
ESCAPE = re.compile(r"\\(?:U([0-9a-f]{8})|u([0-9a-f]{4})|(.))")
LINE = re.compile(rf"(?P<indent> *)(?:- (?P<item>.+)|\? (?P<long>{STRING.pattern})"
                  rf"|(?P<key>{STRING.pattern}|[a-z0-9_]*):(?: (?P<value>.+))?)")
PAIR = re.compile(rf"([a-z0-9_]+): ({STRING.pattern}|[a-z0-9_]+)")


def scalar(text):
    if STRING.fullmatch(text):
        simple = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
        return ESCAPE.sub(lambda m: simple[m[3]] if m[3] else chr(int(m[1] or m[2], 16)), text[1:-1])
    if text in ("null", "true", "false"):
        return {"null": None, "true": True, "false": False}[text]
    if text in ("[]", "{}"):
        return [] if text == "[]" else {}
    if re.fullmatch(r"0|[1-9][0-9]*", text):
        return int(text)
    if re.fullmatch(r"[a-z_]+", text):
        return text
    if text[0] == "{" and text[-1] == "}":
        pairs = text[1:-1].split(", ")
        matches = [PAIR.fullmatch(pair) for pair in pairs]
        if all(matches):
            return {match[1]: scalar(match[2]) for match in matches}
    raise Fault(f"manifest: {text!r} is no value")


def parse_manifest(data):
    text = data.decode()
    if not text.endswith("\n"):
        raise Fault("manifest: the last line has no end")
    lines = []
    for number, line in enumerate(text[:-1].split("\n"), 1):
        match = LINE.fullmatch(line)
        if not match or len(match["indent"]) % 2:
            raise Fault(f"manifest: line {number} is none of the grammar")
        lines.append((len(match["indent"]) // 2, match))
    manifest, rest = block(lines, 0, 0)
    if rest != len(lines) or list(manifest) != MANIFEST_FIELDS or manifest["format"] != 1:
        raise Fault("manifest: its fields are not those of format 1, in order")
    return manifest


def block(lines, at, depth):
    """Reads the list or map that begins at line `at`; returns it and the line after it."""
    value = [] if lines[at][1]["item"] else {}
    while at < len(lines) and lines[at][0] == depth:
        match = lines[at][1]
        at += 1
        if isinstance(value, list):
            value.append(scalar(match["item"]))
            continue
        if match["long"]:
            key, match = scalar(match["long"]), lines[at][1]
            at += 1
        else:
            key = scalar(match["key"]) if match["key"].startswith('"') else match["key"]
        if key in value:
            raise Fault(f"manifest: {key!r} stands twice")
        if match["value"] is not None:
            value[key] = scalar(match["value"])
        else:
            value[key], at = block(lines, at, depth + 1)
    return value, at


# Canonical rows: deterministic CBOR, in leaves of 1,024 rows under a Merkle root.

def head(major, value):
    for limit, extra, form in ((24, None, None), (1 << 8, 24, ">B"), (1 << 16, 25, ">H"), (1 << 32, 26, ">I")):
        if value < limit:
            return bytes([major << 5 | value]) if extra is None else bytes([major << 5 | extra]) + struct.pack(form, value)
    return bytes([major << 5 | 27]) + struct.pack(">Q", value)


def cbor(value):
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, str):
        data = value.encode()
        return head(3, len(data)) + data
    if isinstance(value, (list, tuple)):
        return head(4, len(value)) + b"".join(map(cbor, value))
    if value != value or (value == 0 and struct.pack(">d", value)[0]):
        raise Fault("a NaN or -0")
    for lead, form in ((b"\xf9", ">e"), (b"\xfa", ">f")):
        try:
            data = struct.pack(form, value)
        except OverflowError:
            continue
        if struct.unpack(form, data)[0] == value:
            return lead + data
    return b"\xfb" + struct.pack(">d", value)


def merkle_root(leaves):
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01", merkle_root(leaves[:split]), merkle_root(leaves[split:])).digest()


def rows_root(rows):
    encoded = [cbor(row) for row in rows]
    chunks = (encoded[at:at + ROWS_PER_LEAF] for at in range(0, len(encoded), ROWS_PER_LEAF))
    return merkle_root([sha256(b"\x00", *chunk).digest() for chunk in chunks]).hex()


def in_order(kind, rows):
    """The key that canonical order sorts by: None before everything, text by its UTF-8 bytes."""
    def text(value):
        return (value is not None, (value or "").encode())

    def key(row):
        judged = (text(row[1]), (row[2] is not None, row[2] or 0)) if kind in JUDGEMENTS else ()
        return (text(row[0]), judged, cbor(row))

    keys = [key(row) for row in rows]
    return all(a <= b for a, b in zip(keys, keys[1:]))


def read_rows(kind, data):
    """Returns the shard's rows, times as microseconds, and its metadata."""
    table = pyarrow.parquet.read_table(io.BytesIO(data), pre_buffer=False)
    first, later = COLUMNS[kind], LATER.get(kind, [])
    if table.column_names not in (first, first + later):
        raise Fault(f"shard: its columns are {', '.join(table.column_names)}")
    columns = []
    for column in table.columns:
        if pyarrow.types.is_timestamp(column.type):
            column = column.cast(pyarrow.int64())
        columns.append(column.to_pylist())
    rows = (list(row) for row in zip(*columns))
    rows = [row if any(value is not None for value in row[len(first):]) else row[:len(first)] for row in rows]
    return rows, table.schema.metadata or {}


# Records.

def count(rows, column):
    counts = {}
    for row in rows:
        if row[column] is not None:
            counts[row[column]] = counts.get(row[column], 0) + 1
    return counts


def check_shard(manifest, data, expected):
    kind = manifest["kind"]
    if len(data) != expected["bytes"] or sha256(data).hexdigest() != expected["sha256"]:
        raise Fault("shard: other bytes than its manifest states")
    rows, metadata = read_rows(kind, data)
    if len(rows) != expected["rows"]:
        raise Fault(f"shard: {len(rows)} rows where its manifest states {expected['rows']}")
    if not in_order(kind, rows):
        raise Fault("shard: its rows are not in canonical order")
    root = rows_root(rows)
    if root != manifest["rows_root"]:
        raise Fault(f"shard: its rows have the root {root}, its manifest states {manifest['rows_root']}")
    if kind not in JUDGEMENTS:
        return
    labelers = manifest["labelers"]
    if labelers == "in_shard":
        labelers = json.loads(metadata[b"hitl.labelers"])
    stated = {
        "labelers": {name: entry["rows"] for name, entry in labelers.items()},
        "guidelines": {name: entry["rows"] for name, entry in manifest["guidelines"].items()},
        "origins": manifest["origins"],
    }
    found = {"labelers": count(rows, 1), "guidelines": count(rows, 3), "origins": count(rows, 4)}
    for table, counts in found.items():
        if stated[table] != counts:
            raise Fault(f"manifest: its {table} are {stated[table]}, its rows have {counts}")


def check_record(repository, name, data, known):
    """Verifies the record whose manifest is the file `name`."""
    record = sha256(b"hitl record 1\0", data).hexdigest()
    manifest = parse_manifest(data)
    kind, task = manifest["kind"], manifest["task"]
    stem = f"ledger/{kind}/{task or '_'}/{manifest['recorded_at'][:7]}/{record[:2]}/{record}"
    if kind not in KINDS or name != stem + ".yaml":
        raise Fault(f"its bytes are those of {stem}.yaml")
    missing = [parent for parent in manifest["parents"] if parent not in known]
    if missing:
        raise Fault(f"its parent {missing[0]} is missing")
    shard = stem + ".parquet"
    if manifest["shard"] is None:
        if shard in repository.blobs:
            raise Fault("its manifest states no shard, and there is one")
    elif shard not in repository.blobs:
        raise Fault("its shard is missing")
    else:
        check_shard(manifest, repository.read(shard), manifest["shard"])


DAMAGE = (Fault, UnicodeDecodeError, KeyError, TypeError, ValueError, pyarrow.ArrowException, OSError)


def check_records(repository, faults):
    """Verifies every record under ledger/; returns what was verified."""
    names = repository.under("ledger")
    manifests = {name: repository.read(name) for name in names if name.endswith(".yaml")}
    known = {sha256(b"hitl record 1\0", data).hexdigest() for data in manifests.values()}
    for name, data in manifests.items():
        try:
            check_record(repository, name, data, known)
        except DAMAGE as error:
            faults.append(f"{name}: {error}")
    for name in names:
        stem = SIGNED.sub("", name.removesuffix(".parquet"))
        if name not in manifests and (stem == name or stem + ".yaml" not in manifests):
            faults.append(f"{name}: belongs to no record")
    return f"{len(manifests)} records verified"


# Snapshots: the locks of docs/snapshots.md.

def parse_lock(text):
    """Reads a lock: fields, blocks of fields, lists of values and lists of blocks."""
    lines = [(len(line) - len(line.lstrip(" ")), line.strip(" ")) for line in text.splitlines()]
    value, rest = lock_block(lines, 0, 0)
    if rest != len(lines):
        raise Fault(f"lock: line {rest + 1} is indented by mistake")
    return value


def lock_block(lines, at, indent):
    value = [] if lines[at][1].startswith("- ") else {}
    while at < len(lines) and lines[at][0] == indent:
        line = lines[at][1]
        if isinstance(value, list):
            if PAIR.fullmatch(line[2:]):
                # An entry with fields of its own: as if they stood alone, two columns further in.
                lines[at] = (indent + 2, line[2:])
                entry, at = lock_block(lines, at, indent + 2)
            else:
                entry, at = scalar(line[2:]), at + 1
            value.append(entry)
            continue
        match = re.fullmatch(rf"({STRING.pattern}|[a-z0-9_]+):(?: (.+))?", line)
        if not match:
            raise Fault(f"lock: line {at + 1} is none of the grammar")
        key = scalar(match[1]) if match[1].startswith('"') else match[1]
        at += 1
        if match[2] is not None:
            value[key] = scalar(match[2])
        else:
            value[key], at = lock_block(lines, at, lines[at][0])
    return value, at


def reference_records(repository):
    """Returns every record as hitl_reference wants it."""
    records = []
    for name in repository.under("ledger"):
        if not name.endswith(".yaml"):
            continue
        data = repository.read(name)
        manifest = parse_manifest(data)
        labelers, rows = manifest["labelers"], []
        if manifest["shard"] is not None:
            rows, metadata = read_rows(manifest["kind"], repository.read(name.removesuffix(".yaml") + ".parquet"))
            rows = [dict(zip(COLUMNS[manifest["kind"]], row)) for row in rows]
            if labelers == "in_shard":
                labelers = json.loads(metadata[b"hitl.labelers"])
        revert = None
        if manifest["filter"] is not None:
            wanted = dict(manifest["filter"])
            if wanted["items"] == "in_shard":
                wanted["items"] = None
            revert = {"filter": wanted, "cascade": wanted["cascade"], "concurrent": wanted["concurrent"]}
        records.append({
            "id": sha256(b"hitl record 1\0", data).hexdigest(), "kind": manifest["kind"], "task": manifest["task"],
            "parents": manifest["parents"], "recorded_at": manifest["recorded_at"], "labelers": labelers,
            "revert": revert, "rows": rows,
        })
    return records


def check_lock(data, records):
    """Verifies one lock against the repository's records; returns whether its digest was."""
    if not hitl_reference.lock_hash_holds(data):
        raise Fault("its last line is not the SHA-256 of those before it")
    lock = parse_lock(data.decode())
    if lock["format"] != "hitl.snapshot/1":
        raise Fault(f"its format is {lock['format']}")
    inert = lock["records"].get("inert", [])
    if inert != sorted(set(inert)):
        raise Fault("its inert records are not each there once, in order")
    found = hitl_reference.rebuild(records, lock)
    joint = found["digest"] is None
    stated = {"digest": None if joint else lock["digest"], "count": lock["records"]["count"], "sha256": lock["records"]["sha256"]}
    if found != stated:
        raise Fault(f"it states {stated}, its records come to {found}")
    return not joint


def check_snapshots(repository, faults):
    """Verifies every lock under snapshots/; returns what was verified."""
    names = [name for name in repository.under("snapshots") if not name.endswith(".sig")]
    try:
        records = reference_records(repository) if names else []
    except DAMAGE:
        return "no snapshot verified"  # What is wrong with a record was said before.
    joint = 0
    for name in names:
        try:
            joint += not check_lock(repository.read(name), records)
        except DAMAGE as error:
            faults.append(f"{name}: {error}")
    told = f", {joint} of them under a joint policy: records, not labels" if joint else ""
    return f"{len(names)} snapshots verified{told}"


# Signatures: armored SSHSIG beside what they sign.

SIGNED = re.compile(r"\.([0-9a-f]{64})\.sig$")
ARMOR = re.compile(rb"-----BEGIN SSH SIGNATURE-----\n(.+?)\n-----END SSH SIGNATURE-----", re.DOTALL)


def what_is_signed(repository, stem):
    """Returns the namespace and the bytes that a signature beside `stem`.yaml signs."""
    lock = stem + ".yaml"
    if lock not in repository.blobs:
        raise Fault("it lies beside nothing")
    if stem.startswith("ledger/"):
        return "hitl-record", f"hitl record 1\n{stem.rsplit('/', 1)[1]}\n".encode()
    return "hitl-snapshot", f"hitl snapshot 1\n{sha256(repository.read(lock)).hexdigest()}\n".encode()


def check_signature(repository, name):
    named = SIGNED.search(name)
    if not named:
        raise Fault("its name does not end in a key's fingerprint and .sig")
    namespace, message = what_is_signed(repository, name[:named.start()])
    signature = repository.read(name)
    armored = ARMOR.match(signature)
    if not armored:
        raise Fault("it is no armored SSH signature")
    blob = base64.b64decode(armored[1])
    if blob[:10] != b"SSHSIG\0\0\0\x01":
        raise Fault("it is no SSHSIG of version 1")
    length = struct.unpack(">I", blob[10:14])[0]
    key = blob[14:14 + length]
    if sha256(key).hexdigest() != named[1]:
        raise Fault("it was made by another key than its name says")
    if not shutil.which("ssh-keygen"):
        return
    with tempfile.NamedTemporaryFile() as file:
        file.write(signature)
        file.flush()
        command = ["ssh-keygen", "-Y", "check-novalidate", "-n", namespace, "-s", file.name]
        found = subprocess.run(command, input=message, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if found.returncode:
        raise Fault(f"ssh-keygen: {found.stderr.decode(errors='replace').strip()}")


def check_signatures(repository, faults):
    """Verifies every signature; returns what was verified, nothing where there is none."""
    names = [name for folder in ("ledger", "snapshots") for name in repository.under(folder) if name.endswith(".sig")]
    beside = collections.Counter(SIGNED.sub("", name) for name in names)
    faults += [f"{stem}: {count} signatures, more than 64" for stem, count in beside.items() if count > 64]
    for name in names:
        try:
            check_signature(repository, name)
        except DAMAGE as error:
            faults.append(f"{name}: {error}")
    return f"{len(names)} signatures verified" if names else None


CHECKS = [check_records, check_snapshots, check_signatures]


def main(arguments):
    if len(arguments) not in (2, 3):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    repository = Repository(arguments[1], arguments[2] if len(arguments) == 3 else "HEAD")
    faults, verified = [], []
    for check in CHECKS:
        verified.append(check(repository, faults))
    print("\n".join(faults or filter(None, verified)))
    return 1 if faults else 0


if __name__ == "__main__":
    code = main(sys.argv)
    sys.stdout.flush()
    # Without the interpreter's own end: pyarrow's threads sometimes abort it on a busy machine, after all was said.
    os._exit(code)
