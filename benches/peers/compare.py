#!/usr/bin/env python3
"""hitl beside its peers on one file: whole processes, taking turns, the best of several runs each.

    python3 benches/peers/compare.py labels.csv polars duckdb            # of `hitl agreement`
    python3 benches/peers/compare.py --hitl "consensus --method majority" labels.csv majority
"""
import argparse
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent


def run(command):
    """Returns wall seconds, processor seconds and peak megabytes of one process."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{' '.join(command)} failed")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


parser = argparse.ArgumentParser()
parser.add_argument("--hitl", default="agreement --format json", help="the command of hitl that does it")
parser.add_argument("--program", default=str(HERE.parent.parent / "target/release/hitl"))
parser.add_argument("--runs", type=int, default=5)
parser.add_argument("file")
parser.add_argument("peers", nargs="+")
asked = parser.parse_args()

commands = {"hitl": [asked.program, *asked.hitl.split(), asked.file]}
commands |= {peer: [sys.executable, str(HERE / "peer.py"), peer, asked.file] for peer in asked.peers}
best = {}
for _ in range(asked.runs):
    for name, command in commands.items():
        measured = run(command)
        best[name] = min(best.get(name, measured), measured)
own = best["hitl"][0]
print(f"{asked.file}: hitl {asked.hitl}")
for name, (wall, processor, memory) in best.items():
    print(f"  {name:22} {wall:7.2f} s  cpu {processor:6.2f} s  {memory:6.0f} MB  {wall / own:6.1f} x hitl")
