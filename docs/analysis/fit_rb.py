import numpy as np
from qdash_analysis import fit_rb
from qdash_analysis.cliffords import ends_in_one

rng = np.random.default_rng(1)
lengths = np.repeat([1, 50, 100, 200, 400, 800, 1600], 10)  # Cliffords, ten sequences of each
ends = ends_in_one(lengths.size)
lost = (1 - 0.9985**lengths) / 2
measured = np.where(ends, 1 - lost, lost) + rng.normal(0, 0.01, lengths.size)  # share of 1
survival = np.where(ends, 1, -1) * (measured - 0.5)  # 0 is where all is lost

result = fit_rb(lengths, survival, sigma=0.01, asymptote=0.0)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(0, 1600, 200)
drawn = figure(
    "randomized benchmarking",
    "Cliffords",
    "survival",
    points(lengths, survival, 0.01),
    line(fine, result.predict(fine)),
)
