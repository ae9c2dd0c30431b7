import numpy as np
from qdash_analysis import fit_anharmonicity

rng = np.random.default_rng(1)
frequency = np.linspace(4.82, 4.88, 81)  # GHz, about f02/2
signal = 1 / (1 + ((frequency - 4.85) / 0.0012) ** 2) + rng.normal(0, 0.06, 81)

result = fit_anharmonicity(frequency, signal, frequency=5.0121, frequency_error=2e-5, sigma=0.06)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(frequency[0], frequency[-1], 300)
drawn = figure(
    "the two-photon line",
    "frequency (GHz)",
    "signal (a.u.)",
    points(frequency, signal, 0.06),
    line(fine, result.predict(fine)),
)
