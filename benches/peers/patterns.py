#!/usr/bin/env python3
"""Rules WHEN up to 3 predicates => edit, by us and by peers, of one file of transactions.

    cargo build --release --example mine
    python3 benches/peers/patterns.py 1000 5000 20000                  # sizes to go up through; a peer that runs out of time stops there
    python3 benches/peers/patterns.py --kind text 1000 2000

Settings are the same for all: conjunctions of up to 3 predicates, support of at least 3 rows, nothing held out. Where
the peers differ from us: mlxtend enumerates every frequent itemset of up to 4 (3 predicates and the edit) and keeps rules
of confidence >= .5, with no test, no q and no cut of what says the same. pysubgroup searches by beam, of our width, once
for each edit, for the 8 subgroups (its least, as many as its beam is wide) of highest weighted relative accuracy; it has no q either. Times are those of the
mining alone, after the file is read; the whole process, with imports, stands beside it.
"""
import argparse
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
LENGTH, SUPPORT, CONFIDENCE, BEAM = 3, 3, 0.5, 8


def read(path):
    """Returns the predicates and the edits of each row."""
    rows = [line.split("|") for line in pathlib.Path(path).read_text().splitlines()]
    return [row[0].split() for row in rows], [row[1].split() for row in rows]


def one_hot(rows):
    """Returns a sparse boolean frame, a column for each id."""
    import pandas
    from mlxtend.preprocessing import TransactionEncoder

    encoder = TransactionEncoder()
    matrix = encoder.fit_transform(rows, sparse=True)
    return pandas.DataFrame.sparse.from_spmatrix(matrix, columns=encoder.columns_)


def mlxtend(predicates, edits):
    """Returns how many rules have one edit for consequent and predicates alone before it."""
    from mlxtend.frequent_patterns import association_rules, fpgrowth

    frame = one_hot([row + ["e" + edit for edit in made] for row, made in zip(predicates, edits)])
    start = time.perf_counter()
    sets = fpgrowth(frame, min_support=SUPPORT / len(frame), use_colnames=True, max_len=LENGTH + 1)
    rules = association_rules(sets, metric="confidence", min_threshold=CONFIDENCE)
    of_edit = [
        next(iter(after))[0] == "e" and len(after) == 1 and not any(name[0] == "e" for name in before)
        for before, after in zip(rules["antecedents"], rules["consequents"])
    ]
    return time.perf_counter() - start, sum(of_edit)


def pysubgroup(predicates, edits):
    """Returns how many subgroups of confidence >= .5 are among the best of each edit."""
    import pandas
    import pysubgroup as ps

    names = sorted({name for row in predicates for name in row})
    columns = {"p" + name: [name in row for row in map(set, predicates)] for name in names}
    frame = pandas.DataFrame(columns)
    wanted = sorted({edit for row in edits for edit in row})
    found, start = 0, time.perf_counter()
    for edit in wanted:
        frame["target"] = [edit in made for made in edits]
        space = [ps.EqualitySelector("p" + name, True) for name in names]
        task = ps.SubgroupDiscoveryTask(
            frame, ps.BinaryTarget("target", True), space, result_set_size=BEAM, depth=LENGTH, qf=ps.WRAccQF(),
            constraints=[ps.MinSupportConstraint(SUPPORT)],
        )
        best = ps.BeamSearch(beam_width=BEAM, beam_width_adaptive=False).execute(task).to_dataframe()
        found += int((best["target_share_sg"] >= CONFIDENCE).sum())
    return time.perf_counter() - start, found


PEERS = {"mlxtend": mlxtend, "pysubgroup": pysubgroup}


def run(command, seconds):
    """Returns mining seconds, whole seconds and the line of one process, or none when it runs out of time or fails."""
    start = time.perf_counter()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return None, f"over {seconds} s"
    if done.returncode != 0:
        return None, (done.stderr.strip().splitlines() or ["failed"])[-1]
    line = done.stdout.strip().splitlines()[-1]
    return (float(line.split()[0]), time.perf_counter() - start), line


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(HERE.parent.parent / "target/release/examples/mine"))
    parser.add_argument("--kind", default="labels")
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--peer", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("sizes", nargs="*")
    asked = parser.parse_args()
    if asked.peer:
        seconds, rules = PEERS[asked.peer[0]](*read(asked.peer[1]))
        return print(f"{seconds:.4f} s  rules {rules}")
    left, path = list(PEERS), HERE.parent.parent / "target/transactions.txt"
    for size in asked.sizes:
        subprocess.run([asked.program, "write", asked.kind, size, str(path)], check=True)
        own, line = run([asked.program, "file", str(path), str(BEAM)], asked.seconds)
        if own is None:
            sys.exit(f"hitl: {line}")
        print(f"{asked.kind} {size}\n  {'ours':12} {own[0]:9.4f} s  whole {own[1]:7.2f} s  {line}", flush=True)
        for peer in list(left):
            took, line = run([sys.executable, __file__, "--peer", peer, str(path)], asked.seconds)
            if took is None:
                left.remove(peer)
                print(f"  {peer:12} {line}", flush=True)
                continue
            ratio = f"{took[0] / own[0]:.0f} x mining, {took[1] / own[1]:.0f} x whole"
            print(f"  {peer:12} {took[0]:9.4f} s  whole {took[1]:7.2f} s  {line}  {ratio}", flush=True)


if __name__ == "__main__":
    main()
