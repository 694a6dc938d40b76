"""Writes the golden values of src/verify: numbers computed by mpmath, SciPy, statsmodels and scikit-learn.

    python -m venv /tmp/golden && /tmp/golden/bin/pip install mpmath numpy scipy scikit-learn statsmodels
    /tmp/golden/bin/python make_golden.py

Every file records the versions that made it. Inputs are stored beside the expected values, so the tests need no Python.
"""

import json
import platform
import warnings
from pathlib import Path

import mpmath
import numpy as np
import scipy
import scipy.stats
import sklearn
import statsmodels
from sklearn import metrics as sm
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

warnings.filterwarnings("ignore")
here = Path(__file__).parent
versions = {
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "scikit-learn": sklearn.__version__,
    "statsmodels": statsmodels.__version__,
    "mpmath": mpmath.__version__,
}


def save(name, content):
    text = json.dumps({"versions": versions, **content}, indent=1)
    (here / name).write_text(text + "\n")


def functions():
    mpmath.mp.dps = 40
    xs = [1e-9, 1e-3, 0.1, 0.499, 0.5, 0.9, 0.999999, 1, 1.0000001, 1.3, 1.5, 1.7, 1.999999, 2, 2.1, 2.5, 2.6, 3.7]
    xs += [5, 9.99, 11.9, 12, 15.5, 100, 12345.678, 1e6, 1e9]
    zs = [-8, -3.3, -2, -1.96, -1, -0.3, -1e-6, 0, 1e-6, 0.5, 1, 1.644853626951, 2, 2.5, 3, 5.5, 8]
    ps = [1e-12, 1e-6, 0.001, 0.025, 0.05, 0.3, 0.5, 0.7, 0.95, 0.975, 0.999, 1 - 1e-9]
    betas = [(0.5, 0.5), (1, 1), (3, 1e9), (11, 2e5), (12, 13), (16, 6), (50, 50), (1e4, 3e6), (5e8, 5e8), (0.01, 2000)]
    incomplete = [(0.1, 2, 3), (0.5, 0.5, 0.5), (0.9, 20, 3), (0.01, 1, 400), (0.99, 300, 4), (0.3, 3000, 7000), (0.5, 1e5, 1e5)]
    binomials = [(0, 10, 0.3), (5, 10, 0.5), (296, 299, 0.99), (990, 1000, 0.99), (3, 1000, 0.001), (49_900, 100_000, 0.5)]
    save("functions.json", {
        "logGamma": [[x, float(mpmath.loggamma(mpmath.mpf(x)))] for x in xs],
        "logBeta": [[a, b, float(mpmath.log(mpmath.beta(mpmath.mpf(a), mpmath.mpf(b))))] for a, b in betas],
        "erf": [[z, float(mpmath.erf(mpmath.mpf(z)))] for z in zs],
        "normalCdf": [[z, float(mpmath.ncdf(mpmath.mpf(z)))] for z in zs],
        "normalQuantile": [[p, float(scipy.stats.norm.ppf(p))] for p in ps],
        "incompleteBeta": [[x, a, b, float(scipy.special.betainc(a, b, x))] for x, a, b in incomplete],
        "binomialCdf": [[k, n, p, float(scipy.stats.binom.cdf(k, n, p))] for k, n, p in binomials],
        "wilson": [[k, n, *map(float, proportion_confint(k, n, alpha=0.05, method="wilson"))]
                   for k, n in [(0, 10), (3, 10), (10, 10), (271, 612), (1103, 2247), (1, 100_000)]],
        "newcombe": [[a, n, b, m, *map(float, confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff", alpha=0.05))]
                     for a, n, b, m in [(1103, 2247, 271, 612), (1346, 2247, 206, 612), (5, 56, 0, 29), (9, 10, 3, 10)]],
    })


def ece(labels, scores, bins=15):
    edges = np.linspace(0, 1, bins + 1)
    at = np.searchsorted(edges[1:-1], scores)
    return sum(abs(labels[at == b].sum() - scores[at == b].sum()) for b in range(bins)) / len(labels)


def delong(labels, one, two):
    """DeLong, DeLong & Clarke-Pearson (1988) by its definition, in O(positives x negatives)."""
    def parts(scores):
        x, y = scores[labels == 1], scores[labels == 0]
        wins = (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])
        return wins.mean(), wins.mean(1), wins.mean(0)
    (a, v10a, v01a), (b, v10b, v01b) = parts(one), parts(two)
    s10, s01 = np.cov(v10a, v10b), np.cov(v01a, v01b)
    cov = s10 / (labels == 1).sum() + s01 / (labels == 0).sum()
    return [float(a), float(b), float(np.sqrt(cov[0, 0])), float(np.sqrt(cov[1, 1])),
            float(np.sqrt(max(0, cov[0, 0] + cov[1, 1] - 2 * cov[0, 1])))]


def binary():
    r = np.random.default_rng(20261123)
    def case(name, labels, scores, threshold, other=None):
        labels, scores = np.asarray(labels), np.asarray(scores, dtype=np.float64)
        predicted = (scores >= threshold).astype(int)
        both = len(set(labels)) == 2
        tn, fp, fn, tp = sm.confusion_matrix(labels, predicted, labels=[0, 1]).ravel()
        value = lambda denominator, metric: float(metric()) if denominator > 0 else None
        expected = {
            "roc_auc": value(both, lambda: sm.roc_auc_score(labels, scores)),
            "average_precision": value(tp + fn, lambda: sm.average_precision_score(labels, scores)),
            "log_loss": float(sm.log_loss(labels, scores, labels=[0, 1])),
            "brier": float(sm.brier_score_loss(labels, scores, labels=[0, 1], pos_label=1)),
            "accuracy": float(sm.accuracy_score(labels, predicted)),
            "balanced_accuracy": value(both, lambda: sm.balanced_accuracy_score(labels, predicted)),
            "precision": value(tp + fp, lambda: sm.precision_score(labels, predicted)),
            "recall": value(tp + fn, lambda: sm.recall_score(labels, predicted)),
            "specificity": value(tn + fp, lambda: sm.recall_score(labels, predicted, pos_label=0)),
            "fpr": value(tn + fp, lambda: fp / (tn + fp)),
            "f1": value(tp + fp + fn, lambda: sm.f1_score(labels, predicted)),
            "selection_rate": float(predicted.mean()),
            "ece@15u": float(ece(labels, scores)),
        }
        built = {"name": name, "threshold": threshold, "labels": labels.tolist(), "scores": scores.tolist(), "expected": expected}
        if other is not None:
            built["other"] = other.tolist()
            built["delong"] = delong(labels, scores, other)
        return built

    y = (r.random(400) < 0.2).astype(int)
    s = 1 / (1 + np.exp(-(r.normal(size=400) + 1.6 * y - 1.8)))
    noisy = np.clip(s + 0.12 * r.normal(size=400), 0, 1)
    ties = np.round(s, 1)
    save("binary.json", {"cases": [
        case("distinct scores", y, s, 0.3, noisy),
        case("many ties, on bin edges", y, ties, 0.3, np.round(noisy, 1)),
        case("constant score", y, np.full(400, 0.2), 0.5, s),
        case("scores of exactly 0 and 1", y, (s > 0.4).astype(float), 0.5, s),
        case("nobody selected", y, s, 1.1),
        case("only negatives", np.zeros(20, int), s[:20], 0.3),
        case("only positives", np.ones(20, int), s[:20], 0.3),
        case("one row", [1], [0.7], 0.5),
    ]})


functions()
binary()
