import numpy as np
from qdash_analysis import fit_electrical_delay

rng = np.random.default_rng(1)
frequency = 6.5 + np.linspace(-0.02, 0.02, 81)  # GHz
dip = 0.7 / (1 + 2j * (frequency - 6.503) / 0.001)
s21 = 0.8 * np.exp(-2j * np.pi * frequency * 43.5) * (1 - dip)
s21 += rng.normal(0, 0.02, 81) + 1j * rng.normal(0, 0.02, 81)

result = fit_electrical_delay(frequency, s21, sigma=0.02)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(frequency[0], frequency[-1], 200)
drawn = figure(
    "a cable with a resonator",
    "frequency (GHz)",
    "phase (rad)",
    points(frequency, np.unwrap(np.angle(s21)), 0.02 / abs(s21)),
    line(fine, np.unwrap(np.angle(result.predict(fine)))),
)
