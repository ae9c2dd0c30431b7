import numpy as np
from qdash_analysis import project

rng = np.random.default_rng(1)
delays = np.linspace(0, 200, 41)  # us
share = np.exp(-delays / 50)  # of |1>
ground, excited, blob = 0.3 - 0.2j, 0.9 + 0.6j, 0.3
is_one = rng.random((delays.size, 200)) < share[:, None]  # 200 shots of each point
shots = np.where(is_one, excited, ground)
shots = shots + rng.normal(0, blob, shots.shape) + 1j * rng.normal(0, blob, shots.shape)

between = project(shots, zero=ground, one=excited)
alone = project(shots)
for found in (between, alone):
    print(f"{found.message}: y {found.y[0]:.2f} to {found.y[-1]:.2f}, sigma {found.sigma[0]:.3f}")

# --- picture
from docs.svg_figures import figure, line, points

drawn = figure(
    "the averages in the IQ plane, and the axis",
    "I (a.u.)",
    "Q (a.u.)",
    points(shots.mean(axis=1).real, shots.mean(axis=1).imag),
    line([ground.real, excited.real], [ground.imag, excited.imag]),
)
