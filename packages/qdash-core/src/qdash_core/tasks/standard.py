"""The standard tasks, declared once: names, inputs, outputs, units, run parameters.

Backends implement a declaration by subclassing it, so that the same task means the same everywhere. Qubit pulses are
those of the Rabi calibration until pulses of their own have been calibrated.
"""

from types import MappingProxyType

from qdash_core.tasks.base import BaseTask
from qdash_core.tasks.parameters import InputParameter, OutputParameter
from qdash_core.tasks.run_parameters import RunParameter

_READOUT = {
    "resonator_frequency": InputParameter(unit="GHz", description="where the resonator is read out"),
    "readout_frequency": InputParameter(
        unit="GHz", required=False, description="optimised readout frequency; the resonator's when absent"
    ),
}
_DRIVE = {**_READOUT, "qubit_frequency": InputParameter(unit="GHz", description="drive frequency")}
_PULSES = {
    **_DRIVE,
    "control_amplitude": InputParameter(unit="a.u.", description="drive amplitude of the Rabi calibration"),
    "rabi_frequency": InputParameter(unit="MHz", description="Rabi frequency at that amplitude"),
}

_SHOTS = RunParameter(
    value=1024, value_type="int", minimum=16, maximum=1_000_000, description="repetitions of each point"
)
_INTERVAL = RunParameter(
    value=153_600.0,
    value_type="float",
    unit="ns",
    minimum=1_000.0,
    maximum=1e9,
    description="wait after each shot when reset is passive",
)
_RESET = RunParameter(
    value="active",
    value_type="str",
    choices=("active", "passive"),
    description="active: measure and flip back; passive: wait `interval`",
)
_TIME_RANGE = RunParameter(
    value=None,
    value_type="list",
    unit="ns",
    minimum=0.0,
    maximum=1e8,
    description="sweep; chosen by the task when absent",
)
_FREQUENCY_RANGE = RunParameter(
    value=None,
    value_type="list",
    unit="GHz",
    minimum=0.1,
    maximum=20.0,
    description="sweep; chosen by the task when absent",
)
_MEASUREMENT = {"shots": _SHOTS, "interval": _INTERVAL, "reset": _RESET}

_QUBIT_FREQUENCY = OutputParameter(
    unit="GHz",
    description="f01 with neighbours in the ground state, undriven",
    minimum=0.5,
    maximum=20.0,
    jump=0.01,
)


class CheckResonatorSpectroscopy(BaseTask):
    """Find the readout resonator with the qubit in its ground state."""

    name = "CheckResonatorSpectroscopy"
    description = "Frequency of the readout resonator, from transmission against frequency."
    run_parameters = MappingProxyType({"shots": _SHOTS, "frequency_range": _FREQUENCY_RANGE})
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
    """Find the qubit's transition, and tell it from a neighbour's line and from f02/2."""

    name = "CheckQubitSpectroscopy"
    description = "First estimate of the qubit frequency, from the response to a long weak drive."
    input_parameters = MappingProxyType(_READOUT)
    run_parameters = MappingProxyType({"shots": _SHOTS, "frequency_range": _FREQUENCY_RANGE})
    output_parameters = MappingProxyType({"qubit_frequency": _QUBIT_FREQUENCY})


class CheckRabi(BaseTask):
    """Choose the drive amplitude and measure the Rabi frequency there."""

    name = "CheckRabi"
    description = (
        "Rabi oscillation against pulse length; sets the drive amplitude for a usual Rabi frequency."
    )
    input_parameters = MappingProxyType(_DRIVE)
    run_parameters = MappingProxyType({**_MEASUREMENT, "time_range": _TIME_RANGE})
    output_parameters = MappingProxyType(
        {
            "control_amplitude": OutputParameter(
                unit="a.u.", description="drive amplitude in use", minimum=0.0, maximum=1.0
            ),
            "rabi_frequency": OutputParameter(
                unit="MHz", description="Rabi frequency at control_amplitude", minimum=0.0, maximum=500.0
            ),
            "maximum_rabi_frequency": OutputParameter(
                unit="MHz/a.u.",
                description="Rabi frequency per unit of drive amplitude",
                minimum=0.0,
                jump=0.5,
            ),
        }
    )


class ReadoutClassification(BaseTask):
    """Tell 0 from 1 in single shots."""

    name = "ReadoutClassification"
    description = "Assignment fidelities of commanded states at the best threshold, from single shots."
    input_parameters = MappingProxyType(_PULSES)
    run_parameters = MappingProxyType(
        {
            **_MEASUREMENT,
            "shots": RunParameter(
                value=4096,
                value_type="int",
                minimum=64,
                maximum=1_000_000,
                description="shots of each prepared state",
            ),
        }
    )
    output_parameters = MappingProxyType(
        {
            "average_readout_fidelity": OutputParameter(
                description="1 - (p(1|0) + p(0|1)) / 2", minimum=0.5, maximum=1.0
            ),
            "readout_fidelity_0": OutputParameter(description="1 - p(1|0)", minimum=0.0, maximum=1.0),
            "readout_fidelity_1": OutputParameter(description="1 - p(0|1)", minimum=0.0, maximum=1.0),
        }
    )


class CheckRamsey(BaseTask):
    """Measure the qubit frequency against the drive, and the dephasing time."""

    name = "CheckRamsey"
    description = "Qubit frequency with its sign from two artificial detunings, and T2*."
    input_parameters = MappingProxyType(_PULSES)
    run_parameters = MappingProxyType({**_MEASUREMENT, "time_range": _TIME_RANGE})
    output_parameters = MappingProxyType(
        {
            "qubit_frequency": _QUBIT_FREQUENCY,
            "t2_star": OutputParameter(
                unit="us", description="1/e time of the Ramsey envelope", minimum=0.0, optional=True
            ),
        }
    )


class CheckT1(BaseTask):
    """Measure the energy relaxation time."""

    name = "CheckT1"
    description = "Energy relaxation time, from the population after a pi pulse and a delay."
    input_parameters = MappingProxyType(_PULSES)
    run_parameters = MappingProxyType({**_MEASUREMENT, "time_range": _TIME_RANGE})
    output_parameters = MappingProxyType(
        {"t1": OutputParameter(unit="us", description="energy relaxation time", minimum=0.0, maximum=1e5)}
    )


class CheckT2Echo(BaseTask):
    """Measure the coherence time of a Hahn echo."""

    name = "CheckT2Echo"
    description = "Coherence time of a Hahn echo against its total delay."
    input_parameters = MappingProxyType(_PULSES)
    run_parameters = MappingProxyType({**_MEASUREMENT, "time_range": _TIME_RANGE})
    output_parameters = MappingProxyType(
        {
            "t2_echo": OutputParameter(
                unit="us",
                description="1/e time of the echo against the total delay",
                minimum=0.0,
                maximum=1e5,
            )
        }
    )
