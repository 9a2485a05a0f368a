#!/usr/bin/env python3
"""Makes the demo's data: run in this folder, standard library only, the same bytes every time.

240 made-up messages to a bakery's delivery app, judged for sentiment by ana, ben and chloe, who read them, and by
dave, who mostly clicks what the model suggests. Week 1 is a CSV file under guideline 1; week 2 is a Label Studio export
under guideline 2, which decides how mixed messages are labelled.
"""
import csv, json, random
from datetime import datetime, timedelta, timezone

rng = random.Random(20260504)
CLASSES = ["negative", "neutral", "positive"]
THINGS = ["sourdough", "croissant", "birthday cake", "rye loaf", "cinnamon roll", "bagel box", "quiche", "baguette",
          "almond tart", "delivery", "app", "subscription", "gift card", "driver", "breakfast box"]
GOOD = ["The {} was wonderful.", "Best {} I have had in years!", "My kids loved the {}.", "The {} came early and warm.",
        "I will order the {} again.", "Thank you for the {}, it made our morning."]
BAD = ["The {} was stale.", "My {} never came.", "The {} was cold and squashed.", "I want my money back for the {}.",
       "Third time the {} is wrong.", "The {} tasted burnt."]
PLAIN = ["When does the {} come?", "Can I change the {} to Friday?", "Is the {} vegan?", "Please add a second {}.",
         "The {} is for Thursday.", "How long does the {} keep?"]
MIXED = ["The {} was lovely, but it came two hours late.", "Great taste, sad packaging: the {} fell apart.",
         "The {} is fine, the price is not.", "Late again, though the {} was good."]
SARCASM = ["Wonderful, another {} without the filling.", "Thanks so much for the {} brick."]

items, truth1, truth2 = [], {}, {}
for n in range(1, 241):
    kind = rng.choices(["good", "bad", "plain", "mixed", "sarcasm"], [34, 28, 20, 12, 6])[0]
    text = rng.choice({"good": GOOD, "bad": BAD, "plain": PLAIN, "mixed": MIXED, "sarcasm": SARCASM}[kind])
    item = f"msg-{n:03}"
    items.append((item, text.format(rng.choice(THINGS)), kind))
    truth1[item] = {"good": "positive", "bad": "negative", "plain": "neutral", "mixed": None, "sarcasm": "negative"}[kind]
    truth2[item] = truth1[item] or "neutral"

def wrong(label):
    return rng.choice([c for c in CLASSES if c != label])

model = {}
for item, _, kind in items:
    right = {"sarcasm": 0.1, "mixed": 0.35}.get(kind, 0.82)
    label = truth2[item] if rng.random() < right else ("positive" if kind == "sarcasm" else wrong(truth2[item]))
    model[item] = (label, round(rng.uniform(0.55, 0.99), 2))

def judge(who, item, guideline):
    """The label one labeler gives, having seen the model's guess or not."""
    if who == "dave":
        return model[item][0] if rng.random() < 0.85 else rng.choice(CLASSES)
    truth = truth2[item] if guideline == 2 else truth1[item] or rng.choice(["negative", "neutral", "positive"])
    return truth if rng.random() < {"ana": 0.96, "ben": 0.93, "chloe": 0.91}[who] else wrong(truth)

with open("items.csv", "w", newline="") as f:
    out = csv.writer(f, lineterminator="\n")
    out.writerow(["item", "text"])
    out.writerows((item, text) for item, text, _ in items)
with open("model.csv", "w", newline="") as f:
    out = csv.writer(f, lineterminator="\n")
    out.writerow(["item", "label", "confidence", "created_at"])
    out.writerows((item, *model[item], "2025-05-01T06:00:00Z") for item, _, _ in items)

week1 = [item for item, _, _ in items[:160]]
start = datetime(2025, 5, 5, 8, 0, 0, tzinfo=timezone.utc)
rows = []
for shift, who in enumerate(["ana", "ben", "chloe", "dave"]):
    time = start + timedelta(days=shift)
    for item in week1:
        seconds = rng.randint(2, 4) if who == "dave" else rng.randint(6, 40)
        time += timedelta(seconds=seconds)
        label = judge(who, item, 1)
        sees = who == "dave" or rng.random() < 0.5
        guess = model[item][0]
        origin = ("confirmed" if label == guess else "changed") if sees else "fresh"
        rows.append([item, who, label, time.isoformat().replace("+00:00", "Z"), origin,
                     guess if sees else "", "tone-model-1" if sees else "", seconds * 1000])
with open("week1.csv", "w", newline="") as f:
    out = csv.writer(f, lineterminator="\n")
    out.writerow(["item", "labeler", "label", "created_at", "origin", "shown", "shown_by", "duration_ms"])
    out.writerows(rows)

tasks, annotation = [], 7000
texts = {item: text for item, text, _ in items}
start = datetime(2025, 5, 12, 8, 0, 0, tzinfo=timezone.utc)
clocks = {who: start + timedelta(days=shift) for shift, who in enumerate(["ana", "ben", "chloe", "dave"])}
choice = lambda label: {"type": "choices", "from_name": "sentiment", "to_name": "text", "value": {"choices": [label]}}
for n, (item, _, _) in enumerate(items[160:], 1):
    guess, score = model[item]
    annotations = []
    for who in clocks:
        seconds = rng.randint(2, 4) if who == "dave" else rng.randint(6, 40)
        clocks[who] += timedelta(seconds=seconds)
        label = judge(who, item, 2)
        annotation += 1
        stamp = clocks[who].isoformat().replace("+00:00", ".000000Z")
        result = choice(label) | {"id": f"r{annotation}", "origin": "prediction" if label == guess else "prediction-changed"}
        annotations.append({"id": annotation, "completed_by": who, "result": [result], "was_cancelled": False,
                            "ground_truth": False, "created_at": stamp, "updated_at": stamp, "lead_time": float(seconds),
                            "prediction": {"id": n, "model_version": "tone-model-1", "score": score, "result": [choice(guess)]}})
    tasks.append({"id": n, "data": {"item_id": item, "text": texts[item]}, "annotations": annotations,
                  "predictions": [{"id": n, "model_version": "tone-model-1", "score": score, "result": [choice(guess)]}]})
with open("week2-labelstudio.json", "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(task, separators=(",", ":")) for task in tasks) + "\n]\n")
