#!/usr/bin/env python3
"""What `hitl commit FILE` is compared with: polars reads the file, sorts it as a shard is sorted, and writes Parquet.

    python3 benches/peer_commit.py FILE OUT.parquet

Prints seconds (start of the interpreter not counted) and peak memory. No hashing, no checks, no second copy in Git.
"""
import resource, sys, time

import polars

start = time.time()
frame = polars.read_csv(sys.argv[1])
read = time.time()
frame = frame.sort(["item", "labeler"])
sorted_ = time.time()
frame.write_parquet(sys.argv[2], compression="zstd", compression_level=3)
end = time.time()
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(f"read {read - start:.2f} sort {sorted_ - read:.2f} write {end - sorted_:.2f} total {end - start:.2f} s, {memory} MiB")
