import numpy as np
from qdash_analysis import fit_pulse_train

rng = np.random.default_rng(1)
pulses = np.arange(31)  # half pi pulses in a row
turned = np.pi / 2 + 0.012  # rad: each turns too far
signal = 0.5 - 0.47 * np.cos(pulses * turned) * np.exp(-pulses / 400) + rng.normal(0, 0.02, pulses.size)

result = fit_pulse_train(pulses, signal, angle=np.pi / 2, sigma=0.02)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

drawn = figure(
    "trains of half pi pulses",
    "pulses",
    "share of 1",
    points(pulses, signal, 0.02),
    line(pulses, result.predict(pulses)),
)
