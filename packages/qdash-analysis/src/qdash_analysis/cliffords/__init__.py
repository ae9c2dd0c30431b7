"""Clifford gates of one and two qubits as played pulses, and random sequences of them."""

from qdash_analysis.cliffords import one_qubit, two_qubits
from qdash_analysis.cliffords.one_qubit import Sequences, ends_in_one
from qdash_analysis.cliffords.pair_sequences import PairSequences, ends_in

__all__ = ["PairSequences", "Sequences", "ends_in", "ends_in_one", "one_qubit", "two_qubits"]
