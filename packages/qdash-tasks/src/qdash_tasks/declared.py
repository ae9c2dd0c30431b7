"""Inputs, outputs and run parameters that several standard tasks declare alike."""

from types import MappingProxyType

from qdash_core.tasks.parameters import InputParameter, OutputParameter
from qdash_core.tasks.run_parameters import RunParameter


def known(unit: str, description: str) -> InputParameter:
    """Return an input that shortens or sharpens a task where it is known, and is not needed."""
    return InputParameter(unit=unit, required=False, description=description)


def fidelity(description: str) -> OutputParameter:
    """Return an output that is a fidelity: an estimate beyond 1 is reported as it is, and validators allow its error."""
    return OutputParameter(description=description, minimum=0.0, maximum=1.0)


READOUT = {
    "resonator_frequency": InputParameter(unit="GHz", description="where the resonator is read out"),
    "readout_frequency": known("GHz", "optimised readout frequency; the resonator's when absent"),
    "readout_amplitude": known("a.u.", "optimised readout amplitude; the design's when absent"),
}
DRIVE = {**READOUT, "qubit_frequency": InputParameter(unit="GHz", description="drive frequency")}
RABI = {
    **DRIVE,
    "control_amplitude": InputParameter(unit="a.u.", description="drive amplitude of the Rabi calibration"),
    "rabi_frequency": InputParameter(unit="MHz", description="Rabi frequency at that amplitude"),
}
PULSES = {
    **RABI,
    "hpi_length": known("ns", "length of the half pi pulse"),
    "hpi_amplitude": known(
        "a.u.", "amplitude of the half pi pulse; implied by the Rabi frequency when absent"
    ),
    "pi_length": known("ns", "length of the pi pulse"),
    "pi_amplitude": known("a.u.", "amplitude of the pi pulse; implied by the Rabi frequency when absent"),
    "drag_hpi_amplitude": known(
        "a.u.", "amplitude of the DRAG half pi pulse, which is played once it is known"
    ),
    "drag_hpi_beta": known("ns", "its DRAG coefficient"),
    "drag_pi_amplitude": known("a.u.", "amplitude of the DRAG pi pulse, which is played once it is known"),
    "drag_pi_beta": known("ns", "its DRAG coefficient"),
}


def pulses_with(*names: str) -> MappingProxyType[str, InputParameter]:
    """Return `PULSES`, of which the named inputs are required."""
    required = {
        name: InputParameter(unit=PULSES[name].unit, description=PULSES[name].description) for name in names
    }
    return MappingProxyType({**PULSES, **required})


SHOTS = RunParameter(
    value=1024, value_type="int", minimum=16, maximum=1_000_000, description="repetitions of each point"
)
INTERVAL = RunParameter(
    value=153_600.0,
    value_type="float",
    unit="ns",
    minimum=1_000.0,
    maximum=1e9,
    description="wait after each shot when reset is passive",
)
RESET = RunParameter(
    value="auto",
    value_type="str",
    choices=("auto", "active", "passive"),
    description="active: measure and flip back; passive: wait `interval`; auto: active where the laboratory has it",
)
MEASUREMENT = {"shots": SHOTS, "interval": INTERVAL, "reset": RESET}
REPEATS = RunParameter(
    value=10, value_type="int", minimum=2, maximum=1000, description="traces, measured one after the other"
)


def _sweep(unit: str, *, minimum: float, maximum: float) -> RunParameter:
    return RunParameter(
        value=None,
        value_type="list",
        unit=unit,
        minimum=minimum,
        maximum=maximum,
        description="sweep; chosen by the task when absent",
    )


def random_sequences(usual: int, *, fewest: int, longest: float) -> dict[str, RunParameter]:
    """Declare how many random sequences of each length are measured, and the lengths."""
    return {
        "sequences": RunParameter(
            value=usual,
            value_type="int",
            minimum=fewest,
            maximum=1000,
            description="random sequences of each length, none a part of another",
        ),
        "lengths": RunParameter(
            value=None,
            value_type="list",
            minimum=0.0,
            maximum=longest,
            description="numbers of Cliffords; chosen by the task when absent",
        ),
    }


TIME_RANGE = _sweep("ns", minimum=0.0, maximum=1e8)
FREQUENCY_RANGE = _sweep("GHz", minimum=0.1, maximum=20.0)
AMPLITUDE_RANGE = _sweep("a.u.", minimum=0.0, maximum=1.0)

QUBIT_FREQUENCY = OutputParameter(
    unit="GHz",
    description="f01 with neighbours in the ground state, undriven",
    minimum=0.5,
    maximum=20.0,
    jump=0.01,
)
CONTROL_AMPLITUDE = OutputParameter(
    unit="a.u.", description="drive amplitude in use", minimum=0.0, maximum=1.0
)
RABI_FREQUENCY = OutputParameter(
    unit="MHz", description="Rabi frequency at the control amplitude", minimum=0.0, maximum=500.0
)
MAXIMUM_RABI_FREQUENCY = OutputParameter(
    unit="MHz/a.u.", description="Rabi frequency per unit of drive amplitude", minimum=0.0, jump=0.5
)
