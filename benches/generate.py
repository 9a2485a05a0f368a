#!/usr/bin/env python3
"""Writes labels in long form (item, labeler, label) to standard output, the same for the same arguments.

    python3 benches/generate.py ROWS > labels.csv

50 labelers of uneven diligence and skill, 3 labels an item, 5 classes; standard library only.
"""
import random, sys

rows = int(sys.argv[1])
rng = random.Random(7)
classes = ["class_a", "class_b", "class_c", "class_d", "class_e"]
labelers = [f"ann{n:03}" for n in range(50)]
skill = [rng.betavariate(8, 2) for _ in labelers]
diligence = [1 / (n + 1) ** 0.7 for n in range(50)]
out = ["item,labeler,label\n"]
for item in range(rows // 3):
    truth = rng.choices(classes, [5, 3, 2, 1, 1])[0]
    hard = rng.betavariate(1.2, 4)
    who = set()
    while len(who) < 3:
        who.add(rng.choices(range(50), diligence)[0])
    for labeler in sorted(who):
        right = rng.random() < skill[labeler] * (1 - hard)
        out.append(f"item-{item:08},{labelers[labeler]},{truth if right else rng.choice(classes)}\n")
    if len(out) > 30000:
        sys.stdout.writelines(out)
        out.clear()
sys.stdout.writelines(out)
