"""The state of a ledger and the digest of a snapshot, written a second time: slow, plain, standard library alone.

Written from docs/snapshots.md and the rules in docs/semantics.md, not from the Rust code, so that the two check each
other. Reading records out of a repository is the caller's; here everything is dicts and lists.

A record is {"id": hex, "kind", "task", "parents": [hex], "recorded_at": time, "labelers": {id: {"kind": ...}},
"revert": None or {"filter": {...}, "cascade": "none" | "confirmed" | "all", "concurrent": bool}, "rows": [{column: value}]}.
The rows of a revert are its item list, where that lies in its shard.
A time is whole microseconds since 1970 UTC, RFC 3339 text, or a datetime; times in rows may be None.

Run as a program it reads lines of JSON, {"records": [...], "lock": {...}, "text": the lock's}, and prints
rebuild() of each and whether the text hashes to its last line.
"""

import datetime
import functools
import hashlib
import json
import sys
from fractions import Fraction

JUDGEMENTS = ("labels", "corrections", "adjudications", "predictions")
DAY = 86_400_000_000


def cbor(value):
    """Deterministic CBOR of None, whole numbers, text and lists."""
    def head(major, number):
        if number < 24:
            return bytes([major << 5 | number])
        for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if number < 1 << (8 * size):
                return bytes([major << 5 | code]) + number.to_bytes(size, "big")
        raise ValueError(number)
    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(4, len(value)) + b"".join(map(cbor, value))


def tagged(domain, *parts):
    """SHA-256 over a domain, NUL and the parts."""
    return hashlib.sha256(domain.encode() + b"\0" + b"".join(parts)).digest()


def micros(time):
    """A time as microseconds since the epoch."""
    if time is None or isinstance(time, int):
        return time
    if isinstance(time, str):
        time = datetime.datetime.fromisoformat(time.replace("Z", "+00:00"))
    if time.tzinfo is None:
        time = time.replace(tzinfo=datetime.timezone.utc)
    return (time - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1)


# The snapshot -------------------------------------------------------------------------------------------------------

def split_of(split, item):
    """The part that an item falls into; split is {"seed", "parts": [{"name", "weight"}]} or None."""
    if split is None:
        return None
    number = int.from_bytes(tagged("hitl split 1", cbor([split["seed"], item]))[:8], "big")
    end = Fraction(0)
    for part in split["parts"]:
        end += Fraction(part["weight"])
        if Fraction(number, 1 << 64) < end:
            return part["name"]
    raise ValueError("the weights do not add up to 1")


def snapshot_digest(resolved, schema, policy, min_labels=1, split=None, version=1):
    """The digest of what resolve() returns. schema is the canonical JSON of the task's label schema."""
    buckets = [[] for _ in range(256)]
    counts = dict.fromkeys(("items", "resolved", "adjudicated", "ties", "disagreements", "conflicts", "too_few"), 0)
    for one in sorted(resolved, key=lambda one: one["item"].encode()):
        heard = one["votes"] + one["abstentions"] + one["conflicts"]
        if one["outcome"] == "too_few" and not heard:
            continue
        counts["items"] += 1
        counts[one["outcome"]] += 1
        if one["outcome"] != "resolved":
            continue
        counts["adjudicated"] += one["settled"] == "adjudication"
        item = one["item"]
        row = [item, one["label"], split_of(split, item), one["settled"],
               one["votes"], one["abstentions"], one["conflicts"]]
        buckets[hashlib.sha256(item.encode()).digest()[0]].append(cbor(row))
    rule = None if split is None else [split["seed"], [[part["name"], part["weight"]] for part in split["parts"]]]
    head = cbor(["hitl.snapshot/1", schema, [policy, version, min_labels], rule, list(counts.values())])
    digests = [tagged("hitl snapshot bucket 1", *rows) for rows in buckets]
    return tagged("hitl snapshot 1", head, *digests).hex()


def records_sha256(ids):
    """The digest of a set of record ids."""
    return tagged("hitl record set 1", *sorted(map(bytes.fromhex, set(ids)))).hex()


# The fold -----------------------------------------------------------------------------------------------------------

def statement(kind, row):
    """What a row says."""
    if kind != "corrections":
        return row.get("label")
    parts = {name: row.get(name) for name in ("corrected", "original", "verdict")}
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def ancestors(records):
    """For each id, the set of ids of its ancestors; absent parents have none."""
    by_id = {record["id"]: record for record in records}
    found = {}
    for record in records:
        walk = [record["id"]]
        while walk:
            one = walk[-1]
            parents = [parent for parent in by_id[one]["parents"] if parent in by_id]
            todo = [parent for parent in parents if parent not in found]
            if todo:
                walk.extend(todo)
                continue
            found[one] = set(parents).union(*(found[parent] for parent in parents))
            walk.pop()
    return found


def matches(want, record, row):
    """Whether a filter, a dict whose absent or empty fields say nothing, chooses a row."""
    def one_of(name, value):
        return not want.get(name) or value in want[name]
    time = micros(row.get("created_at"))
    time = micros(record["recorded_at"]) if time is None else time
    guideline = row.get("guideline")
    under = not want.get("guidelines") or guideline is not None and any(
        name in (guideline, guideline.split("@")[0]) for name in want["guidelines"])
    return (one_of("records", record["id"]) and one_of("labelers", row["labeler"]) and under
            and one_of("kinds", record["kind"]) and one_of("tasks", record["task"])
            and one_of("origins", row["origin"])
            and (want.get("items") is None or row["item"] in want["items"])
            and (want.get("since") is None or micros(want["since"]) <= time)
            and (want.get("until") is None or time < micros(want["until"])))


def live_reverts(records):
    """The reverts that no live revert names."""
    reverts = {record["id"]: record for record in records if record["kind"] == "reverts"}
    targets = {id: [name for name in one["revert"]["filter"].get("records") or [] if name in reverts]
               for id, one in reverts.items()}

    @functools.lru_cache(None)
    def live(id):
        return not any(id in targets[other] and live(other) for other in reverts)
    return [one for id, one in reverts.items() if live(id) and not targets[id]]


def fold(records):
    """All judgements of a set of records, each a dict with its state: current, conflict, superseded or reverted."""
    records = list({record["id"]: record for record in records}.values())
    before = ancestors(records)
    judgements = {}
    for record in records:
        for row in record["rows"] if record["kind"] in JUDGEMENTS else []:
            said, time = statement(record["kind"], row), micros(row.get("created_at"))
            identity = (record["kind"], record["task"], row["item"], row["labeler"], said, time)
            judgements.setdefault(identity, []).append((record, row))
    covered = cover(live_reverts(records), judgements, before)
    keys = {}
    for (kind, task, item, labeler, said, time), carriers in judgements.items():
        hidden = covered[kind, task, item, labeler, said, time]
        heard = [one for one in carriers if one[0]["id"] not in hidden] or carriers
        newest = [one for one in heard if not any(one[0]["id"] in before[other[0]["id"]] for other in heard)]
        attributing = min(newest, key=lambda one: one[0]["id"])[0]
        judgement = {
            "kind": kind, "task": task, "item": item, "labeler": labeler, "label": said, "created_at": time,
            "labeler_kind": attributing["labelers"][labeler]["kind"],
            "carriers": {record["id"] for record, _ in carriers},
            "time": time,
        }
        if time is not None:
            first = introducing(judgement["carriers"], before)
            judgement["time"] = min([time] + [micros(one["recorded_at"]) + DAY for one, _ in carriers if one["id"] in first])
        judgement["live"] = bool(judgement["carriers"] - hidden)
        keys.setdefault((kind, task, item, None if kind == "adjudications" else labeler), []).append(judgement)
    for key in keys.values():
        settle(key, before)
    return [judgement for key in keys.values() for judgement in key]


def cover(reverts, judgements, before):
    """For each judgement, the ids of the records in which a live revert covers it."""
    covered = {identity: set() for identity in judgements}
    apart = {revert["id"]: {identity: {record["id"] for record, _ in carriers if revert["id"] not in before[record["id"]]}
                            for identity, carriers in judgements.items()} for revert in reverts}

    def sees(revert, identity):
        all_apart = apart[revert["id"]][identity]
        return all_apart if revert["revert"]["concurrent"] else all_apart & before[revert["id"]]
    taken = {}
    for revert in reverts:
        want = revert["revert"]["filter"]
        if want.get("items") is None and revert["rows"]:
            want = {**want, "items": {row["item"] for row in revert["rows"]}}
        taken[revert["id"]] = {identity for identity, carriers in judgements.items() if any(
            record["id"] in sees(revert, identity) and matches(want, record, row) for record, row in carriers)}
        for identity in taken[revert["id"]]:
            covered[identity] |= apart[revert["id"]][identity]
    # What was built on something taken back, and stands on nothing else, goes with it where the revert cascades.
    goes = {"none": (), "confirmed": ("confirmed",), "all": ("confirmed", "changed", "switched")}
    links = built_on(judgements, before)
    changed = True
    while changed:
        changed = False
        for built in {built for built, _, _ in links}:
            below = [(on, origin) for other, on, origin in links if other == built]
            live = [on for on, _ in below if {record["id"] for record, _ in judgements[on]} - covered[on]]
            if live or built[0] == "adjudications":
                continue
            for revert in reverts:
                mine, origins = taken[revert["id"]], goes[revert["revert"]["cascade"]]
                falls = any(on in mine and origin in origins for on, origin in below)
                if built not in mine and falls and sees(revert, built):
                    mine.add(built)
                    covered[built] |= apart[revert["id"]][built]
                    changed = True
    return covered


def introducing(ids, before):
    """Of the records that carry a judgement, those without another one among their ancestors."""
    return [id for id in ids if not ids & before[id]]


def built_on(judgements, before):
    """(b, a, origin) for each b made with a in sight."""
    links = []
    first = {identity: introducing({record["id"] for record, _ in carriers}, before)
             for identity, carriers in judgements.items()}
    for b, carriers in judgements.items():
        for record, row in carriers:
            if record["id"] not in first[b] or row.get("shown") is None or row.get("shown_by") is None:
                continue
            for a in judgements:
                same = a[1:3] == b[1:3] and a[3] == row["shown_by"] and a[4] == row["shown"]
                later = any(y in before[x] for x in first[a] for y in first[b])
                if same and a != b and a[0] != "adjudications" and not later:
                    links.append((b, a, row["origin"]))
    return links


def settle(key, before):
    """Sets the state of the judgements of one key."""
    def precedes(a, b):
        if a["time"] is not None and b["time"] is not None and a["time"] != b["time"]:
            return a["time"] < b["time"]
        return any(x in before[y] for x in introducing(a["carriers"], before) for y in introducing(b["carriers"], before))
    count = range(len(key))
    after = [{j for j in count if i != j and precedes(key[i], key[j])} for i in count]
    for middle in count:
        for i in count:
            if middle in after[i]:
                after[i] |= after[middle]
    live = {i for i in count if key[i]["live"]}
    # Those with nothing live after them that is not before them too.
    last = [i for i in live if all(i in after[j] for j in after[i] & live)]
    agreed = len({key[i]["label"] for i in last}) <= 1
    for i in count:
        standing = "current" if agreed else "conflict"
        key[i]["state"] = "reverted" if i not in live else standing if i in last else "superseded"


def resolve(judgements, task, policy="majority", min_labels=1):
    """What each item of a task comes to: a list of dicts for snapshot_digest()."""
    items = {}
    for one in judgements:
        if one["task"] == task and one["kind"] in ("labels", "adjudications"):
            items.setdefault(one["item"], []).append(one)
    return [{"item": item, **resolve_item(item, ones, policy, min_labels)} for item, ones in items.items()]


def resolve_item(item, judgements, policy, min_labels):
    human = [one for one in judgements if one["kind"] == "labels" and one["labeler_kind"] == "human"]
    current = [one for one in human if one["state"] == "current"]
    # Several current ones of one labeler say the same: the latest stands for her.
    latest = sorted(current, key=lambda one: -1 << 63 if one["time"] is None else one["time"])
    votes = {one["labeler"]: one for one in latest if one["label"] is not None}
    out = {
        "votes": len(votes),
        "abstentions": len({one["labeler"] for one in current} - set(votes)),
        "conflicts": len({one["labeler"] for one in human if one["state"] == "conflict"}),
    }
    decided = [one for one in judgements if one["kind"] == "adjudications" and one["state"] in ("current", "conflict")]
    if decided and decided[0]["state"] == "conflict":
        return {**out, "outcome": "conflicts"}
    if decided and decided[0]["label"] is None:
        return {**out, "outcome": "too_few"}
    if decided:
        return {**out, "outcome": "resolved", "label": decided[0]["label"], "settled": "adjudication"}
    if not votes and out["conflicts"]:
        return {**out, "outcome": "conflicts"}
    if len(votes) < max(1, min_labels):
        return {**out, "outcome": "too_few"}
    outcome, label = decide([(one["label"], one["time"]) for one in votes.values()], policy)
    return {**out, "outcome": outcome, "label": label, "settled": "policy"}


def decide(votes, policy):
    """The outcome and label of (label, time) votes."""
    labels = [label for label, _ in votes]
    if policy == "unanimous":
        return ("resolved", labels[0]) if len(set(labels)) == 1 else ("disagreements", None)
    if policy == "latest":
        times = [time for _, time in votes]
        if None not in times:
            labels = [label for label, time in votes if time == max(times)]
        return ("resolved", labels[0]) if len(set(labels)) == 1 else ("ties", None)
    most = max(map(labels.count, labels))
    top = {label for label in labels if labels.count(label) == most}
    return ("resolved", top.pop()) if len(top) == 1 else ("ties", None)


# A lock -------------------------------------------------------------------------------------------------------------

ONE_BY_ONE = ("majority", "unanimous", "latest")


def rebuild(records, lock):
    """What a lock should say: the digest, and the count and digest of the records that its heads stand for. lock is its
    YAML as a dict. The digest is None under a joint policy, whose statistics are not done here. Raises KeyError naming a
    record that is absent, or inert and none of these."""
    by_id = {record["id"]: record for record in records}
    closure, walk = set(), list(lock["records"]["heads"])
    while walk:
        id = walk.pop()
        if id not in closure:
            closure.add(id)
            walk.extend(by_id[id]["parents"])
    # What is inert keeps its place, and judges and takes back nothing.
    for id in lock["records"].get("inert", []):
        if id not in closure:
            raise KeyError(id)
        by_id[id] = {**by_id[id], "kind": "joins", "task": None, "labelers": {}, "revert": None, "rows": []}
    policy = lock["policy"]
    found = {"digest": None, "count": len(closure), "sha256": records_sha256(closure)}
    if policy["name"] not in ONE_BY_ONE:
        return found
    judgements = fold([by_id[id] for id in closure])
    resolved = resolve(judgements, lock["task"], policy["name"], policy["min_labels"])
    digest = snapshot_digest(resolved, lock["label_schema"], policy["name"], policy["min_labels"], lock.get("split"),
                             policy["version"])
    return {**found, "digest": digest}


def lock_hash_holds(text):
    """Whether the last line of a lock's bytes is the SHA-256 of those before it."""
    body, _, last = text.removesuffix(b"\n").rpartition(b"\n")
    return last == b'lock_sha256: "%s"' % hashlib.sha256(body + b"\n").hexdigest().encode()


def main():
    for line in sys.stdin:
        request = json.loads(line)
        answer = rebuild(request["records"], request["lock"])
        answer["text"] = lock_hash_holds(request["text"].encode())
        print(json.dumps(answer))


if __name__ == "__main__":
    main()
