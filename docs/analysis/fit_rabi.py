import numpy as np
from qdash_analysis import fit_rabi

rng = np.random.default_rng(1)
duration = np.arange(0, 200, 4.0)  # ns
signal = 0.5 - 0.45 * np.cos(2 * np.pi * 0.0125 * duration) * np.exp(-duration / 900)
signal = signal + rng.normal(0, 0.03, duration.size)

result = fit_rabi(duration, signal, sigma=0.03)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(0, 200, 200)
drawn = figure(
    "a Rabi oscillation",
    "pulse duration (ns)",
    "share of 1",
    points(duration, signal, 0.03),
    line(fine, result.predict(fine)),
)
