"""Derives statistics_reference.json: what SciPy and statsmodels find for the tests of reports/.

usage: python3 statistics_reference.py > statistics_reference.json     (SciPy 1.17.1, statsmodels 0.15.0; the test reads the file alone)

TOST is two one-sided t tests of samples moved by the margin; SciPy has no call of its own for it.
"""
import json

import numpy as np
from scipy import optimize, special, stats
from statsmodels.stats.multitest import multipletests

MARGIN = 0.3
draw = np.random.default_rng(7)


def sample(n, mean, deviation, digits=4):
    return [float(x) for x in np.round(draw.normal(mean, deviation, n), digits)]


def student(test):
    """`test(shift, alternative)`: SciPy's result for the first sample moved by `shift`."""
    two_sided = test(0, "two-sided")
    interval = two_sided.confidence_interval(0.95)
    greater, less = test(MARGIN, "greater").pvalue, test(-MARGIN, "less").pvalue
    return {
        "estimate": (interval.low + interval.high) / 2, "degrees_of_freedom": two_sided.df,
        "half_width": (interval.high - interval.low) / 2, "p_two_sided": two_sided.pvalue,
        "p_less": test(0, "less").pvalue, "p_greater": test(0, "greater").pvalue, "p_equivalent": max(greater, less),
    }


def from_stats(mean1, std1, n1, mean2, std2, n2):
    """As student; SciPy's call gives neither interval nor degrees of freedom, so these are left out."""
    def p(shift, alternative):
        return stats.ttest_ind_from_stats(mean1 + shift, std1, n1, mean2, std2, n2, equal_var=False, alternative=alternative).pvalue
    return {"p_two_sided": p(0, "two-sided"), "p_less": p(0, "less"), "p_greater": p(0, "greater"),
            "p_equivalent": max(p(MARGIN, "greater"), p(-MARGIN, "less"))}


def welch(a, b):
    return student(lambda shift, alternative: stats.ttest_ind(np.add(a, shift), b, equal_var=False, alternative=alternative))


def paired(a, b):
    return student(lambda shift, alternative: stats.ttest_rel(np.add(a, shift), b, alternative=alternative))


def one_sample(a, value):
    found = student(lambda shift, alternative: stats.ttest_1samp(np.add(a, shift), value, alternative=alternative))
    return {**found, "estimate": float(np.mean(a) - value)}


def mann_whitney(a, b):
    p = {alternative: stats.mannwhitneyu(a, b, alternative=alternative, method="auto") for alternative in ("two-sided", "less", "greater")}
    return {"u": p["two-sided"].statistic, "p_two_sided": p["two-sided"].pvalue, "p_less": p["less"].pvalue, "p_greater": p["greater"].pvalue}


def variance_prior(samples):
    """Smyth 2004, section 6.2: ln s^2 is scattered by trigamma(d0 / 2) + trigamma(d / 2) around a mean known by digamma."""
    variance, d = np.array(samples).T
    e = np.log(variance) - special.digamma(d / 2) + np.log(d / 2)
    excess = e.var(ddof=1) - special.polygamma(1, d / 2).mean()
    if excess <= 0:
        return {"variance": np.exp(e.mean()), "degrees_of_freedom": None}
    half = optimize.brentq(lambda x: special.polygamma(1, x) - excess, 1e-6, 1e6, xtol=1e-14, rtol=1e-14)
    return {"variance": np.exp(e.mean() + special.digamma(half) - np.log(half)), "degrees_of_freedom": 2 * half}


five, five_lower, three, twelve = sample(5, 91.3, 0.16), sample(5, 91.0, 0.16), sample(3, 91.2, 0.4), sample(12, 90.9, 0.9)
large, large_moved = sample(40, 1e6, 1), sample(40, 1e6 + 3, 1)
ties, more_ties = [1.0, 2, 2, 3, 3, 3, 9], [2.0, 3, 3, 4, 4, 8]
result = {
    "margin": MARGIN,
    "welch": [{"first": a, "second": b, **welch(a, b)} for a, b in (
        (five, five_lower), (five_lower, five), (three, twelve), (twelve, three), (large, large_moved), (five, [91.0, 91.0]), ([1.0, 2], [1.0, 2]))],
    "from_stats": [{"of": list(of), **from_stats(*of)} for of in (
        (94.14, 0.16, 3, 94.04, 0.21, 5), (93.2, 0.05, 5, 93.25, 0.4, 3), (70.0, 0.5, 2, 70.0, 0.5, 2))],
    "paired": [{"first": a, "second": b, **paired(a, b)} for a, b in (
        (five, five_lower), (twelve, [round(x + 0.25 * (-1) ** i, 4) for i, x in enumerate(twelve)]), ([1.0, 3], [2.0, 2.5]))],
    "one_sample": [{"first": a, "second": value, **one_sample(a, value)} for a, value in ((five, 91.2), (three, 93.0), (large, 1e6))],
    "mann_whitney": [{"first": a, "second": b, **mann_whitney(a, b)} for a, b in (
        (five, five_lower), (five_lower, five), (three, twelve), ([3.0], [1.0, 2, 4]), ([1.0], [2.0]), (sample(8, 0, 1), sample(30, 0.8, 1)),
        (sample(9, 0, 1), sample(9, 1, 1)), (sample(9, 0, 1), sample(8, 1, 1)), (large, large_moved), (ties, more_ties), (more_ties, ties),
        ([5.0, 5], [5.0, 5, 5]), ([5.0], [5.0]), ([1.0, 1, 1], [2.0, 2]))],
    "holm": [{"p": p, "adjusted": [float(x) for x in multipletests(p, method="holm")[1]]} for p in (
        [0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.9], [0.2], [0.0, 1.0, 0.02, 0.02], [round(x, 6) for x in draw.uniform(0, 0.1, 20)])],
}
spread_out = [(float(round(v, 6)), 4.0) for v in 0.03 * np.exp(draw.normal(0, 1, 30)) * draw.chisquare(4, 30) / 4]
alike = [(round(0.03 + 0.001 * i, 6), 2.0 + i % 3) for i in range(12)]
result["variance_prior"] = [{"samples": samples, **variance_prior(samples)} for samples in (spread_out, alike)]
print(json.dumps(result, default=float))
