import numpy as np
from qdash_analysis.cliffords import Sequences, ends_in_one, one_qubit

lengths = np.repeat([3, 10, 20, 40, 80], 4)  # four sequences of each
drawn_sequences = Sequences.random(lengths, interleaved="X90", rng=np.random.default_rng(1))
for program, ends in list(zip(drawn_sequences.programs(), ends_in_one(lengths.size)))[:2]:
    print([(pulse, f"{phase:.2f}") for pulse, phase in program], "ends in", int(ends))
print(one_qubit.inverse(5), one_qubit.after(5, one_qubit.inverse(5)))

# --- picture
from docs.svg_figures import figure, line, points

drawn = figure(
    "a Clifford has one X90 on average; here another one follows it",
    "Cliffords",
    "pulses",
    points(lengths, drawn_sequences.counts),
    line([0, 80], [1, 161]),
)
