#!/usr/bin/env python3
"""Writes labels in long form (item, labeler, label) to standard output, the same for the same arguments.

    python3 benches/generate.py ROWS [LABELERS [quoted]] > labels.csv

50 labelers (or as many as said) of uneven diligence and skill, 3 labels an item, 5 classes; standard library only.
"""
import itertools, random, sys

rows = int(sys.argv[1])
people = int(sys.argv[2]) if len(sys.argv) > 2 else 50
quote = '"' if sys.argv[3:] == ["quoted"] else ""
rng = random.Random(7)
classes = ["class_a", "class_b", "class_c", "class_d", "class_e"]
labelers = [f"ann{n:03}" for n in range(people)]
skill = [rng.betavariate(8, 2) for _ in labelers]
diligence = list(itertools.accumulate(1 / (n + 1) ** 0.7 for n in range(people)))
line = "{0}item-{1:08}{0},{0}{2}{0},{0}{3}{0}\n".format
out = ["{0}item{0},{0}labeler{0},{0}label{0}\n".format(quote)]
for item in range(rows // 3):
    truth = rng.choices(classes, [5, 3, 2, 1, 1])[0]
    hard = rng.betavariate(1.2, 4)
    who = set()
    while len(who) < 3:
        who.add(rng.choices(range(people), cum_weights=diligence)[0])
    for labeler in sorted(who):
        right = rng.random() < skill[labeler] * (1 - hard)
        out.append(line(quote, item, labelers[labeler], truth if right else rng.choice(classes)))
    if len(out) > 30000:
        sys.stdout.writelines(out)
        out.clear()
sys.stdout.writelines(out)
