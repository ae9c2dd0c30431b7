import numpy as np
from qdash_analysis import fit_readout_snr

rng = np.random.default_rng(1)
amplitude = np.linspace(0.01, 0.1, 12)  # a.u.
noise, shots = 0.05, 1024  # of one shot in each quadrature; shots of each mean
sigma = noise / np.sqrt(shots)
mean = 1.4 * amplitude * np.exp(0.6j) + rng.normal(0, sigma, 12) + 1j * rng.normal(0, sigma, 12)

result = fit_readout_snr(amplitude, mean, sigma=sigma, shots=shots, ratio=1.0)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(amplitude[0], amplitude[-1], 200)
drawn = figure(
    "signal to noise of a shot",
    "readout amplitude (a.u.)",
    "signal / noise",
    points(amplitude, abs(mean) / noise / np.sqrt(2), 1 / np.sqrt(2 * shots)),
    line(fine, result.predict(fine)),
)
