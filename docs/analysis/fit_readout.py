import numpy as np
from qdash_analysis import fit_readout

rng = np.random.default_rng(1)


def cloud(centre, shots):
    return centre + rng.normal(0, 0.25, shots) + 1j * rng.normal(0, 0.25, shots)


zero = cloud(np.where(rng.random(1000) < 0.01, 0.7 + 0.7j, 0), 1000)
one = cloud(np.where(rng.random(1000) < 0.05, 0, 0.7 + 0.7j), 1000)

result = fit_readout(zero, one)
print(result)
rotation, threshold = (result.parameters[name].value for name in ("rotation", "threshold"))
print((one * np.exp(-1j * rotation)).real[:5] > threshold)

# --- picture
from docs.svg_figures import figure, line, points

normal = np.exp(1j * rotation)
ends = threshold * normal + np.array([-1, 1]) * 0.9j * normal
drawn = figure(
    "shots with 0 and with 1 prepared, and the threshold",
    "I (a.u.)",
    "Q (a.u.)",
    points(zero.real[:120], zero.imag[:120]),
    points(one.real[:120], one.imag[:120]),
    line(ends.real, ends.imag),
)
