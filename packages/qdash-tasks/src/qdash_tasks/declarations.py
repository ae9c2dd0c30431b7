"""Declarations of inputs, outputs and run parameters shared by several standard tasks."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_core.tasks.parameters import InputParameter, OutputParameter
from qdash_core.tasks.run_parameters import AnalysisOption, RunParameter

if TYPE_CHECKING:
    from qdash_core.models.chip import Line


def declare_optional_input(unit: str, description: str) -> InputParameter:
    """Declare an optional input, which shortens a task or improves its result."""
    return InputParameter(unit=unit, required=False, description=description)


_FACTOR_OF_TIMES = 2.5
_FACTOR_OF_ERRORS = 3.0
COHERENCE_JUMP = 1 - 1 / _FACTOR_OF_TIMES
"""Plausible change of a decay time: by a factor of 2.5. From one daily calibration to the next, 99 % of the T1 and T2 of a real processor
(ibmq_valencia, 58 days in 2020) change by less; more is a defect that crosses the qubit, or a fault.
"""
FIDELITY_JUMP = 1 - 1 / _FACTOR_OF_ERRORS
"""Plausible growth of an infidelity: by a factor of 3, which 99 % of the readout and gate errors of that processor stay below."""
COUPLING_JUMP = 0.5
"""Plausible change of what the circuit fixes: couplings, dispersive shifts, external loss rates."""


def declare_fidelity(
    description: str,
    *,
    minimum: float = 0.0,
    negligible: float | None = 0.001,
    line: Line = "drive",
) -> OutputParameter:
    """Declare an output that is a fidelity.

    An estimate above 1 is reported unclamped, and validators allow for its error.

    `negligible` is the infidelity up to which an increase is no news; None if the fidelity is computed and changes with
    its inputs. `line` is the one on whose settings a measured fidelity depends.
    """
    if negligible is None:
        return OutputParameter(description=description, minimum=minimum, maximum=1.0)
    return OutputParameter(
        description=description,
        minimum=minimum,
        maximum=1.0,
        jump=FIDELITY_JUMP,
        ideal=1.0,
        negligible=negligible,
        line=line,
    )


def declare_angle_error(description: str) -> OutputParameter:
    """Declare an over-rotation of a pulse, whose growth by a factor of 3 and more than 0.07 rad is a loss.

    An angle error e of a π pulse costs a fidelity of e²/6, 0.0008 for 0.07 rad.
    """
    return OutputParameter(
        unit="rad", description=description, jump=FIDELITY_JUMP, ideal=0.0, negligible=0.1, line="drive"
    )


READOUT = {
    "resonator_frequency": InputParameter(
        unit="GHz", description="readout frequency from resonator spectroscopy"
    ),
    "readout_frequency": declare_optional_input(
        "GHz", "optimised readout frequency; the resonator frequency if absent"
    ),
    "readout_amplitude": declare_optional_input(
        "a.u.", "optimised readout amplitude; the design value if absent"
    ),
}
PROBE = {
    "resonator_frequency": declare_optional_input("GHz", "centre of the search; the design value if absent"),
    "coarse_resonator_frequency": declare_optional_input(
        "GHz", "centre of the search if the resonator frequency is absent"
    ),
    "readout_amplitude": declare_optional_input(
        "a.u.", "readout amplitude, which the probe is a fixed fraction of; the design value if absent"
    ),
}
"""Inputs of tasks that search the resonator with a weak probe."""
DRIVE = {**READOUT, "qubit_frequency": InputParameter(unit="GHz", description="drive frequency")}
RABI = {
    **DRIVE,
    "control_amplitude": InputParameter(unit="a.u.", description="drive amplitude of the Rabi calibration"),
    "rabi_frequency": InputParameter(unit="MHz", description="Rabi frequency at that amplitude"),
}
DRAG_HALF_PI = {
    "drag_hpi_amplitude": declare_optional_input("a.u.", "amplitude of the DRAG π/2 pulse, used if known"),
    "drag_hpi_beta": declare_optional_input("ns", "DRAG coefficient of that pulse"),
}
PULSES = {
    **RABI,
    "hpi_length": declare_optional_input("ns", "length of the π/2 pulse"),
    "hpi_amplitude": declare_optional_input(
        "a.u.", "amplitude of the π/2 pulse; derived from the Rabi frequency if absent"
    ),
    "pi_length": declare_optional_input("ns", "length of the π pulse"),
    "pi_amplitude": declare_optional_input(
        "a.u.", "amplitude of the π pulse; derived from the Rabi frequency if absent"
    ),
    **DRAG_HALF_PI,
    "drag_pi_amplitude": declare_optional_input("a.u.", "amplitude of the DRAG π pulse, used if known"),
    "drag_pi_beta": declare_optional_input("ns", "DRAG coefficient of that pulse"),
}

EARLIER_DRIVE = {
    "control_amplitude": declare_optional_input("a.u.", "initial amplitude"),
    "rabi_frequency": declare_optional_input("MHz", "previously measured Rabi frequency at that amplitude"),
}
T1_REFERENCE = {
    "pi_length": declare_optional_input("ns", "length of the π pulse of the T1 trace, with passive reset"),
    "pi_amplitude": declare_optional_input("a.u.", "amplitude of that pulse"),
    "drag_pi_amplitude": declare_optional_input("a.u.", "amplitude of that pulse with DRAG, used if known"),
    "drag_pi_beta": declare_optional_input("ns", "DRAG coefficient of that pulse"),
}
"""Inputs of tasks that measure T1 with passive reset (`programs.passive_reset.T1_TRACE`) and play no other π pulse."""
DRIVEN_T1_REFERENCE = {
    "qubit_frequency": declare_optional_input("GHz", "drive frequency of the T1 trace, with passive reset"),
    "control_amplitude": declare_optional_input(
        "a.u.", "drive amplitude from which its π pulse is derived if not calibrated"
    ),
    "rabi_frequency": declare_optional_input("MHz", "Rabi frequency at that amplitude"),
    **T1_REFERENCE,
}
"""Inputs of such tasks that do not drive at the calibrated frequency and amplitude."""
THIRD_LEVEL = {
    "anharmonicity": declare_optional_input(
        "GHz",
        "corrects the shift of the measured frequency by the second excited level; the design value if absent",
    )
}
BENCHMARKED = {
    **PULSES,
    "one_qubit_gate_coherence_limit": declare_optional_input("", "sets the longest sequence"),
    "average_gate_fidelity": declare_optional_input("", "sets the longest sequence"),
}


def require_pulses(*names: str) -> MappingProxyType[str, InputParameter]:
    """Return `PULSES` with the named inputs required."""
    required = {
        name: InputParameter(unit=PULSES[name].unit, description=PULSES[name].description) for name in names
    }
    return MappingProxyType({**PULSES, **required})


SHOTS = RunParameter(
    value=1024, value_type="int", minimum=16, maximum=1_000_000, description="repetitions of each point"
)
INTERVAL = RunParameter(
    value=None,
    value_type="float",
    unit="ns",
    minimum=1_000.0,
    maximum=1e9,
    description="wait after each shot with passive reset; if absent 153,600 ns, or longer if T1 requires it",
)
RESET = RunParameter(
    value="auto",
    value_type="str",
    choices=("auto", "active", "passive"),
    description="active: measure and flip back; passive: wait `interval`; auto: active if the laboratory supports it",
)
MEASUREMENT = {"shots": SHOTS, "interval": INTERVAL, "reset": RESET}
"""Run parameters of every measurement: shots, shot interval and reset."""
SINGLE_SHOTS = RunParameter(
    value=4096,
    value_type="int",
    minimum=64,
    maximum=1_000_000,
    description="shots of each prepared state",
)
REPEATS = RunParameter(
    value=10,
    value_type="int",
    minimum=2,
    maximum=1000,
    description="number of traces, measured one after the other",
)


def _declare_sweep(unit: str, *, minimum: float, maximum: float) -> RunParameter:
    return RunParameter(
        value=None,
        value_type="list",
        unit=unit,
        minimum=minimum,
        maximum=maximum,
        description="sweep; chosen by the task if absent",
    )


def declare_random_sequences(usual: int, *, fewest: int, longest: float) -> dict[str, RunParameter]:
    """Declare run parameters for the number of random sequences per length and for the lengths."""
    return {
        "sequences": RunParameter(
            value=usual,
            value_type="int",
            minimum=fewest,
            maximum=1000,
            description="number of independent random sequences of each length",
        ),
        "lengths": RunParameter(
            value=None,
            value_type="list",
            minimum=0.0,
            maximum=longest,
            description="numbers of Cliffords; chosen by the task if absent",
        ),
    }


TIME_RANGE = _declare_sweep("ns", minimum=0.0, maximum=1e8)
FREQUENCY_RANGE = _declare_sweep("GHz", minimum=0.1, maximum=20.0)
AMPLITUDE_RANGE = _declare_sweep("a.u.", minimum=0.0, maximum=1.0)
CHEVRON = {**MEASUREMENT, "time_range": TIME_RANGE, "frequency_range": FREQUENCY_RANGE}
BENCHMARKING = {**MEASUREMENT, **declare_random_sequences(20, fewest=3, longest=100_000.0)}

ENVELOPE = {
    "envelope": AnalysisOption(
        value="auto",
        value_type="str",
        choices=("auto", "exponential", "gaussian"),
        description="shape of the decay; auto weights all shapes by likelihood. With one shape, the errors do not cover the "
        "choice of the shape",
    )
}
ASYMPTOTE = {
    "asymptote": AnalysisOption(
        value="fixed",
        value_type="str",
        choices=("fixed", "fitted"),
        description="signal of long sequences: fixed midway between the two final states, or fitted",
    )
}

QUBIT_FREQUENCY = OutputParameter(
    unit="GHz",
    description="f01 with the neighbours undriven and in the ground state",
    minimum=0.5,
    maximum=20.0,
    jump=0.01,
)
CONTROL_AMPLITUDE = OutputParameter(
    unit="a.u.", description="drive amplitude in use", minimum=0.0, maximum=1.0, line="drive"
)
RABI_FREQUENCY = OutputParameter(
    unit="MHz",
    description="Rabi frequency at the control amplitude",
    convention="cycles",
    minimum=0.0,
    positive=True,
    maximum=500.0,
    jump=0.5,
    line="drive",
)
MAXIMUM_RABI_FREQUENCY = OutputParameter(
    unit="MHz/a.u.",
    description="Rabi frequency per unit of drive amplitude",
    convention="cycles",
    minimum=0.0,
    positive=True,
    jump=0.5,
    line="drive",
)


def declare_for_both(inputs: dict[str, InputParameter]) -> dict[str, InputParameter]:
    """Declare inputs for the control qubit (`control_t1`) and for the target qubit (`target_t1`)."""
    return {
        f"{role}_{name}": replace(declared, source=name, role=role)
        for role in ("control", "target")
        for name, declared in inputs.items()
    }


def declare_coupling_input(unit: str, description: str, *, required: bool = True) -> InputParameter:
    """Declare an input that is a value of the coupling itself."""
    return InputParameter(unit=unit, role="coupling", required=required, description=description)


TIMES = {
    "t1": declare_optional_input("us", "energy relaxation time"),
    "t2_echo": declare_optional_input("us", "coherence time"),
}
BOTH_QUBITS = declare_for_both(
    {
        **PULSES,
        **TIMES,
        "anharmonicity": declare_optional_input("GHz", "limits the drive amplitude"),
    }
)
TONE = {
    "cr_amplitude": declare_coupling_input(
        "a.u.", "amplitude of the cross-resonance tone on the drive line of the control"
    ),
    "cr_phase": declare_coupling_input("rad", "phase of that tone relative to the X axis of the target"),
    "cancel_amplitude": declare_coupling_input(
        "a.u.", "amplitude of the cancellation tone on the drive line of the target"
    ),
    "cancel_phase": declare_coupling_input("rad", "phase of that tone relative to the X axis of the target"),
}
GATE = {
    **TONE,
    "rotary_amplitude": declare_coupling_input("a.u.", "amplitude of the rotary tone, with its sign"),
    "zx90_gate_time": declare_coupling_input("ns", "length of the complete gate"),
}

ZX90_GATE = "zx90_gate"
"""Name of the set of values of a cross-resonance gate."""
TONE_OUTPUTS = {
    "cr_amplitude": OutputParameter(
        unit="a.u.",
        description="amplitude of the cross-resonance tone",
        minimum=0.0,
        maximum=1.0,
        line="drive",
    ),
    "cr_phase": OutputParameter(
        unit="rad", description="phase of the tone that gives ZX without ZY", line="drive"
    ),
    "cancel_amplitude": OutputParameter(
        unit="a.u.",
        description="amplitude of the tone that cancels IX and IY",
        minimum=0.0,
        maximum=1.0,
        line="drive",
    ),
    "cancel_phase": OutputParameter(
        unit="rad", description="phase of that tone relative to the X axis of the target", line="drive"
    ),
    "zx_rotation_rate": OutputParameter(
        unit="MHz",
        description="coefficient of ZX at these settings, H/h = zx/2 ZX, signed",
        convention="zx/2",
        line="drive",
    ),
}
