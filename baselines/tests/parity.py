"""Derives parity.json: scores of SNIP, GraSP and SynFlow on a small network, worked out with NumPy in double.

usage: python3 parity.py > parity.json      (needs NumPy; the test reads the file alone)

The network is x -> W3 relu(W2 relu(W1 x)), without biases. Gradients are by hand (chain rule), GraSP's product Hg by
central differences of them, SynFlow's by its closed form: with everything positive the output is linear in each layer.
"""
import json

import numpy as np

WIDTHS = (5, 6, 4, 3)
IMAGES = 12
TEMPERATURE = 2.0  # of GraSP's logits
SYNFLOW_ROUNDS, SYNFLOW_DENSITY = 4, 0.3

draw = np.random.default_rng(20)
weights = [np.round(draw.normal(size=(o, i)) * np.sqrt(2 / i), 3) for i, o in zip(WIDTHS, WIDTHS[1:])]
images = np.round(draw.normal(size=(IMAGES, WIDTHS[0])), 3)
labels = draw.integers(WIDTHS[-1], size=IMAGES)


def gradients(ws, temperature=1.0):
    """Of the mean cross entropy of the logits over the temperature."""
    inputs = [images]
    for w in ws[:-1]:
        inputs.append(np.maximum(inputs[-1] @ w.T, 0))
    logits = inputs[-1] @ ws[-1].T / temperature
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    p[np.arange(IMAGES), labels] -= 1
    back = p / IMAGES / temperature
    found = []
    for w, x in zip(reversed(ws), reversed(inputs)):
        found.insert(0, back.T @ x)
        back = back @ w * (x > 0)
    return found


def snip():
    return [np.abs(w * g) for w, g in zip(weights, gradients(weights))]


def grasp():
    """w * Hg; what is largest stays."""
    g = gradients(weights, TEMPERATURE)
    step = 1e-5
    ahead = gradients([w + step * d for w, d in zip(weights, g)], TEMPERATURE)
    behind = gradients([w - step * d for w, d in zip(weights, g)], TEMPERATURE)
    return [w * (a - b) / (2 * step) for w, a, b in zip(weights, ahead, behind)]


def synflow_scores(ws):
    """|w| times the flow that reaches it from ones times the flow from it to the outputs."""
    before = [np.ones(WIDTHS[0])]
    for w in ws[:-1]:
        before.append(w @ before[-1])
    after = [np.ones(WIDTHS[-1])]
    for w in reversed(ws[1:]):
        after.insert(0, after[0] @ w)
    return [w * np.outer(a, b) for w, a, b in zip(ws, after, before)]


def flat(tensors):
    return np.concatenate([t.ravel() for t in tensors])


def synflow_mask():
    kept = np.ones(flat(weights).size, bool)
    for n in range(1, SYNFLOW_ROUNDS + 1):
        ws, at = [], 0
        for w in weights:
            ws.append(np.abs(w) * kept[at:at + w.size].reshape(w.shape))
            at += w.size
        scores = np.where(kept, flat(synflow_scores(ws)), -1)
        count = round(SYNFLOW_DENSITY ** (n / SYNFLOW_ROUNDS) * kept.size)
        kept = np.zeros_like(kept)
        kept[np.argsort(-scores, kind="stable")[:count]] = True
    return kept


print(json.dumps({
    "widths": WIDTHS,
    "weights": [w.tolist() for w in weights],
    "images": images.tolist(),
    "labels": labels.tolist(),
    "snip": flat(snip()).tolist(),
    "grasp": {"temperature": TEMPERATURE, "scores": flat(grasp()).tolist()},
    "synflow": {"rounds": SYNFLOW_ROUNDS, "density": SYNFLOW_DENSITY, "mask": synflow_mask().astype(int).tolist()},
}))
