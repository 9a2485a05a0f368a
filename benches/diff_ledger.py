#!/usr/bin/env python3
"""Makes a repository with a large ledger, for measuring `hitl diff`: see docs/performance.md.

    python3 benches/diff_ledger.py HITL DIR [COMMITS [SCATTERED]]

Every commit adds 5,000 labels by 20 labelers in 5 classes: 250 new items, each judged by everybody. The last
SCATTERED commits judge items of all earlier commits anew instead, one labeler each.
"""
import pathlib
import subprocess
import sys

LABELERS, ITEMS = 20, 250
CLASSES = ["anger", "fear", "joy", "sadness", "none"]


def row(commit, item, labeler):
    mix = item * 31 + labeler * 17 + commit * 7
    day, second = divmod(commit * 21_600 + mix % 21_600, 86_400)
    time = f"2026-{1 + day // 28:02}-{1 + day % 28:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
    return f"item-{item:06},labeler-{labeler:02},{CLASSES[mix % 7 % 5]},{time}\n"


def rows(commit, scattered):
    if scattered:
        every = max(1, commit * ITEMS // (LABELERS * ITEMS))
        return [row(commit, n * every, (n + commit) % LABELERS) for n in range(LABELERS * ITEMS)]
    items = range(commit * ITEMS, (commit + 1) * ITEMS)
    return [row(commit, item, labeler) for item in items for labeler in range(LABELERS)]


def main(hitl, folder, commits=200, scattered=0):
    folder = pathlib.Path(folder)
    commits, scattered = int(commits), int(scattered)

    def run(*command):
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    folder.mkdir(parents=True)
    run("git", "init", "--quiet", "--initial-branch=main")
    run("git", "config", "user.name", "Ada")
    run("git", "config", "user.email", "ada@example.com")
    run(hitl, "init", "--task", "emotion", "--type", "categorical", "--classes", ",".join(CLASSES))
    for commit in range(commits):
        text = "item,labeler,label,created_at\n" + "".join(rows(commit, commit >= commits - scattered))
        file = folder.parent / f"{folder.name}-week.csv"
        file.write_text(text)
        run(hitl, "commit", str(file.resolve()), "-m", f"week {commit}")
    file.unlink()


if __name__ == "__main__":
    main(*sys.argv[1:])
