"""Writes fairness-groups.json: what Fairlearn says of groups, intersections, strata and edge cases.

    python -m venv /tmp/golden && /tmp/golden/bin/pip install numpy pandas scikit-learn fairlearn
    /tmp/golden/bin/python make_fairness.py

Inputs are stored beside the expected values (0/1 columns as text), so the tests need no Python. NaN is written as null.
"""

import json
import math
import platform
import warnings
from pathlib import Path

import fairlearn
import numpy as np
import pandas as pd
import sklearn
from fairlearn import metrics as fm
from sklearn import metrics as sm

warnings.filterwarnings("ignore")
rates = {
    "selection_rate": fm.selection_rate, "recall": fm.true_positive_rate, "fpr": fm.false_positive_rate,
    "specificity": fm.true_negative_rate, "fnr": fm.false_negative_rate, "accuracy": sm.accuracy_score,
    "precision": sm.precision_score, "balanced_accuracy": sm.balanced_accuracy_score,
}


def plain(value):
    return None if value is None or math.isnan(value) else float(value)


def frame_values(frame):
    def each(series):
        return {name: plain(series[name]) for name in rates}

    def worst(series, pick):
        if not isinstance(series, pd.DataFrame):
            return each(series)
        return {name: plain(pick(series[name])) for name in rates}

    groups = {}
    for key, row in frame.by_group.iterrows():
        name = " x ".join(map(str, key)) if isinstance(key, tuple) else str(key)
        groups[name] = {metric: plain(row[metric]) for metric in rates}
    return {
        "byGroup": groups,
        "gap": worst(frame.difference(method="between_groups"), np.nanmax),
        "gap_to_overall": worst(frame.difference(method="to_overall"), np.nanmax),
        "ratio": worst(frame.ratio(method="between_groups"), np.nanmin),
        "ratio_to_overall": worst(frame.ratio(method="to_overall"), np.nanmin),
        "group_min": worst(frame.group_min(), np.nanmin),
        "group_max": worst(frame.group_max(), np.nanmax),
    }


def case(name, y, s, threshold, columns, by, given=None):
    p = (s >= threshold).astype(int)
    sensitive = pd.DataFrame({column: columns[column] for column in by})
    control = None if given is None else pd.DataFrame({given: columns[given]})
    frame = fm.MetricFrame(metrics=rates, y_true=y, y_pred=p, sensitive_features=sensitive, control_features=control)
    built = {
        "name": name, "threshold": threshold, "labels": "".join(map(str, y)), "scores": [float(x) for x in s],
        "columns": {key: list(values) for key, values in columns.items()}, "by": by, "given": given,
        **frame_values(frame),
    }
    if given is None:
        known = {
            "demographic_parity": fm.demographic_parity_difference, "demographic_parity_ratio": fm.demographic_parity_ratio,
            "equal_opportunity": fm.equal_opportunity_difference, "equal_opportunity_ratio": fm.equal_opportunity_ratio,
            "equalized_odds": fm.equalized_odds_difference, "equalized_odds_ratio": fm.equalized_odds_ratio,
        }
        built["named"] = {key: plain(metric(y, p, sensitive_features=sensitive)) for key, metric in known.items()}
    return built


r = np.random.default_rng(20261124)
n = 400
sex = r.choice(["f", "m"], size=n)
race = r.choice(["a", "b", "c"], size=n, p=[0.6, 0.3, 0.1])
region = r.choice(["n", "s"], size=n)
y = (r.random(n) < np.where(sex == "f", 0.3, 0.4)).astype(int)
s = np.round(1 / (1 + np.exp(-(r.normal(size=n) + 1.5 * y - 1 + 0.4 * (race == "a")))), 4)
columns = {"sex": sex.tolist(), "race": race.tolist(), "region": region.tolist()}
no_positives = np.where((sex == "f"), 0, y)
nobody = np.where(race == "c", np.minimum(s, 0.1), s)
cases = [
    case("two groups", y, s, 0.4, columns, ["sex"]),
    case("three groups", y, s, 0.4, columns, ["race"]),
    case("intersections", y, s, 0.4, columns, ["sex", "race"]),
    case("in every stratum", y, s, 0.4, columns, ["race"], "region"),
    case("a group without positives", no_positives, s, 0.4, columns, ["sex"]),
    case("a group of which nobody is selected", y, nobody, 0.4, columns, ["race"]),
    case("nobody is selected at all", y, s, 1.1, columns, ["race"]),
]

m = 200
truth = np.round(r.normal(size=m), 3)
answer = np.round(truth + 0.4 * r.normal(size=m) + 0.2 * (sex[:m] == "f"), 3)
errors = {"mae": sm.mean_absolute_error, "rmse": sm.root_mean_squared_error, "r2": sm.r2_score}
frame = fm.MetricFrame(metrics=errors, y_true=truth, y_pred=answer, sensitive_features=sex[:m])
regression = {
    "labels": truth.tolist(), "scores": answer.tolist(), "groups": sex[:m].tolist(),
    "byGroup": {g: {k: float(frame.by_group.loc[g, k]) for k in errors} for g in ["f", "m"]},
    "gap": {k: float(v) for k, v in frame.difference().items()},
    "gap_to_overall": {k: float(v) for k, v in frame.difference(method="to_overall").items()},
    "ratio": {k: float(v) for k, v in frame.ratio().items()},
}


def inequality(y, p):
    """Theil's index of p - y + 1, and conditional demographic disparity by sex given region, by their definitions."""
    b = (p - y + 1).astype(float)
    share = b / b.mean()
    theil = float(np.where(share > 0, share * np.log(np.where(share > 0, share, 1)), 0).mean())
    disparity = {}
    for group in ["f", "m"]:
        terms = []
        for stratum in ["n", "s"]:
            inside = region == stratum
            rejected, accepted = inside & (p == 0), inside & (p == 1)
            own = sex == group
            terms.append(inside.sum() / len(y) * ((own & rejected).sum() / rejected.sum() - (own & accepted).sum() / accepted.sum()))
        disparity[group] = float(sum(terms))
    return {"theil": theil, "disparity": disparity}


versions = {"python": platform.python_version(), "numpy": np.__version__, "pandas": pd.__version__,
            "scikit-learn": sklearn.__version__, "fairlearn": fairlearn.__version__}
text = json.dumps({"versions": versions, "cases": cases, "regression": regression,
                   "inequality": inequality(y, (s >= 0.4).astype(int))}, separators=(",", ":"))
(Path(__file__).parent / "fairness-groups.json").write_text(text.replace('{"name"', '\n{"name"') + "\n")
