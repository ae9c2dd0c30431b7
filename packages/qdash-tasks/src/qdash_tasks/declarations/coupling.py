"""Standard tasks on two coupled qubits: cross resonance, the gate made of it, and how good that is."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from qdash_core.tasks.base import BaseTask
from qdash_core.tasks.parameters import InputParameter, OutputParameter
from qdash_tasks.declared import (
    MEASUREMENT,
    PULSES,
    SHOTS,
    TIME_RANGE,
    fidelity,
    known,
    random_sequences,
)


def _of_both(inputs: dict[str, InputParameter]) -> dict[str, InputParameter]:
    """Declare inputs for the controlling qubit (`control_t1`) and for the other one (`target_t1`)."""
    return {
        f"{role}_{name}": replace(declared, source=name, role=role)
        for role in ("control", "target")
        for name, declared in inputs.items()
    }


def _of_coupling(unit: str, description: str, *, required: bool = True) -> InputParameter:
    return InputParameter(unit=unit, role="coupling", required=required, description=description)


_TIMES = {"t1": known("us", "energy relaxation time"), "t2_echo": known("us", "coherence time")}
_QUBITS = _of_both(
    {
        **PULSES,
        **_TIMES,
        "anharmonicity": known("GHz", "tells which drive is too strong"),
    }
)
_TONE = {
    "cr_amplitude": _of_coupling("a.u.", "amplitude on the line of the control"),
    "cr_phase": _of_coupling("rad", "its phase against the target's X"),
    "cancel_amplitude": _of_coupling("a.u.", "amplitude of the cancellation tone on the line of the target"),
    "cancel_phase": _of_coupling("rad", "its phase against the target's X"),
}
_GATE = {
    **_TONE,
    "rotary_amplitude": _of_coupling("a.u.", "amplitude of the rotary tone, with its sign"),
    "zx90_gate_time": _of_coupling("ns", "length of the whole gate"),
}

_TONE_OUTPUTS = {
    "cr_amplitude": OutputParameter(
        unit="a.u.", description="amplitude of the cross-resonance tone", minimum=0.0, maximum=1.0
    ),
    "cr_phase": OutputParameter(unit="rad", description="phase that leaves ZX and no ZY"),
    "cancel_amplitude": OutputParameter(
        unit="a.u.", description="amplitude of the tone that cancels IX and IY", minimum=0.0, maximum=1.0
    ),
    "cancel_phase": OutputParameter(unit="rad", description="its phase against the target's X"),
    "zx_rotation_rate": OutputParameter(
        unit="MHz", description="coefficient of ZX at these settings, H/h = zx/2 ZX, signed"
    ),
}


class CheckCrossResonance(BaseTask):
    """Measure what a cross-resonance tone does to the target, and turn it into ZX alone."""

    name = "CheckCrossResonance"
    task_type = "coupling"
    description = (
        "Hamiltonian tomography of a cross-resonance tone: its phase, the cancellation tone, and the ZX rate."
    )
    input_parameters = MappingProxyType(
        {**_QUBITS, **{name: replace(given, required=False) for name, given in _TONE.items()}}
    )
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE})
    output_parameters = MappingProxyType(_TONE_OUTPUTS)


class CreateZX90(BaseTask):
    """Make a ZX90 gate of the cross-resonance tone, as good as its drive can make it."""

    name = "CreateZX90"
    task_type = "coupling"
    description = (
        "Echoed ZX90: drive amplitude, phase, cancellation and rotary tones, and length of the gate."
    )
    input_parameters = MappingProxyType({**_QUBITS, **_TONE})
    run_parameters = MappingProxyType(MEASUREMENT)
    output_parameters = MappingProxyType(
        {
            **_TONE_OUTPUTS,
            "rotary_amplitude": OutputParameter(
                unit="a.u.", description="rotary tone of the gate", minimum=-1.0, maximum=1.0
            ),
            "zx90_gate_time": OutputParameter(
                unit="ns", description="whole gate, the pi pulses of the control included", minimum=0.0
            ),
        }
    )


class CheckZX90(BaseTask):
    """Measure how far off the angle of a ZX90 is."""

    name = "CheckZX90"
    task_type = "coupling"
    description = "Trains of ZX90 gates with both states of the control: fails when the angle is off."
    input_parameters = MappingProxyType({**_QUBITS, **_GATE})
    run_parameters = MappingProxyType(MEASUREMENT)


class CheckZZInteraction(BaseTask):
    """Measure the static ZZ interaction."""

    name = "CheckZZInteraction"
    task_type = "coupling"
    description = "Static ZZ from Ramsey fringes of the target with both states of the control."
    input_parameters = MappingProxyType(
        _of_both({**PULSES, **_TIMES, "t2_star": known("us", "tells how long fringes last")})
    )
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE})
    output_parameters = MappingProxyType(
        {
            "static_zz_interaction": OutputParameter(
                unit="MHz", description="f11 - f10 - f01 + f00, signed", minimum=-50.0, maximum=50.0
            )
        }
    )


class CheckBellState(BaseTask):
    """Measure the fidelity of a Bell state from its three correlations."""

    name = "CheckBellState"
    task_type = "coupling"
    description = "Fidelity of the Bell state made by one ZX90, from XX, YY and ZZ, with readout mitigation."
    input_parameters = MappingProxyType({**_QUBITS, **_GATE})
    run_parameters = MappingProxyType({**MEASUREMENT, "shots": replace(SHOTS, value=4096, minimum=20)})
    output_parameters = MappingProxyType(
        {"bell_state_fidelity": fidelity("fidelity of the Bell state, commanded basis states as reference")}
    )


class CheckBellStateTomography(BaseTask):
    """Measure the whole density matrix of a Bell state."""

    name = "CheckBellStateTomography"
    task_type = "coupling"
    description = "State tomography of the Bell state made by one ZX90, with readout mitigation."
    input_parameters = MappingProxyType({**_QUBITS, **_GATE})
    run_parameters = MappingProxyType({**MEASUREMENT, "shots": replace(SHOTS, value=2048, minimum=20)})
    output_parameters = MappingProxyType(
        {"bell_state_fidelity": fidelity("fidelity of the Bell state, commanded basis states as reference")}
    )


class ZX90InterleavedRandomizedBenchmarking(BaseTask):
    """Measure the fidelity of the ZX90."""

    name = "ZX90InterleavedRandomizedBenchmarking"
    task_type = "coupling"
    description = (
        "Fidelity of the ZX90, from random two-qubit sequences with and without it after each Clifford."
    )
    input_parameters = MappingProxyType(
        {
            **_QUBITS,
            **_GATE,
            "two_qubit_gate_coherence_limit": _of_coupling(
                "", "chooses the longest sequence", required=False
            ),
        }
    )
    run_parameters = MappingProxyType({**MEASUREMENT, **random_sequences(24, fewest=4, longest=10_000.0)})
    output_parameters = MappingProxyType({"zx90_gate_fidelity": fidelity("average gate fidelity of ZX90")})
