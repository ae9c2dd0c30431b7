import numpy as np
from qdash_analysis import fit_readout_frequency

rng = np.random.default_rng(1)
frequency = 6.5 + np.linspace(-0.005, 0.005, 61)  # GHz
traces = []
for one in (0.02, 0.95):  # share of |1> after 0 and after 1 was prepared
    zero_line, one_line = (0.7 / (1 + 2j * (frequency - place) / 0.001) for place in (6.5, 6.499))
    mean = np.exp(1j * frequency) * (1 - (1 - one) * zero_line - one * one_line)
    traces.append(mean + rng.normal(0, 0.008, 61) + 1j * rng.normal(0, 0.008, 61))

result = fit_readout_frequency(frequency, *traces, sigma0=0.008, sigma1=0.008)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(frequency[0], frequency[-1], 200)
fitted = abs(result.predict(fine))
drawn = figure(
    "the resonator with 0 and with 1 prepared",
    "frequency (GHz)",
    "|S21|",
    points(frequency, abs(traces[0])),
    points(frequency, abs(traces[1])),
    line(fine, fitted[0]),
    line(fine, fitted[1]),
)
