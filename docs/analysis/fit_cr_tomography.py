import numpy as np
from scipy.spatial.transform import Rotation
from qdash_analysis import fit_cr_tomography

rng = np.random.default_rng(1)
duration = np.linspace(40, 1000, 41)  # ns
zx, ix, iy = 1.1, 0.3, 0.1  # MHz
paths = []
for sign in (1, -1):  # the control in |0>, then in |1>
    rate = np.array([sign * zx + ix, iy, 0.0])
    turned = Rotation.from_rotvec(2e-3 * np.pi * duration[:, None] * rate).apply([0, 0, 1])
    paths += list(turned.T)  # X, Y, Z
signal = np.array(paths) + rng.normal(0, 0.03, (6, duration.size))

result = fit_cr_tomography(duration, signal, sigma=0.03, control_t1_us=80.0)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(40, 1000, 200)
fitted = result.predict(fine)
drawn = figure(
    "Y of the target, with the control in 0 and in 1",
    "duration of the tone (ns)",
    "Y",
    points(duration, signal[1], 0.03),
    points(duration, signal[4], 0.03),
    line(fine, fitted[1]),
    line(fine, fitted[4]),
)
