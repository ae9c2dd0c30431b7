"""Fits for superconducting-qubit calibration: data in, estimates with honest uncertainties out.

Usable without QDash; needs numpy and scipy only.
"""

from qdash_analysis.decay import fit_t1, fit_t2_echo
from qdash_analysis.rabi import fit_rabi
from qdash_analysis.ramsey import fit_ramsey
from qdash_analysis.readout import fit_readout
from qdash_analysis.resonator import fit_resonator
from qdash_analysis.result import Estimate, FitResult
from qdash_analysis.spectroscopy import fit_qubit_spectroscopy

__all__ = [
    "Estimate",
    "FitResult",
    "fit_qubit_spectroscopy",
    "fit_rabi",
    "fit_ramsey",
    "fit_readout",
    "fit_resonator",
    "fit_t1",
    "fit_t2_echo",
]
