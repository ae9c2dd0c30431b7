import numpy as np
from scipy.special import erf
from qdash_analysis import fit_readout_amplitude

rng = np.random.default_rng(1)
amplitude = np.linspace(0.02, 0.2, 12)  # a.u.
fidelity = 0.5 + (0.96 - 6 * amplitude**2) * erf(15 * amplitude) / 2
shots = 4000  # answers of each point, both states together
share = rng.binomial(shots, fidelity) / shots

result = fit_readout_amplitude(amplitude, share, shots=shots)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(amplitude[0], amplitude[-1], 200)
drawn = figure(
    "right answers",
    "readout amplitude (a.u.)",
    "share of right answers",
    points(amplitude, share, np.sqrt(share * (1 - share) / shots)),
    line(fine, result.predict(fine)),
)
