import numpy as np
from qdash_analysis import fit_drag

rng = np.random.default_rng(1)
beta = np.linspace(-1.5, 1.5, 25)  # ns
pairs = [5, 11]  # of a pulse and its opposite
signal = [0.5 - 0.45 * np.cos(n * 0.28 * (beta - 0.42)) + rng.normal(0, 0.02, beta.size) for n in pairs]

result = fit_drag(beta, signal, repetitions=pairs, sigma=0.02)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(-1.5, 1.5, 100)
fitted = result.predict(fine)
drawn = figure(
    "5 and 11 pairs of opposite pulses",
    "DRAG coefficient (ns)",
    "share of 1",
    points(beta, signal[0], 0.02),
    points(beta, signal[1], 0.02),
    line(fine, fitted[0]),
    line(fine, fitted[1]),
)
