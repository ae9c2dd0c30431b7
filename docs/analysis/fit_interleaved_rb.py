import numpy as np
from qdash_analysis import fit_interleaved_rb

rng = np.random.default_rng(1)
lengths = np.repeat([1, 50, 100, 200, 400, 800], 10)
reference, interleaved = (
    0.5 * alpha**lengths + rng.normal(0, 0.01, lengths.size) for alpha in (0.9985, 0.9985 * 0.9992)
)

result = fit_interleaved_rb(
    lengths,
    reference,
    x_interleaved=lengths,
    y_interleaved=interleaved,
    sigma=0.01,
    sigma_interleaved=0.01,
    asymptote=0.0,
)
print(result)

# --- picture
from docs.svg_figures import figure, line, points

fine = np.linspace(0, 800, 200)
drawn = figure(
    "without and with the gate after each Clifford",
    "Cliffords",
    "survival",
    points(lengths, reference, 0.01),
    points(lengths, interleaved, 0.01),
    line(fine, result.predict(fine)),
)
