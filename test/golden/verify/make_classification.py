"""Writes classification.json: every metric of binary and multiclass models, with and without row weights, as scikit-learn,
SciPy and statsmodels compute it, and what scikit-learn prints where a metric is undefined.

    python -m venv /tmp/golden && /tmp/golden/bin/pip install numpy scipy scikit-learn statsmodels
    /tmp/golden/bin/python make_classification.py

`expected` holds null where a denominator is empty; `compat` then holds scikit-learn's number ("nan" for NaN).
"""

import json
import platform
import warnings
from pathlib import Path

import numpy as np
import scipy
import scipy.optimize
import scipy.stats
import sklearn
import statsmodels
import statsmodels.api as sm_api
from sklearn import metrics as sm

warnings.filterwarnings("ignore")
here = Path(__file__).parent
versions = {
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "scikit-learn": sklearn.__version__,
    "statsmodels": statsmodels.__version__,
}
r = np.random.default_rng(20261124)


def bin_sums(y, p, w, kind, bins, weighted):
    ranks = np.linspace(0, 1, bins + 1)
    if kind == "u":
        edges = ranks
    elif weighted:
        edges = np.percentile(p, ranks * 100, weights=w, method="inverted_cdf")
    else:
        edges = np.percentile(p, ranks * 100)
    at = np.searchsorted(edges[1:-1], p)
    total = lambda values: np.bincount(at, weights=values, minlength=bins)
    return total(w), total(w * y), total(w * p)


def calibration_errors(y, p, w, kind, bins, weighted):
    n, found, said = bin_sums(y, p, w, kind, bins, weighted)
    full = n > 0
    gap = np.abs(found - said)
    return gap.sum() / w.sum(), (gap[full] / n[full]).max()


def brier_parts(y, p, w):
    n, found, said = (part[bin_sums(y, p, w, "u", 15, False)[0] > 0] for part in bin_sums(y, p, w, "u", 15, False))
    share, observed, rate = n / n.sum(), found / n, found.sum() / n.sum()
    return (share * (said / n - observed) ** 2).sum(), (share * (observed - rate) ** 2).sum(), rate * (1 - rate)


def calibration_line(y, p, w):
    eps = np.finfo(float).eps
    q = np.clip(p, eps, 1 - eps)
    x = np.log(q) - np.log1p(-q)
    fit = lambda design, **more: sm_api.GLM(y, design, family=sm_api.families.Binomial(), freq_weights=w, **more).fit(
        tol=1e-15, tol_criterion="params", maxiter=300).params
    ones = np.ones((len(y), 1))
    overlap = x[y == 1].min() < x[y == 0].max() and x[y == 0].min() < x[y == 1].max()
    long = lambda values: values.astype(np.longdouble)
    gap = lambda shift: float((long(w) * np.where(y == 1, 1 / (1 + np.exp(shift + long(x))), -1 / (1 + np.exp(-shift - long(x))))).sum())
    intercept = scipy.optimize.brentq(gap, -100, 100, xtol=1e-14, rtol=1e-14)
    # Where no score is 0 or 1, the same as the regression with a fixed slope (which diverges where some are).
    assert np.abs(x).max() > 30 or abs(float(fit(ones, offset=x)[0]) - intercept) < 1e-6
    return polished(fit(np.column_stack([ones, x])), x, y, w) if overlap else None, intercept


def polished(start, x, y, w):
    """Newton from the fit of statsmodels, which keeps seven digits where weights differ by 1e10, in extended precision."""
    x, w, line = x.astype(np.longdouble), w.astype(np.longdouble), np.asarray(start, dtype=np.longdouble)
    for _ in range(20):
        at = line[0] + line[1] * x
        p, q = 1 / (1 + np.exp(-at)), 1 / (1 + np.exp(at))
        miss, spread = w * np.where(y == 1, q, -p), w * p * q
        centre = (spread * x).sum() / spread.sum()
        slope = (miss * (x - centre)).sum() / (spread * (x - centre) ** 2).sum()
        line = line + np.array([miss.sum() / spread.sum() - slope * centre, slope])
    assert abs(float(line[1]) - start[1]) < 1e-6
    return float(line[1])


def top(fp, tp, k):
    """Positives among the first k of weight, a tied group taken by the same fraction of each."""
    return np.interp(k, np.r_[0, fp + tp], np.r_[0, tp])


def at_top(expected, fp, tp, total):
    for name, k in [("5", 5), ("40", 40), ("10%", 0.1 * total), ("25%", 0.25 * total)]:
        inside = k <= total
        found = top(fp, tp, k)
        expected[f"precision@k={name}"] = found / k if inside else None
        expected[f"recall@k={name}"] = found / tp[-1] if inside and tp[-1] > 0 else None
        if "%" in name:
            expected[f"lift@{name}"] = found / k / (tp[-1] / total) if tp[-1] > 0 else None


def counts_of(fp, tp, score, threshold):
    at = np.searchsorted(-score, -threshold, side="right")
    return (fp[at - 1], tp[at - 1]) if at > 0 else (0.0, 0.0)


def binary(name, labels, scores, threshold, weights=None):
    labels, scores = np.asarray(labels), np.asarray(scores, dtype=np.float64)
    given = {"name": name, "threshold": threshold, "labels": labels.tolist(), "scores": scores.tolist()}
    if weights is not None:
        given["weights"] = np.asarray(weights, dtype=np.float64).tolist()
    w = np.ones(len(labels)) if weights is None else np.asarray(weights, dtype=np.float64)
    keep = w > 0
    y, s, w = labels[keep], scores[keep], w[keep]
    p = (s >= threshold).astype(int)
    tn, fp, fn, tp = sm.confusion_matrix(y, p, labels=[0, 1], sample_weight=w).ravel()
    expected, compat = {}, {}

    def put(key, defined, metric):
        if defined:
            expected[key] = float(metric())
        else:
            expected[key] = None
            value = float(metric())
            compat[key] = "nan" if np.isnan(value) else value

    plain = lambda key, defined, value: expected.__setitem__(key, float(value()) if defined else None)
    put("accuracy", True, lambda: sm.accuracy_score(y, p, sample_weight=w))
    put("precision", tp + fp > 0, lambda: sm.precision_score(y, p, sample_weight=w))
    put("recall", tp + fn > 0, lambda: sm.recall_score(y, p, sample_weight=w))
    put("specificity", tn + fp > 0, lambda: sm.recall_score(y, p, pos_label=0, sample_weight=w))
    put("npv", tn + fn > 0, lambda: sm.precision_score(y, p, pos_label=0, sample_weight=w))
    plain("fpr", tn + fp > 0, lambda: fp / (tn + fp))
    plain("fnr", tp + fn > 0, lambda: fn / (tp + fn))
    plain("fdr", tp + fp > 0, lambda: fp / (tp + fp))
    plain("false_omission_rate", tn + fn > 0, lambda: fn / (tn + fn))
    plain("selection_rate", True, lambda: (tp + fp) / w.sum())
    plain("prevalence", True, lambda: (tp + fn) / w.sum())
    both = tp + fn > 0 and tn + fp > 0
    put("balanced_accuracy", both, lambda: sm.balanced_accuracy_score(y, p, sample_weight=w))
    for key, beta in [("f1", 1), ("fbeta@2", 2), ("fbeta@0.5", 0.5)]:
        put(key, tp + fp + fn > 0, lambda: sm.fbeta_score(y, p, beta=beta, sample_weight=w))
    margins = both and tp + fp > 0 and tn + fn > 0
    put("mcc", margins, lambda: sm.matthews_corrcoef(y, p, sample_weight=w))
    put("kappa", both or (tp + fp > 0 and tn + fn > 0) or fp + fn > 0, lambda: sm.cohen_kappa_score(y, p, sample_weight=w, labels=[0, 1]))
    expected["cost@fp=1,fn=5"] = (fp + 5 * fn) / w.sum()

    put("roc_auc", both, lambda: sm.roc_auc_score(y, s, sample_weight=w))
    put("average_precision", tp + fn > 0, lambda: sm.average_precision_score(y, s, sample_weight=w))
    fps, tps, thresholds = (lambda c: (c.fps, c.tps, c.thresholds))(curve(y, s, w))
    tpr = tps / tps[-1] if tps[-1] > 0 else None
    fpr = fps / fps[-1] if fps[-1] > 0 else None
    plain("ks", both, lambda: np.abs(tpr - fpr).max())
    if both and weights is None:
        exact = scipy.stats.ks_2samp(s[y == 1], s[y == 0]).statistic
        assert abs(exact - expected["ks"]) < 1e-12
    precision = tps / (tps + fps)
    for least in [0.5, 0.9]:
        plain(f"precision@recall={least}", tps[-1] > 0, lambda: precision[tpr >= least].max())
        plain(f"recall@precision={least}", tps[-1] > 0, lambda: np.r_[0, tpr[precision >= least]].max())
    plain("recall@fpr=0.1", both, lambda: np.r_[0, tpr[fpr <= 0.1]].max())
    at_top(expected, fps, tps, w.sum())

    if s.min() >= 0 and s.max() <= 1:
        expected["log_loss"] = float(sm.log_loss(y, s, labels=[0, 1], sample_weight=w))
        expected["brier"] = float(sm.brier_score_loss(y, s, labels=[0, 1], pos_label=1, sample_weight=w))
        for kind, bins in [("u", 15), ("q", 10)]:
            error, most = calibration_errors(y, s, w, kind, bins, weights is not None)
            expected[f"ece@{bins}{kind}"] = float(error)
            expected[f"mce@{bins}{kind}"] = float(most)
        expected["calibration_bias"] = float(np.average(s - y, weights=w))
        parts = brier_parts(y, s, w)
        for key, part in zip(["brier_reliability@15u", "brier_resolution@15u", "brier_uncertainty"], parts):
            expected[key] = float(part)
        slope, intercept = calibration_line(y, s, w) if both else (None, None)
        expected["calibration_slope"] = slope
        expected["calibration_intercept"] = intercept
    return {**given, "expected": expected, "compat": compat}


def curve(y, s, w):
    from collections import namedtuple
    fps, tps, thresholds = [], [], []
    for t in np.unique(s)[::-1]:
        chosen = s >= t
        fps.append((w * (1 - y))[chosen].sum())
        tps.append((w * y)[chosen].sum())
        thresholds.append(t)
    return namedtuple("Curve", "fps tps thresholds")(np.array(fps), np.array(tps), np.array(thresholds))


def multiclass(name, classes, labels, scores, weights=None):
    labels, scores = np.asarray(labels), np.asarray(scores, dtype=np.float64)
    given = {"name": name, "classes": classes, "labels": labels.tolist(), "scores": scores.ravel().tolist()}
    if weights is not None:
        given["weights"] = np.asarray(weights, dtype=np.float64).tolist()
    w = np.ones(len(labels)) if weights is None else np.asarray(weights, dtype=np.float64)
    keep = w > 0
    y, s, w = labels[keep], scores[keep], w[keep]
    p = s.argmax(1)
    k = len(classes)
    every = list(range(k))
    expected, compat = {}, {}

    def put(key, defined, value):
        expected[key] = float(value) if defined else None
        if not defined:
            compat[key] = "nan" if np.isnan(value) else float(value)

    matrix = sm.confusion_matrix(y, p, labels=every, sample_weight=w)
    put("accuracy", True, sm.accuracy_score(y, p, sample_weight=w))
    put("balanced_accuracy", True, sm.balanced_accuracy_score(y, p, sample_weight=w))
    truths, answers = matrix.sum(1), matrix.sum(0)
    occurs = (truths > 0) | (answers > 0)
    whole = {
        "precision": {"macro": (answers[occurs] > 0).all(), "micro": True, "weighted": (answers[truths > 0] > 0).all()},
        "recall": {"macro": (truths[occurs] > 0).all(), "micro": True, "weighted": True},
        "f1": {"macro": True, "micro": True, "weighted": True},
    }
    score = {"precision": sm.precision_score, "recall": sm.recall_score, "f1": sm.f1_score}
    single = {"precision": answers, "recall": truths, "f1": truths + answers}
    for rate, ways in whole.items():
        for by, defined in ways.items():
            put(f"{rate}_{by}", defined, score[rate](y, p, average=by, sample_weight=w))
        each = score[rate](y, p, average=None, labels=every, sample_weight=w)
        for at, label in enumerate(classes):
            put(f"{rate}[{label}]", single[rate][at] > 0, each[at])
    row = sm.confusion_matrix(y, p, labels=every, sample_weight=w, normalize="true")
    put(f"confusion[{classes[0]}->{classes[1]}]", truths[0] > 0, row[0, 1])
    put(f"confusion[{classes[1]}->{classes[0]}]", truths[1] > 0, row[1, 0])
    put("mcc", (truths > 0).sum() > 1 and (answers > 0).sum() > 1, sm.matthews_corrcoef(y, p, sample_weight=w))
    kappa = sm.cohen_kappa_score(y, p, labels=every, sample_weight=w)
    put("kappa", not np.isnan(kappa), kappa)
    for first in range(1, k):
        put(f"top@{first}", True, sm.top_k_accuracy_score(y, s, k=first, labels=every, sample_weight=w))
    put("log_loss", True, sm.log_loss(y, s, labels=every, sample_weight=w))
    put("brier", True, sm.brier_score_loss(y, s, labels=every, sample_weight=w))
    sure = s.max(1)
    put("ece@15u", True, calibration_errors((p == y).astype(int), sure, w, "u", 15, False)[0])
    put("ece_classwise@15u", True, np.mean([calibration_errors((y == at).astype(int), s[:, at], w, "u", 15, False)[0] for at in every]))
    if np.allclose(s.sum(1), 1):
        areas = lambda **how: sm.roc_auc_score(y, s, labels=every, **how)
        full = (truths > 0).all()
        put("roc_auc_ovr", full, areas(multi_class="ovr", average="macro", sample_weight=w))
        put("roc_auc_ovr_weighted", (truths > 0).sum() > 1, areas(multi_class="ovr", average="weighted", sample_weight=w))
        if weights is None:
            put("roc_auc_ovo", full, areas(multi_class="ovo", average="macro") if full else float("nan"))
        elif full and (weights == np.round(weights)).all() and weights.max() < 10:
            again = np.repeat(np.arange(len(y)), w.astype(int))
            put("roc_auc_ovo", True, sm.roc_auc_score(y[again], s[again], labels=every, multi_class="ovo"))
    return {**given, "expected": expected, "compat": compat}


def binary_cases():
    n = 160
    y = (r.random(n) < 0.3).astype(int)
    s = 1 / (1 + np.exp(-(r.normal(size=n) + 1.4 * y - 1.2)))
    whole = r.integers(0, 4, n)
    fraction = r.exponential(size=n)
    extreme = 10.0 ** r.integers(-9, 10, n)
    tenths = np.round(s, 1)
    return [
        binary("distinct scores", y, s, 0.4),
        binary("many ties, on bin edges", y, tenths, 0.4),
        binary("whole weights, some 0", y, s, 0.4, whole),
        binary("whole weights and ties", y, tenths, 0.4, whole),
        binary("fractional weights and ties", y, tenths, 0.4, fraction),
        binary("weights from 1e-9 to 1e9", y, s, 0.4, extreme),
        binary("positives weigh 1e10 times as much", y, tenths, 0.4, np.where(y == 1, 1e5, 1e-5)),
        binary("constant score", y, np.full(n, 0.2), 0.5),
        binary("constant score, weighted", y, np.full(n, 0.2), 0.1, fraction),
        binary("scores of exactly 0 and 1", y, (s > 0.4).astype(float), 0.5),
        binary("separated", y[:60], np.where(y[:60] == 1, 0.8, 0.1) + s[:60] / 10, 0.5),
        binary("worse than chance", y, 1 - s, 0.5, whole),
        binary("logits, no probabilities", y, np.log(s / (1 - s)), 0.0, whole),
        binary("nobody selected", y, s, 1.1),
        binary("everybody selected", y, s, 0.0),
        binary("only negatives", np.zeros(20, int), s[:20], 0.3),
        binary("only negatives, nobody selected", np.zeros(20, int), s[:20], 2),
        binary("only positives", np.ones(20, int), s[:20], 0.3),
        binary("only positives by weight", y[:40], s[:40], 0.3, y[:40] * 1.5),
        binary("one row", [1], [0.7], 0.5),
    ]


def multiclass_cases():
    n, names = 150, ["cat", "dog", "hot dog", "Ünited", "e"]
    y = r.choice(5, size=n, p=[0.4, 0.25, 0.2, 0.1, 0.05])
    logits = r.normal(size=(n, 5)) + 1.3 * np.eye(5)[y]
    s = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    coarse = np.round(s, 1)
    coarse[:, 4] = np.round(1 - coarse[:, :4].sum(1), 1)
    coarse = np.clip(coarse, 0, 1)
    coarse /= coarse.sum(1, keepdims=True)
    whole = r.integers(0, 4, n)
    whole[:5] = 1
    extreme = 10.0 ** r.integers(-6, 7, n)
    never = s.copy()
    never[:, 3] = 0
    never /= never.sum(1, keepdims=True)
    absent = np.where(y == 3, 0, y)
    return [
        multiclass("distinct scores", names, y, s),
        multiclass("ties between classes and rows", names, y, coarse),
        multiclass("whole weights, some 0", names, y, s, whole),
        multiclass("whole weights and ties", names, y, coarse, whole),
        multiclass("weights from 1e-6 to 1e6", names, y, s, extreme),
        multiclass("one class weighs 1e10 times as much", names, y, s, np.where(y == 0, 1e5, 1e-5)),
        multiclass("a class never answered", names, y, never),
        multiclass("a class without rows", names, absent, s),
        multiclass("a class neither answered nor present", names, absent, never),
        multiclass("rows that do not add up to 1", names, y, s * r.uniform(0.3, 0.99, (n, 1))),
        multiclass("constant answer", names, y, np.tile([0.4, 0.25, 0.2, 0.1, 0.05], (n, 1))),
        multiclass("one class only, answered", names[:3], np.zeros(10, int), np.tile([0.8, 0.1, 0.1], (10, 1))),
        multiclass("one class only, another answered", names[:3], np.ones(10, int), np.tile([0.8, 0.1, 0.1], (10, 1))),
        multiclass("sure and wrong", names[:3], [0, 1, 2], [[0, 1, 0], [0, 1, 0], [1, 0, 0]]),
        multiclass("one row", names[:3], [2], [[0.2, 0.2, 0.6]]),
    ]


def lines(cases):
    return "[\n" + ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]"


text = f'{{"versions": {json.dumps(versions)},\n"binary": {lines(binary_cases())},\n"multiclass": {lines(multiclass_cases())}}}\n'
(here / "classification.json").write_text(text)
