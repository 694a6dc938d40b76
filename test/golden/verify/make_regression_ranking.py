"""Writes regression.json and ranking.json: metrics of these tasks by scikit-learn, and by their definition where it has none.

    python -m venv /tmp/golden && /tmp/golden/bin/pip install numpy scipy scikit-learn
    /tmp/golden/bin/python make_regression_ranking.py

Ranking measures with ties are means over every order of the tied items, by brute force; only NDCG is scikit-learn's.
"""

import itertools
import json
import platform
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics as sm

warnings.filterwarnings("ignore")
here = Path(__file__).parent
versions = {"python": platform.python_version(), "numpy": np.__version__, "scikit-learn": sklearn.__version__}


def save(name, content):
    (here / name).write_text(json.dumps({"versions": versions, **content}, indent=1) + "\n")


def weighted_mean(values, weights):
    return float(np.average(values, weights=weights))


def regression_values(y, p, w):
    error = np.abs(p - y)
    ratio = np.average(p - y, weights=w) / np.sqrt(sm.mean_squared_error(y, p, sample_weight=w))
    size = np.abs(y) + np.abs(p)
    found = {
        "mae": sm.mean_absolute_error(y, p, sample_weight=w),
        "mse": sm.mean_squared_error(y, p, sample_weight=w),
        "rmse": sm.root_mean_squared_error(y, p, sample_weight=w),
        "median_ae": sm.median_absolute_error(y, p, sample_weight=w),
        "r2": sm.r2_score(y, p, sample_weight=w),
        "explained_variance": sm.explained_variance_score(y, p, sample_weight=w),
        "mape": sm.mean_absolute_percentage_error(y, p, sample_weight=w),
        "pinball@0.9": sm.mean_pinball_loss(y, p, alpha=0.9, sample_weight=w),
        "pinball@0.25": sm.mean_pinball_loss(y, p, alpha=0.25, sample_weight=w),
        "wape": np.sum(error if w is None else w * error) / np.sum(np.abs(y) if w is None else w * np.abs(y)),
        "smape": weighted_mean(np.where(size == 0, 0, 2 * error / np.where(size == 0, 1, size)), w),
        "bias": weighted_mean(p - y, w),
        "bias_ratio": abs(ratio),
        "max_error": sm.max_error(y[w > 0], p[w > 0]) if w is not None else sm.max_error(y, p),
        "within@0.5": weighted_mean(error <= 0.5, w),
        "within@10%": weighted_mean(error <= 0.1 * np.abs(y), w),
    }
    if (y >= 0).all() and (p > 0).all():
        found["poisson_deviance"] = sm.mean_poisson_deviance(y, p, sample_weight=w)
    if (y > 0).all() and (p > 0).all():
        found["gamma_deviance"] = sm.mean_gamma_deviance(y, p, sample_weight=w)
    if (y > -1).all() and (p > -1).all():
        found["msle"] = sm.mean_squared_log_error(y, p, sample_weight=w)
    return {name: float(value) for name, value in found.items()}


def regression():
    rng = np.random.default_rng(7)
    cases = []

    def add(name, y, p, w=None):
        y, p = np.asarray(y, float), np.asarray(p, float)
        cases.append({
            "name": name, "labels": y.tolist(), "scores": p.tolist(),
            "weights": None if w is None else np.asarray(w, float).tolist(),
            "expected": regression_values(y, p, None if w is None else np.asarray(w, float)),
        })

    y = rng.normal(10, 4, 101)
    add("normal, odd count", y, y + rng.normal(0.3, 1, 101))
    positive = rng.gamma(2, 3, 60)
    add("positive, even count", positive, positive * rng.uniform(0.7, 1.4, 60))
    add("weighted", positive, positive * rng.uniform(0.7, 1.4, 60), rng.integers(0, 4, 60))
    add("weights far apart", positive[:8], positive[:8] + 1, [1e-9, 1, 1, 1e6, 0.5, 0.25, 0, 2])
    add("counts with zeros", rng.poisson(0.8, 50) + 0.0, rng.uniform(0.1, 2, 50))
    add("perfect but for one", [1, 2, 3, 4], [1, 2, 3, 5])
    add("large offset", 1e9 + rng.integers(0, 2, 40), 1e9 + rng.uniform(0, 1, 40))
    add("median on the half", [1, 2, 3, 4], [2, 4, 6, 8], [1, 1, 1, 1])
    constant = {
        "labels": [3.0] * 5, "perfect": [3.0] * 5, "wrong": [2.5] * 5,
        "r2": [sm.r2_score([3] * 5, [3] * 5), sm.r2_score([3] * 5, [2.5] * 5)],
    }
    save("regression.json", {"cases": cases, "constant": constant})


def measures(relevance, k):
    """Of one order, by the textbook."""
    hits = [r > 0 for r in relevance]
    total = sum(hits)
    shown = hits[:k]
    first = next((1 / (i + 1) for i, hit in enumerate(shown) if hit), 0)
    precision = sum(sum(hits[: i + 1]) / (i + 1) for i, hit in enumerate(shown) if hit)
    return np.array([
        sum(shown) / k,
        sum(shown) / total if total else 0,
        float(any(shown)),
        first,
        precision / min(total, k) if total else 0,
    ])


def over_orders(labels, scores, k):
    tied = [[i for i in range(len(scores)) if scores[i] == s] for s in sorted(set(scores), reverse=True)]
    found = [
        measures([labels[i] for part in order for i in part], k)
        for order in itertools.product(*[list(itertools.permutations(part)) for part in tied])
    ]
    return np.mean(found, axis=0)


def ndcg(labels, scores, k):
    if len(labels) == 1:
        return float(labels[0] > 0)
    return sm.ndcg_score([labels], [scores], k=k)


def ranking():
    rng = np.random.default_rng(11)
    queries, labels, scores = [], [], []

    def add(l, s):
        query = len(set(queries)) * 3
        queries.extend([query] * len(l))
        labels.extend(float(x) for x in l)
        scores.extend(float(x) for x in s)

    for _ in range(12):
        n = int(rng.integers(2, 9))
        add(rng.integers(0, 4, n), rng.normal(size=n))
    for _ in range(12):
        n = int(rng.integers(3, 9))
        add(rng.integers(0, 3, n), rng.integers(0, 3, n))
    add([0, 0, 0], [3, 2, 1])
    add([1], [0.5])
    add([1, 1, 1, 2], [1, 1, 1, 1])
    add([0, 0, 0, 0, 1], [1, 1, 1, 1, 1])
    by_query = {q: [i for i, other in enumerate(queries) if other == q] for q in dict.fromkeys(queries)}
    # Rows of the queries mixed, as files have them.
    order = rng.permutation(len(queries))
    expected, weighted = {}, {}
    weight = {q: float(rng.integers(0, 4)) for q in by_query}

    def put(name, values):
        expected[name] = float(np.mean(values))
        weighted[name] = float(np.average(values, weights=[weight[q] for q in by_query]))

    for k in (1, 3, 5, 20):
        each = np.array([
            over_orders([labels[i] for i in rows], [scores[i] for i in rows], k) for rows in by_query.values()
        ])
        for at, name in enumerate(["precision", "recall", "hit", "mrr", "map"]):
            put(f"{name}@{k}", each[:, at])
            if k == 20 and name in ("mrr", "map"):
                put(name, each[:, at])
        put(f"ndcg@{k}", [ndcg([labels[i] for i in r], [scores[i] for i in r], k) for r in by_query.values()])
        put(f"ndcg_exp@{k}", [
            ndcg([2.0 ** labels[i] - 1 for i in r], [scores[i] for i in r], k) for r in by_query.values()
        ])
    put("ndcg", [ndcg([labels[i] for i in r], [scores[i] for i in r], None) for r in by_query.values()])
    save("ranking.json", {
        "queries": [queries[i] for i in order], "labels": [labels[i] for i in order],
        "scores": [scores[i] for i in order], "weights": [weight[queries[i]] for i in order],
        "expected": expected, "weighted": weighted,
    })


regression()
ranking()
