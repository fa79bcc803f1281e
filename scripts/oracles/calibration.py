"""Thresholds of onnxruntime.quantization.calibrate on the histograms that scripts/oracles.ts wrote, against ours.

Exit code 1 where they differ by more than docs/calibration.md explains.
"""
import json
import sys

import numpy as np
from onnxruntime.quantization.calibrate import HistogramCollector

# Edges are sums of ours and theirs in another order.
ROUNDING = 1e-6


def collector(method, **options):
    settings = dict(method=method, symmetric=True, num_bins=2048, num_quantized_bins=128, percentile=99.99, scenario="same")
    return HistogramCollector(**{**settings, **options})


def magnitudes(case):
    bins = np.array(case["positive"]) + np.array(case["negative"])
    return bins, np.linspace(0, case["limit"], len(bins) + 1)


def signed(case):
    bins = np.concatenate([np.array(case["negative"])[::-1], case["positive"]])
    return bins, np.linspace(-case["limit"], case["limit"], len(bins) + 1)


def number(value):
    return float(np.asarray(value).reshape(-1)[0])


def high_end(case):
    return float(np.float32(max(case["max"], 0)))


def percentile_of(case, percentile, symmetric):
    bins, edges = magnitudes(case) if symmetric else signed(case)
    subject = collector("percentile", percentile=percentile, symmetric=symmetric)
    low, high = min(case["min"], 0), max(case["max"], 0)
    subject.histogram_dict = {"x": (bins, edges, np.float32(low), np.float32(high), np.float32(case["limit"]))}
    found = subject.compute_percentile()["x"]
    return number(found[0]), number(found[1])


def compare_percentiles(case):
    problems = 0
    width = case["limit"] / len(case["positive"])
    for text, ours in case["percentile"].items():
        _, high = percentile_of(case, float(text), True)
        # Theirs end at the largest value also where the smallest is further from 0; and at 0 where that is the first edge.
        expected = max(min(ours["symmetric"]["high"], high_end(case)), 0)
        same = abs(high - expected) <= ROUNDING or (high == 0 and expected == width)
        low, high_of_two = percentile_of(case, float(text), False)
        # Ours always hold 0, theirs need not.
        two = ours["asymmetric"]
        same_two = abs(min(low, 0) - two["low"]) <= width + ROUNDING and abs(max(high_of_two, 0) - two["high"]) <= width + ROUNDING
        if not (same and same_two):
            print(f"  percentile {text}: theirs ±{high:.6g}, {low:.6g} … {high_of_two:.6g}; ours {ours}")
        problems += (not same) + (not same_two)
    return problems


def definition(bins):
    """Migacz 2017, bin by bin: the candidate with the least divergence, the largest of equals."""
    used = int(np.max(np.nonzero(bins))) + 1 if np.any(bins) else 1
    best, chosen = np.inf, used
    for i in range(used, 127, -1):
        inside = bins[:i]
        p = inside.astype(np.float64).copy()
        p[-1] += bins[i:].sum()
        level = (np.arange(i) * 128) // i
        filled = inside > 0
        mass = np.bincount(level, weights=inside, minlength=128)
        size = np.bincount(level, weights=filled, minlength=128)
        q = np.where(filled, np.divide(mass, size, out=np.zeros(128), where=size > 0)[level], 0)
        if q.sum() == 0 or np.any((p > 0) & (q == 0)):
            continue
        p, q = p / p.sum(), q / q.sum()
        on = p > 0
        divergence = float(np.sum(p[on] * np.log(p[on] / q[on])))
        if divergence < best - 1e-12:
            best, chosen = divergence, i
    return chosen


def compare_entropy(case):
    bins = np.array(case["entropy"]["bins"])
    ours = case["entropy"]["candidate"]
    expected = definition(bins)
    # Theirs: over both signs, 128 levels for both, empty bins smoothed, zeros counted. Told, not required: docs/calibration.md.
    pairs = (np.array(case["positive"]) + np.array(case["negative"])).reshape(2048, -1).sum(axis=1) / 2
    two_sided = np.concatenate([pairs[::-1], [0], pairs])
    edges = np.linspace(-case["limit"], case["limit"], len(two_sided) + 1)
    low, high = np.float32(-case["limit"]), np.float32(case["limit"])
    theirs = number(collector("entropy").get_entropy_threshold((two_sided, edges, low, high, high), 128)[1])
    print(f"  entropy: ours {case['entropy']['threshold']:.4g} (candidate {ours}, by definition {expected}), calibrate.py {theirs:.4g}")
    return int(ours != expected)


def main(file):
    problems = 0
    with open(file, encoding="utf-8") as text:
        cases = json.load(text)
    for case in cases:
        print(f"{case['name']}: {case['min']:.4g} … {case['max']:.4g}")
        problems += compare_percentiles(case) + compare_entropy(case)
    print(f"{len(cases)} distributions, {problems} differences that are not explained")
    return 1 if problems else 0


sys.exit(main(sys.argv[1]))
