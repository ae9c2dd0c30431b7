import numpy as np
from qdash_analysis import fit_zz

rng = np.random.default_rng(1)
delay = np.linspace(0.1, 20, 61)  # us
artificial, detuning, zeta = 0.4, 0.01, -0.08  # MHz
signal = np.array(
    [
        np.exp(-delay / 30) * np.cos(2 * np.pi * (artificial + detuning + control * zeta) * delay)
        for control in (0, 1)
    ]
)
signal = signal + rng.normal(0, 0.05, signal.shape)

result = fit_zz(delay, signal, artificial_mhz=artificial, sigma=0.05, control_t1_us=300.0)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(0.1, 20, 200)
fitted = result.predict(fine)
drawn = figure(
    "fringes with the control in 0 and in 1",
    "delay (us)",
    "signal (a.u.)",
    points(delay, signal[0], 0.05),
    points(delay, signal[1], 0.05),
    line(fine, fitted[0]),
    line(fine, fitted[1]),
)
