#!/usr/bin/env python3
"""What `hitl agreement FILE` computes of labels, as hand-written polars queries: percent agreement and one contingency
table for each pair of labelers. The peer that docs/performance.md compares with. Needs polars.

    python3 benches/peer_polars.py labels.csv
"""
import sys
import polars as pl

labels = pl.read_csv(sys.argv[1])
items = labels.group_by("item", "label").len().group_by("item").agg(
    pl.col("len").sum().alias("labels"), (pl.col("len") * (pl.col("len") - 1)).sum().alias("agreeing"))
items = items.filter(pl.col("labels") >= 2)
print("percent agreement", (items["agreeing"] / (items["labels"] * (items["labels"] - 1))).mean())
pairs = labels.join(labels, on="item").filter(pl.col("labeler") < pl.col("labeler_right"))
cells = pairs.group_by("labeler", "labeler_right", "label", "label_right").len()
print("cells of pairs", cells.height)
