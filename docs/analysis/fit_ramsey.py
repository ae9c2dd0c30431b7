import numpy as np
from qdash_analysis import fit_ramsey

rng = np.random.default_rng(1)
delay = np.linspace(0, 30, 61)  # us
signal = 0.5 + 0.45 * np.exp(-delay / 18) * np.cos(2 * np.pi * 0.25 * delay)
signal = signal + rng.normal(0, 0.03, delay.size)

result = fit_ramsey(delay, signal, sigma=0.03)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(0, 30, 300)
drawn = figure(
    "Ramsey fringes",
    "delay (us)",
    "share of 1",
    points(delay, signal, 0.03),
    line(fine, result.predict(fine)),
)
