from itertools import product

import numpy as np
from qdash_analysis import fit_state_tomography

rng = np.random.default_rng(1)
one_readout = np.array([[0.98, 0.02], [0.04, 0.96]])
readout = np.kron(one_readout, one_readout)
calibration = [rng.multinomial(4000, row) for row in readout]
correlations = {"XX": 0.95, "YY": -0.94, "ZZ": 0.97}
counts = {}
for basis in map("".join, product("XYZ", repeat=2)):
    correlation = correlations.get(basis, 0.0)
    true = np.array([1 + correlation, 1 - correlation, 1 - correlation, 1 + correlation]) / 4
    counts[basis] = rng.multinomial(4000, true @ readout)

result = fit_state_tomography(counts, calibration)
print(result)
print(np.abs(result.density_matrix).round(2))

# --- picture
from docs.svg_figures import figure, heatmap

drawn = figure(
    "the real part of the density matrix",
    "00, 01, 10, 11",
    "00, 01, 10, 11",
    heatmap(range(4), range(4), result.density_matrix.real),
)
