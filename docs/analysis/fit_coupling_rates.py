import numpy as np
from qdash_analysis import fit_coupling_rates

rng = np.random.default_rng(1)
frequency = 6.5 + np.linspace(-0.006, 0.006, 81)  # GHz
external, internal = 1.2e-3, 0.3e-3  # GHz
linewidth = external + internal
reflected = 1 - 2 * external / linewidth / (1 + 2j * (frequency - 6.5) / linewidth)
reflected *= 0.8 * np.exp(-2j * np.pi * frequency * 40)
reflected += rng.normal(0, 0.01, 81) + 1j * rng.normal(0, 0.01, 81)

result = fit_coupling_rates(frequency, reflected, sigma=0.01)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(frequency[0], frequency[-1], 200)
drawn = figure(
    "a resonator in reflection",
    "frequency (GHz)",
    "|S11|",
    points(frequency, abs(reflected), 0.01),
    line(fine, abs(result.predict(fine))),
)
