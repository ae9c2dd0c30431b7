import numpy as np
from qdash_analysis.cliffords import PairSequences, ends_in, one_qubit, two_qubits

lengths = np.repeat([1, 5, 10, 20, 40], 4)
drawn_sequences = PairSequences.random(lengths, rng=np.random.default_rng(1))
first = next(drawn_sequences.programs())
print(first, "ends in", ends_in(lengths.size)[0].astype(int))
for name, clifford in zip(("control", "target"), first[0]):
    played = one_qubit.BEFORE[clifford], one_qubit.PULSES[clifford], one_qubit.AFTER[clifford]
    print(name, "plays Z90 x{} X90 x{} Z90 x{}".format(*played))
print(two_qubits.transfer_matrices(two_qubits.inverse(700)).shape)

# --- picture
from docs.svg_figures import figure, line, points

gates = [program.count(None) for program in drawn_sequences.programs()]
drawn = figure(
    "a two-qubit Clifford has one and a half ZX90 on average",
    "Cliffords",
    "ZX90",
    points(lengths, gates),
    line([0, 40], [1.5, 61.5]),
)
