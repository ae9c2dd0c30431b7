import numpy as np
from qdash_analysis import fit_resonator

rng = np.random.default_rng(1)
frequency = 6.5 + np.linspace(-0.006, 0.006, 81)  # GHz
cable = 0.8 * np.exp(2j * np.pi * frequency * 40 + 1j)
dip = 0.7 * np.exp(0.2j) / (1 + 2j * 6500 * (frequency / 6.5 - 1))
s21 = cable * (1 - dip) + rng.normal(0, 0.01, 81) + 1j * rng.normal(0, 0.01, 81)

result = fit_resonator(frequency, s21, sigma=0.01)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(frequency[0], frequency[-1], 200)
drawn = figure(
    "a resonator",
    "frequency (GHz)",
    "|S21|",
    points(frequency, abs(s21), 0.01),
    line(fine, abs(result.predict(fine))),
)
