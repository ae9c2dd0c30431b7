import numpy as np
from qdash_analysis import fit_qubit_spectroscopy

rng = np.random.default_rng(1)
frequency = np.linspace(4.98, 5.03, 101)  # GHz
signal = 0.2 + 1 / (1 + ((frequency - 5.005) / 0.001) ** 2)
signal = signal + 0.4 / (1 + ((frequency - 4.99) / 0.001) ** 2) + rng.normal(0, 0.05, 101)

result = fit_qubit_spectroscopy(frequency, signal, sigma=0.05)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(frequency[0], frequency[-1], 300)
drawn = figure(
    "a line with a weaker one beside it",
    "frequency (GHz)",
    "signal (a.u.)",
    points(frequency, signal, 0.05),
    line(fine, result.predict(fine)),
)
