#!/usr/bin/env python3
"""Record scikit-learn's answers that the built-in baseline trainer must agree with.

    pip install -r requirements.txt
    python make_golden.py          # writes golden.json beside this file

The rows are real: the first train rows of examples/income/data/1994.parquet.
baseline.test.ts trains on the same rows and compares.
"""

import json
import pathlib
import platform

import numpy as np
import pandas as pd
import pyarrow
import scipy
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parents[2] / "examples/income/data/1994.parquet"
LABEL = "income_over_50k"
NUMBERS = ["age", "weeks_worked", "capital_gains", "dividends"]
TEXTS = ["sex", "race", "education", "marital_status", "class_of_worker", "major_occupation"]

# min_count: levels seen in fewer rows are "other", all zeros.
# missing_below_age: weeks_worked is missing for people younger than this.
CASES = {
    "plain": {"C": 1.0, "min_count": 1, "missing_below_age": 0},
    "missing values, rare levels, strong penalty": {
        "C": 0.05,
        "min_count": 200,
        "missing_below_age": 16,
    },
}


def features(frame, min_count):
    levels = []
    for name in TEXTS:
        counts = frame[name].value_counts()
        levels.append(sorted(counts[counts >= min_count].index))
    numbers = make_pipeline(SimpleImputer(strategy="mean"), StandardScaler())
    texts = OneHotEncoder(categories=levels, handle_unknown="ignore", sparse_output=False)
    names = NUMBERS + [f"{n}={v}" for n, vs in zip(TEXTS, levels) for v in vs]
    return names, ColumnTransformer([("numbers", numbers, NUMBERS), ("texts", texts, TEXTS)])


def record(frame, holdout, case):
    frame, holdout = frame.copy(), holdout.copy()
    for part in (frame, holdout):
        part["weeks_worked"] = part["weeks_worked"].astype("float64")
        part.loc[part["age"] < case["missing_below_age"], "weeks_worked"] = np.nan
    names, transform = features(frame, case["min_count"])
    x = transform.fit_transform(frame)
    y = frame[LABEL].to_numpy()
    model = LogisticRegression(C=case["C"], solver="newton-cholesky", tol=1e-13, max_iter=1000)
    model.fit(x, y)
    train = model.predict_proba(x)[:, 1]
    other = LogisticRegression(C=case["C"], solver="lbfgs", tol=1e-12, max_iter=100_000).fit(x, y)
    return {
        **case,
        "rows": len(frame),
        "positives": int(y.sum()),
        "intercept": float(model.intercept_[0]),
        "coefficients": dict(zip(names, map(float, model.coef_[0]))),
        "auc": float(roc_auc_score(y, train)),
        "log_loss": float(log_loss(y, train)),
        "holdout_probabilities": [
            float(p) for p in model.predict_proba(transform.transform(holdout))[:, 1]
        ],
        "largest_difference_to_lbfgs": float(np.abs(model.coef_ - other.coef_).max()),
    }


def main():
    table = pd.read_parquet(DATA, columns=["person_id", "split", LABEL, *NUMBERS, *TEXTS])
    frame = table[(table["split"] == "train") & (table["person_id"] <= 40_000)]
    holdout = table[table["split"] == "holdout"].head(200)
    golden = {
        "made_by": "make_golden.py",
        "versions": {
            "python": platform.python_version(),
            "scikit-learn": sklearn.__version__,
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "pandas": pd.__version__,
            "pyarrow": pyarrow.__version__,
        },
        "data": str(DATA.relative_to(HERE.parents[2])),
        "train_rows": "split = 'train' AND person_id <= 40000",
        "holdout_rows": "the first 200 with split = 'holdout'",
        "label": LABEL,
        "numbers": NUMBERS,
        "texts": TEXTS,
        "cases": {name: record(frame, holdout, case) for name, case in CASES.items()},
    }
    (HERE / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")
    for name, case in golden["cases"].items():
        print(name, case["rows"], case["auc"], case["largest_difference_to_lbfgs"])


if __name__ == "__main__":
    main()
