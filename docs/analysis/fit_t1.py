import numpy as np
from qdash_analysis import fit_t1

rng = np.random.default_rng(1)
delay = np.linspace(0, 200, 51)  # us
signal = 0.05 + 0.9 * np.exp(-delay / 48) + rng.normal(0, 0.03, delay.size)

result = fit_t1(delay, signal, sigma=0.03)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(0, 200, 100)
drawn = figure(
    "energy relaxation",
    "delay (us)",
    "share of 1",
    points(delay, signal, 0.03),
    line(fine, result.predict(fine)),
)
