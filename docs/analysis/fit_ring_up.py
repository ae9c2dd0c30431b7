import numpy as np
from qdash_analysis import fit_ring_up

rng = np.random.default_rng(1)
start, window = np.arange(0, 1600, 32.0), 32.0  # ns
begin, end = (np.maximum(start + shift - 45, 0.0) for shift in (0, window))  # it arrives at 45 ns
settled, missing, rate = 0.4 + 0.1j, -0.5, 1 / 210 + 0.002j  # 2 / kappa of 210 ns
mean = settled * (end - begin) - missing * (np.exp(-rate * begin) - np.exp(-rate * end)) / rate
signal = mean / window + rng.normal(0, 0.008, 50) + 1j * rng.normal(0, 0.008, 50)

result = fit_ring_up(start, signal, window=window, sigma=0.008)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fitted = result.predict(start)
drawn = figure(
    "the readout pulse behind a resonator",
    "time (ns)",
    "signal",
    points(start, signal.real),
    points(start, signal.imag),
    line(start, fitted.real),
    line(start, fitted.imag),
)
