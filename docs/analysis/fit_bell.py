import numpy as np
from qdash_analysis import fit_bell

rng = np.random.default_rng(1)
one_readout = np.array([[0.98, 0.02], [0.04, 0.96]])  # rows: the state; columns: what is read
readout = np.kron(one_readout, one_readout)
calibration = [rng.multinomial(4000, row) for row in readout]
counts = {}
for basis, correlation in (("XX", 0.95), ("YY", -0.94), ("ZZ", 0.97)):
    true = np.array([1 + correlation, 1 - correlation, 1 - correlation, 1 + correlation]) / 4
    counts[basis] = rng.multinomial(4000, true @ readout)

result = fit_bell(counts, calibration)
print(result)

# --- picture
from docs.svg_figures import figure, points

places = [0, 1, 2]
found = [result.parameters[f"correlation_{basis}"] for basis in ("xx", "yy", "zz")]
drawn = figure(
    "the correlations XX, YY, ZZ",
    "basis",
    "correlation",
    points(places, [one.value for one in found], [one.error for one in found]),
)
