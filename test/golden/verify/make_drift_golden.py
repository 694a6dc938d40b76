"""Golden values of drift scores and leakage: python make_drift_golden.py > drift.json

SciPy gives the Jensen-Shannon distance, the Kolmogorov-Smirnov statistic (of the bin numbers, because the scores are those of
histograms), chi-square and Cramér's V, Wasserstein (of a fine grid that stands for evenly filled bins), the non-central chi-square
law and Spearman's coefficient; scikit-learn the area under the curve. PSI is its formula, with half a count added to every bin.
"""

import json
import sys

import numpy as np
import scipy
import sklearn
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, ks_2samp, ncx2, spearmanr, wasserstein_distance
from sklearn.metrics import roc_auc_score

rng = np.random.default_rng(20261124)


def psi(a, b):
    p = (a + 0.5) / (a + 0.5).sum()
    q = (b + 0.5) / (b + 0.5).sum()
    return float(((p - q) * np.log(p / q)).sum())


def scores(reference, live):
    a, b = np.array(reference, float), np.array(live, float)
    p, q = a / a.sum(), b / b.sum()
    index = np.arange(len(a))
    seen = (a + b) > 0
    balanced = np.vstack([p[seen], q[seen]]) * 1e6
    return {
        "psi": psi(a, b),
        "js_distance": float(jensenshannon(p, q, base=2)),
        "tvd": float(np.abs(p - q).sum() / 2),
        "linf": float(np.abs(p - q).max()),
        "ks": float(ks_2samp(np.repeat(index, a.astype(int)), np.repeat(index, b.astype(int))).statistic),
        # Both sides weighed the same; scaled up, because a table of counts is asked for.
        "cramers_v": float(np.sqrt(chi2_contingency(balanced, correction=False).statistic / balanced.sum())),
    }


def histograms():
    cases = []
    for bins, n, m in [(2, 50, 40), (5, 200, 1000), (20, 4000, 300), (20, 100000, 100000)]:
        base = rng.dirichlet(np.ones(bins) * 3)
        moved = rng.dirichlet(np.ones(bins) * 3) * 0.3 + base * 0.7
        cases.append((rng.multinomial(n, base), rng.multinomial(m, moved)))
    cases.append((np.array([10, 0, 5]), np.array([0, 8, 5])))
    cases.append((np.array([7, 0]), np.array([0, 9])))
    cases.append((np.array([7, 3]), np.array([14, 6])))
    return [
        {"reference": a.tolist(), "live": b.tolist(), **scores(a.tolist(), b.tolist())} for a, b in cases
    ]


def wasserstein():
    cases = []
    for _ in range(4):
        edges = np.cumsum(rng.exponential(size=9))
        a, b = rng.multinomial(500, rng.dirichlet(np.ones(8))), rng.multinomial(900, rng.dirichlet(np.ones(8)))
        fine = 4000
        grid = np.concatenate(
            [np.linspace(lo, hi, fine, endpoint=False) + (hi - lo) / fine / 2 for lo, hi in zip(edges, edges[1:])]
        )
        cases.append(
            {
                "edges": edges.tolist(),
                "reference": a.tolist(),
                "live": b.tolist(),
                "distance": float(wasserstein_distance(grid, grid, np.repeat(a / fine, fine), np.repeat(b / fine, fine))),
            }
        )
    return cases


def noncentral():
    points = [(x, k, l) for k in (1, 4, 19, 60) for l in (0.1, 3, 80, 2000) for x in (0.7 * (k + l), k + l, 1.3 * (k + l))]
    return [{"x": x, "degrees": k, "noncentrality": l, "cdf": float(ncx2.cdf(x, k, l))} for x, k, l in points]


def areas():
    cases = []
    for n, levels in [(12, 4), (300, 9), (2000, 2000)]:
        y = (rng.random(n) < 0.3).astype(int)
        y[:2] = [0, 1]
        x = rng.integers(0, levels, n) + y * levels // 3
        cases.append({"x": x.tolist(), "y": y.tolist(), "auc": float(roc_auc_score(y, x))})
    return cases


def ranks():
    x = rng.integers(0, 30, 400)
    y = x * 0.5 + rng.normal(size=400) * 8
    y = np.round(y)
    return {"x": x.tolist(), "y": y.tolist(), "rho": float(spearmanr(x, y).statistic)}


json.dump(
    {
        "made_with": {
            "python": sys.version.split()[0],
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "scikit-learn": sklearn.__version__,
        },
        "histograms": histograms(),
        "wasserstein": wasserstein(),
        "noncentral": noncentral(),
        "areas": areas(),
        "ranks": ranks(),
    },
    sys.stdout,
)
