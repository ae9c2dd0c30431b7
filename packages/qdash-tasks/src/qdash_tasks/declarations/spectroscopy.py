"""Standard tasks that look for lines."""

from types import MappingProxyType

from qdash_core.tasks.base import BaseTask
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declared import FREQUENCY_RANGE, QUBIT_FREQUENCY, READOUT, SHOTS, known


class CheckResonatorSpectroscopy(BaseTask):
    """Find the readout resonator with the qubit in its ground state."""

    name = "CheckResonatorSpectroscopy"
    description = "Frequency of the readout resonator, from transmission against frequency."
    input_parameters = MappingProxyType(
        {"resonator_frequency": known("GHz", "where to look first; around the design when absent")}
    )
    run_parameters = MappingProxyType({"shots": SHOTS, "frequency_range": FREQUENCY_RANGE})
    output_parameters = MappingProxyType(
        {
            "resonator_frequency": OutputParameter(
                unit="GHz",
                description="resonance with the qubit in |0>",
                minimum=1.0,
                maximum=20.0,
                jump=0.01,
            )
        }
    )


class CheckQubitSpectroscopy(BaseTask):
    """Find the qubit's transition, prove that it is f01, and measure the anharmonicity."""

    name = "CheckQubitSpectroscopy"
    description = (
        "First estimate of the qubit frequency and the anharmonicity, from long pulses, weak and strong."
    )
    input_parameters = MappingProxyType(
        {
            **READOUT,
            "qubit_frequency": known("GHz", "where to look first; around the design when absent"),
            "anharmonicity": known("GHz", "where to expect f02/2; from the design when absent"),
        }
    )
    run_parameters = MappingProxyType({"shots": SHOTS, "frequency_range": FREQUENCY_RANGE})
    output_parameters = MappingProxyType(
        {
            "qubit_frequency": QUBIT_FREQUENCY,
            "anharmonicity": OutputParameter(
                unit="GHz",
                description="f12 - f01, from the two-photon line f02/2",
                minimum=-1.0,
                maximum=0.0,
                optional=True,
            ),
        }
    )
