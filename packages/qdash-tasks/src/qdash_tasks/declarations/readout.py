"""Standard tasks about the readout."""

from types import MappingProxyType

from qdash_core.tasks.base import BaseTask
from qdash_core.tasks.parameters import OutputParameter
from qdash_core.tasks.run_parameters import RunParameter
from qdash_tasks.declared import AMPLITUDE_RANGE, FREQUENCY_RANGE, MEASUREMENT, PULSES

_SINGLE_SHOTS = RunParameter(
    value=4096,
    value_type="int",
    minimum=64,
    maximum=1_000_000,
    description="shots of each prepared state",
)


class CheckReadoutFrequency(BaseTask):
    """Find the readout frequency at which 0 and 1 differ most."""

    name = "CheckReadoutFrequency"
    description = (
        "Transmission with 0 and with 1 prepared: the best readout frequency and the dispersive shift."
    )
    input_parameters = MappingProxyType(PULSES)
    run_parameters = MappingProxyType({**MEASUREMENT, "frequency_range": FREQUENCY_RANGE})
    output_parameters = MappingProxyType(
        {
            "readout_frequency": OutputParameter(
                unit="GHz",
                description="where the points of 0 and 1 lie farthest apart",
                minimum=1.0,
                maximum=20.0,
                jump=0.01,
            ),
            "dispersive_shift": OutputParameter(
                unit="MHz",
                description="2 chi: resonance with the qubit in |1> minus that in |0>",
                optional=True,
            ),
        }
    )


class CheckOptimalReadoutAmplitude(BaseTask):
    """Find the readout amplitude with the fewest wrong answers."""

    name = "CheckOptimalReadoutAmplitude"
    description = "Assignment fidelity against readout amplitude."
    input_parameters = MappingProxyType(PULSES)
    run_parameters = MappingProxyType(
        {**MEASUREMENT, "shots": _SINGLE_SHOTS, "amplitude_range": AMPLITUDE_RANGE}
    )
    output_parameters = MappingProxyType(
        {
            "readout_amplitude": OutputParameter(
                unit="a.u.",
                description="amplitude with the highest average readout fidelity",
                minimum=0.0,
                maximum=1.0,
            )
        }
    )


class ReadoutClassification(BaseTask):
    """Tell 0 from 1 in single shots."""

    name = "ReadoutClassification"
    description = "Assignment fidelities of commanded states at the best threshold, from single shots."
    input_parameters = MappingProxyType(PULSES)
    run_parameters = MappingProxyType({**MEASUREMENT, "shots": _SINGLE_SHOTS})
    output_parameters = MappingProxyType(
        {
            "average_readout_fidelity": OutputParameter(
                description="1 - (p(1|0) + p(0|1)) / 2", minimum=0.5, maximum=1.0
            ),
            "readout_fidelity_0": OutputParameter(description="1 - p(1|0)", minimum=0.0, maximum=1.0),
            "readout_fidelity_1": OutputParameter(description="1 - p(0|1)", minimum=0.0, maximum=1.0),
        }
    )
