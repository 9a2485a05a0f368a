#!/usr/bin/env python3
"""What `hitl agreement` and `hitl snapshot create` do with a ledger's label shards, as hand-written polars queries over
the same files: counts by item and label, and the label of most votes of each item, written as zstd Parquet. Nothing is
verified, no revert is looked at, and the last judgement of a labeler is not told from earlier ones. Needs polars.

    python3 benches/peer_shards.py counts 'ledger/labels/*/*/*/*.parquet'
    python3 benches/peer_shards.py majority 'ledger/labels/*/*/*/*.parquet' out.parquet
"""
import resource
import sys
import time

import polars as pl

start = time.time()
rows = pl.scan_parquet(sys.argv[2]).select("item", "label")
counts = rows.group_by("item", "label").len()
if sys.argv[1] == "counts":
    items = counts.group_by("item").agg(
        pl.col("len").sum().alias("labels"), (pl.col("len") * (pl.col("len") - 1)).sum().alias("agreeing"))
    paired = items.filter(pl.col("labels") >= 2)
    print("percent agreement", paired.select((pl.col("agreeing") / (pl.col("labels") * (pl.col("labels") - 1))).mean()).collect().item())
else:
    most = counts.sort("len", descending=True).group_by("item").agg(pl.col("label").first(), pl.col("len").first())
    most.collect().write_parquet(sys.argv[3], compression="zstd")
print(f"{time.time() - start:.2f} s, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB", file=sys.stderr)
