#!/usr/bin/env python3
"""Writes corrections of made-up texts for benchmarks: words by Zipf's law, mistakes that some words attract, reviews by
twenty people. `corrections.py --rows 1000000 --out FILE` writes JSON lines that `hitl commit --kind corrections` reads.
"""
import argparse
import json

import numpy as np


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--words", type=int, default=30, help="words of a text")
    parser.add_argument("--reviewers", type=int, default=1, help="people who correct each text")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    random = np.random.default_rng(args.seed)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    vocabulary = ["".join(random.choice(letters, size=random.integers(2, 10))) for _ in range(50_000)]
    # 400 words are mistakes that people mend four times of five, 100 pairs have one word too many.
    wrong = {vocabulary[i]: vocabulary[i] + "s" for i in random.choice(np.arange(50, 20_000), 400, replace=False)}
    doubled = {vocabulary[i] for i in random.choice(np.arange(50, 5_000), 100, replace=False)}
    weights = 1 / np.arange(1, len(vocabulary) + 1)
    weights /= weights.sum()
    chunk = 3_000 * args.reviewers
    with open(args.out, "w") as out:
        for start in range(0, args.rows, chunk):
            count = min(chunk, args.rows - start)
            texts = random.choice(len(vocabulary), size=(-(-count // args.reviewers), args.words), p=weights)
            people = random.integers(0, 20, size=len(texts))
            chance = random.random(size=(count, args.words))
            for row in range(count):
                text, reviewer = divmod(row, args.reviewers)
                words = [vocabulary[i] for i in texts[text]]
                mended = []
                for word, roll in zip(words, chance[row]):
                    if word in wrong and roll < 0.8:
                        mended.append(wrong[word])
                    elif word in doubled and roll < 0.7:
                        continue
                    elif roll < 0.02:
                        # What nobody can learn: a word in another's place.
                        mended.append(vocabulary[int(roll * 1e6) % 3000])
                    else:
                        mended.append(word)
                out.write(json.dumps({
                    "item": f"t{(start + row) // args.reviewers:07d}",
                    "labeler": f"p{(people[text] + 7 * reviewer) % 20:02d}",
                    "original": " ".join(words),
                    "corrected": " ".join(mended),
                }) + "\n")


if __name__ == "__main__":
    main()
