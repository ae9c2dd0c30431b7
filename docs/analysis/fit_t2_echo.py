import numpy as np
from qdash_analysis import fit_t2_echo

rng = np.random.default_rng(1)
delay = np.linspace(0, 250, 51)  # us, both halves of the echo
signal = 0.5 - 0.45 * np.exp(-((delay / 80) ** 2)) + rng.normal(0, 0.02, delay.size)

result = fit_t2_echo(delay, signal, sigma=0.02)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(0, 250, 100)
drawn = figure(
    "a Hahn echo", "delay (us)", "share of 1", points(delay, signal, 0.02), line(fine, result.predict(fine))
)
