#!/usr/bin/env python3
"""Writes labels that people gave after seeing a machine's guess, for benchmarks: three people an item, fifty in all, three
machines; one machine takes one class for another. `guesses.py --rows 10000000 --out FILE` writes CSV that `hitl commit`
reads.
"""
import argparse

import numpy as np

CLASSES = np.array(["negative", "neutral", "positive", "mixed", "spam"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    random = np.random.default_rng(args.seed)
    items = -(-args.rows // 3)
    guess = random.integers(0, len(CLASSES), items)
    machine = random.integers(0, 3, items)
    with open(args.out, "w") as out:
        out.write("item,labeler,label,created_at,shown,shown_by,origin\n")
        for start in range(0, args.rows, 200_000):
            row = np.arange(start, min(start + 200_000, args.rows))
            item = row // 3
            labeler = (item * 7 + row % 3 * 17) % 50
            shown = guess[item]
            label = shown.copy()
            slips = random.random(len(row)) < 0.1
            label[slips] = random.integers(0, len(CLASSES), slips.sum())
            mistaken = (machine[item] == 2) & (shown == 1) & (random.random(len(row)) < 0.8)
            label[mistaken] = 0
            second = row % 60
            for i in range(len(row)):
                origin = "confirmed" if label[i] == shown[i] else "changed"
                out.write(
                    f"i{item[i]:07d},w{labeler[i]:02d},{CLASSES[label[i]]},2025-05-05T08:00:{second[i]:02d}Z,"
                    f"{CLASSES[shown[i]]},m{machine[item[i]]},{origin}\n"
                )


if __name__ == "__main__":
    main()
