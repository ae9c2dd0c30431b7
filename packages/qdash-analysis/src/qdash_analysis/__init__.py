"""Fits for superconducting-qubit calibration: estimates with reliable uncertainties.

`project` turns IQ points into a real signal, `cliffords` draws random sequences for benchmarking, and `trends` analyses series of
recorded values.

Usable without QDash; needs numpy and scipy only.
"""

from qdash_analysis import cliffords
from qdash_analysis.anharmonicity import fit_anharmonicity
from qdash_analysis.bell import fit_bell
from qdash_analysis.benchmarking import fit_interleaved_rb, fit_rb
from qdash_analysis.chevron import fit_chevron
from qdash_analysis.coherence_limit import coherence_limit
from qdash_analysis.coupling_rates import fit_coupling_rates
from qdash_analysis.cr_tomography import fit_cr_tomography
from qdash_analysis.decay import fit_t1, fit_t2_echo
from qdash_analysis.dispersive import fit_readout_frequency
from qdash_analysis.drag import fit_drag
from qdash_analysis.electrical_delay import fit_electrical_delay
from qdash_analysis.physical import StateResult
from qdash_analysis.projection import Projection, project
from qdash_analysis.pulse_train import fit_pulse_train
from qdash_analysis.rabi import fit_rabi
from qdash_analysis.ramsey import fit_ramsey
from qdash_analysis.readout import fit_readout
from qdash_analysis.readout_amplitude import fit_readout_amplitude
from qdash_analysis.readout_snr import fit_readout_snr
from qdash_analysis.resonator import fit_resonator
from qdash_analysis.result import Estimate, FitResult
from qdash_analysis.ring_up import fit_ring_up
from qdash_analysis.spectroscopy import fit_qubit_spectroscopy
from qdash_analysis.state_tomography import fit_state_tomography
from qdash_analysis.zz import fit_zz

__all__ = [
    "Estimate",
    "FitResult",
    "Projection",
    "StateResult",
    "cliffords",
    "coherence_limit",
    "fit_anharmonicity",
    "fit_bell",
    "fit_chevron",
    "fit_coupling_rates",
    "fit_cr_tomography",
    "fit_drag",
    "fit_electrical_delay",
    "fit_interleaved_rb",
    "fit_pulse_train",
    "fit_qubit_spectroscopy",
    "fit_rabi",
    "fit_ramsey",
    "fit_rb",
    "fit_readout",
    "fit_readout_amplitude",
    "fit_readout_frequency",
    "fit_readout_snr",
    "fit_resonator",
    "fit_ring_up",
    "fit_state_tomography",
    "fit_t1",
    "fit_t2_echo",
    "fit_zz",
    "project",
]
