import numpy as np
from qdash_analysis import fit_chevron

rng = np.random.default_rng(1)
duration = np.linspace(10, 200, 24)  # ns
frequency = np.linspace(4.98, 5.02, 15)  # GHz
rabi, detuning = 0.0125, frequency[:, None] - 5.003  # GHz
faster = np.hypot(rabi, detuning)
signal = (rabi / faster) ** 2 * np.sin(np.pi * faster * duration) ** 2
signal = signal + rng.normal(0, 0.05, signal.shape)

result = fit_chevron((duration, frequency), signal, sigma=0.05)
print(result)

# --- picture
from docs.svg_figures import figure, heatmap, line

resonance = result.parameters["frequency"].value
drawn = figure(
    "a chevron, and its resonance",
    "pulse duration (ns)",
    "frequency (GHz)",
    heatmap(duration, frequency, signal),
    line([duration[0], duration[-1]], [resonance, resonance]),
)
