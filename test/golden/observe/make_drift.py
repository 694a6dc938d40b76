"""Golden values for src/observe/drift, from NumPy and SciPy.

    pip install numpy==2.4.6 scipy==1.17.1
    python make_drift.py > drift.json

The two samples come from a linear congruential generator, so that any language can make them again:
s = (s * 1664525 + 1013904223) mod 2**32, u = s / 2**32, the value is emitted after the update.
"""
import json
import platform

import numpy as np
import scipy
from scipy import stats
from scipy.spatial.distance import jensenshannon


def stream(seed, n):
    s, out = seed, []
    for _ in range(n):
        s = (s * 1664525 + 1013904223) % 2**32
        out.append(s / 2**32)
    return np.array(out)


def evidently_psi(ref, cur):
    """Evidently 0.7.21, utils/stats: zeros become 0.0001, or a millionth of the smallest share when that is below."""
    p, q = ref / ref.sum(), cur / cur.sum()
    for x in (p, q):
        least = x[x > 0].min()
        x[x == 0] = least / 1e6 if least <= 0.0001 else 0.0001
    return float(np.sum((p - q) * np.log(p / q)))


def smoothed_psi(ref, cur):
    """Lockstep's: half a count added to every bin of both sides."""
    p = (ref + 0.5) / (ref.sum() + 0.5 * len(ref))
    q = (cur + 0.5) / (cur.sum() + 0.5 * len(cur))
    return float(np.sum((p - q) * np.log(p / q)))


def case(name, ref, cur):
    ref, cur = np.asarray(ref, float), np.asarray(cur, float)
    n, m, b = ref.sum(), cur.sum(), len(ref)
    psi = smoothed_psi(ref, cur)
    statistic = psi * n * m / (n + m)
    p, q = ref / n, cur / m
    return {
        "name": name,
        "reference": ref.astype(int).tolist(),
        "live": cur.astype(int).tolist(),
        "psi": psi,
        "psiNoise": float((b - 1) * (1 / n + 1 / m)),
        "pValue": float(stats.chi2.sf(statistic, b - 1)),
        "jsDistance": float(jensenshannon(p, q, base=2)),
        "jsDistanceNatural": float(jensenshannon(p, q)),
        "lInfinity": float(np.max(np.abs(p - q))),
        "evidentlyPsi": evidently_psi(ref, cur),
        "contingencyPValue": float(stats.chi2_contingency(np.array([ref, cur]))[1]),
    }


ref, cur = 10 * stream(1, 2000), 10 * stream(2, 1500) + 0.5
pooled = np.concatenate([ref, cur])
edges = np.histogram_bin_edges(pooled, bins="sturges")
numeric = case("numeric, Sturges bins on pooled", np.histogram(ref, edges)[0], np.histogram(cur, edges)[0])
categorical = case("categories, one of them new", [500, 300, 150, 50, 0], [400, 350, 150, 80, 20])

tails = [
    {"x": x, "degrees": k, "p": float(stats.chi2.sf(x, k))}
    for k in (1, 2, 5, 9, 19, 99, 500)
    for x in (0.0, 0.01, 0.5, 1.0, 3.84, 10.0, 30.0, 100.0, 550.0)
]
p_values = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269, 0.275, 0.34]
print(
    json.dumps(
        {
            "made_with": {
                "python": platform.python_version(),
                "numpy": np.__version__,
                "scipy": scipy.__version__,
            },
            "edges": edges.tolist(),
            "cases": [numeric, categorical],
            "chiSquareUpperTail": tails,
            "benjaminiHochberg": {
                "pValues": p_values,
                "adjusted": stats.false_discovery_control(p_values, method="bh").tolist(),
            },
        },
        indent=1,
    )
)
