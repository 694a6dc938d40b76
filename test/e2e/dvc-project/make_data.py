"""The rows that DVC tracks: the same on every machine."""

import pathlib
import random

random.seed(1)
rows = ["id,age,income,label"]
for number in range(2000):
    age, income = random.randint(18, 90), random.random() * 100
    rows.append(f"{number},{age},{income:.3f},{int(age + income > 100)}")
pathlib.Path("data").mkdir(exist_ok=True)
pathlib.Path("data/raw.csv").write_text("\n".join(rows) + "\n")
