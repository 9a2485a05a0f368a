"""Delta Lake's append of a batch and delete of one labeler, on the rows of a ledger's shards.

    python3 benches/peer_delta.py 'ledger/labels/*/*/*/*.parquet' FOLDER

Makes a table of the rows in FOLDER, in 50 files, then appends 1,000 rows and deletes one labeler's, five times each,
and prints the medians in milliseconds. The process and the table are warm; nothing is synced. Needs deltalake, polars.
"""

import statistics
import sys
import time

import polars
from deltalake import DeltaTable, write_deltalake

FILES = 50
TIMES = 5


def milliseconds(what):
    """Runs `what` and returns how long it took."""
    start = time.perf_counter()
    what()
    return (time.perf_counter() - start) * 1e3


def main():
    shards, folder = sys.argv[1:]
    rows = polars.read_parquet(shards, columns=["item", "labeler", "label"])
    size = -(-rows.height // FILES)
    for start in range(0, rows.height, size):
        write_deltalake(folder, rows.slice(start, size).to_arrow(), mode="append")
    batch = rows.head(1000).to_arrow()
    labelers = sorted(rows["labeler"].unique())[:TIMES]
    append = [milliseconds(lambda: write_deltalake(folder, batch, mode="append")) for _ in range(TIMES)]
    delete = [
        milliseconds(lambda: DeltaTable(folder).delete(f"labeler = '{labeler}'")) for labeler in labelers
    ]
    print(f"append of 1,000 rows {statistics.median(append):.0f} ms, delete of a labeler {statistics.median(delete):.0f} ms")


main()
