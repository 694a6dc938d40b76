"""Writes statistics.json: the golden values of src/verify/statistics that make_golden.py does not hold, from SciPy and statsmodels.

    python -m venv /tmp/golden && /tmp/golden/bin/pip install numpy scipy statsmodels
    /tmp/golden/bin/python make_statistics.py

Tango's interval is in neither: here it is the definition of the 1998 paper, with the likelihood maximised numerically.
"""

import json
import platform
from pathlib import Path

import numpy as np
import scipy
import statsmodels
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import normal_sample_size_one_tail
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

here = Path(__file__).parent
versions = {
    "python": platform.python_version(),
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "statsmodels": statsmodels.__version__,
}
floats = lambda values: [float(value) for value in values]


def distributions():
    dfs = [1, 2, 3.7, 4, 9, 29, 250.5, 10_000]
    ps = [1e-6, 0.001, 0.025, 0.05, 0.3, 0.5, 0.8, 0.95, 0.999]
    betas = [(0.5, 0.5), (1, 30), (271, 342), (3, 9998), (5000, 2)]
    return {
        "studentCdf": [[t, df, float(stats.t.cdf(t, df))] for t in [-30, -4.2, -1, -0.01, 0, 0.7, 2.5, 12] for df in dfs],
        "studentQuantile": [[p, df, float(stats.t.ppf(p, df))] for p in ps for df in dfs],
        "chiSquareCdf": [[x, df, float(stats.chi2.cdf(x, df))] for x in [0.01, 0.7, 3.84, 20, 400] for df in [1, 2, 4, 9, 29, 300]],
        "chiSquareQuantile": [[p, df, float(stats.chi2.ppf(p, df))] for p in ps for df in [1, 2, 4, 9, 29, 300]],
        "betaQuantile": [[p, a, b, float(stats.beta.ppf(p, a, b))] for p in ps for a, b in betas],
    }


def paired():
    def tables():
        for gained, lost in [(0, 0), (1, 0), (3, 0), (8, 2), (2, 8), (25, 10), (121, 59), (1000, 1040)]:
            n = gained + lost
            k = min(gained, lost)
            exact = mcnemar([[0, gained], [lost, 0]], exact=True).pvalue
            asymptotic = mcnemar([[0, gained], [lost, 0]], exact=False, correction=False).pvalue if n else 1.0
            mid = min(1.0, 2 * stats.binom.cdf(k, n, 0.5) - stats.binom.pmf(k, n, 0.5)) if n else 1.0
            better = stats.binom.cdf(lost, n, 0.5) if n else 1.0
            yield {"gained": gained, "lost": lost, "exact": float(exact), "midP": float(mid),
                   "asymptotic": float(asymptotic), "exactBetter": float(better)}

    def score(b, c, n, delta):
        def minus_log_likelihood(q):
            rest = n - b - c
            terms = [(b, q + delta), (c, q), (rest, 1 - 2 * q - delta)]
            return -sum(k * np.log(p) for k, p in terms if k > 0)
        low, high = max(0.0, -delta), (1 - delta) / 2
        found = optimize.minimize_scalar(minus_log_likelihood, bounds=(low + 1e-15, high - 1e-15), method="bounded", options={"xatol": 1e-14})
        candidates = [found.x] + ([low] if c == 0 and delta >= 0 else []) + ([low] if b == 0 and delta <= 0 else [])
        q = min(candidates, key=lambda q: minus_log_likelihood(max(q, 1e-300)))
        return (b - c - n * delta) / np.sqrt(n * (2 * q + delta - delta * delta))

    def tango(b, c, n, z):
        at = (b - c) / n
        lower = optimize.brentq(lambda d: score(b, c, n, d) - z, -0.999, at - 1e-9)
        upper = optimize.brentq(lambda d: score(b, c, n, d) + z, at + 1e-9, 0.999)
        return [float(lower), float(upper)]

    z = float(stats.norm.ppf(0.975))
    return {
        "mcnemar": list(tables()),
        "tango": [[b, c, n, z, *tango(b, c, n, z)] for b, c, n in
                  [(1, 7, 21), (9, 3, 100), (30, 40, 1000), (0, 4, 50), (5, 0, 200), (300, 200, 5000), (12, 9, 30)]],
    }


def proportions():
    pairs = [(271, 612, 1103, 2247), (5, 56, 9, 29), (9, 10, 3, 10), (1, 50, 20, 60), (30, 1000, 45, 1100)]
    ratio = lambda method, **more: [[a, n, b, m, *floats(confint_proportions_2indep(a, n, b, m, compare="ratio", method=method, alpha=0.05, **more))] for a, n, b, m in pairs]
    return {
        "clopperPearson": [[k, n, *floats(proportion_confint(k, n, alpha=0.05, method="beta"))] for k, n in [(0, 10), (3, 10), (10, 10), (271, 612), (1, 100_000)]],
        "koopman": ratio("score", correction=False),
        "katz": ratio("log"),
    }


def families():
    r = np.random.default_rng(4)
    sets = [[0.01, 0.04, 0.03, 0.005], [0.2], [0.05, 0.05, 0.05], floats(r.random(20) ** 3), [1.0, 0.0, 0.5, 0.9]]
    adjust = lambda ps, method: floats(multipletests(ps, method=method)[1])
    return [{"ps": ps, "holm": adjust(ps, "holm"), "bh": adjust(ps, "fdr_bh"), "by": adjust(ps, "fdr_by")} for ps in sets]


def means():
    r = np.random.default_rng(11)
    cases = []
    for n, m in [(5, 5), (8, 8), (10, 10), (30, 30)]:
        own, other = r.normal(0.91, 0.004, n), r.normal(0.905, 0.009, m)
        one_sided = lambda test: floats(test.confidence_interval(0.9))
        d = own - other
        corrected = np.sqrt((1 / n + 0.25) * d.var(ddof=1))
        half = stats.t.ppf(0.95, n - 1) * corrected
        cases.append({
            "own": floats(own), "reference": floats(other),
            "welch": one_sided(stats.ttest_ind(own, other, equal_var=False)),
            "welchDf": float(stats.ttest_ind(own, other, equal_var=False).df),
            "paired": one_sided(stats.ttest_rel(own, other)),
            "single": one_sided(stats.ttest_1samp(own, 0)),
            # Nadeau & Bengio (2003), eq. 9, with n_test / n_train = 0.25.
            "corrected": [float(d.mean() - half), float(d.mean() + half)],
            "spread": [float(np.sqrt((n - 1) * own.var(ddof=1) / stats.chi2.ppf(p, n - 1))) for p in (0.95, 0.05)],
        })
    return cases


def planning():
    rows = [[sd, effect, float(normal_sample_size_one_tail(effect, 0.8, 0.05, sd))] for sd, effect in [(np.sqrt(0.06), 0.01), (np.sqrt(0.06), 0.005), (np.sqrt(0.1), 0.002), (0.5, 0.03)]]
    def hanley_mcneil(a, p, n):
        q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
        return float(np.sqrt((a * (1 - a) + (p - 1) * (q1 - a * a) + (n - 1) * (q2 - a * a)) / (p * n)))
    def fleiss(rate, limit):
        n = normal_sample_size_one_tail(abs(rate - limit), 0.8, 0.05, np.sqrt(limit * (1 - limit)), np.sqrt(rate * (1 - rate)))
        # Fleiss, Levin & Paik (2003), eq. 2.7: the correction for whole rows.
        return int(np.ceil(n / 4 * (1 + np.sqrt(1 + 2 / (n * abs(rate - limit)))) ** 2))
    return {
        "rows": rows,
        "rate": [[rate, limit, fleiss(rate, limit)] for rate, limit in [(0.85, 0.82), (0.5, 0.6), (0.02, 0.01)]],
        "aucError": [[a, p, n, hanley_mcneil(a, p, n)] for a, p, n in [(0.85, 50, 950), (0.85, 200, 1800), (0.85, 1000, 9000), (0.5, 10, 10), (0.99, 30, 3000)]],
    }


def bca():
    """SciPy's bootstrap of a skewed mean: the bounds agree up to the noise of resampling."""
    values = np.random.default_rng(5).exponential(size=60)
    made = lambda method: floats(stats.bootstrap((values,), np.mean, confidence_level=0.9, n_resamples=200_000, method=method, rng=np.random.default_rng(1)).confidence_interval)
    d = values - values.mean()
    return {"values": floats(values), "bca": made("BCa"), "percentile": made("percentile"),
            "acceleration": float((d ** 3).sum() / (6 * (d ** 2).sum() ** 1.5))}


content = {"versions": versions, "distributions": distributions(), "paired": paired(), "proportions": proportions(),
           "families": families(), "means": means(), "planning": planning(), "bca": bca()}
(here / "statistics.json").write_text(json.dumps(content, indent=1) + "\n")
