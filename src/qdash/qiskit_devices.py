"""Qiskit `Target` of the calibrated part of a chip. This module alone imports Qiskit (extra `qiskit`).

Gates and their errors:

- `rz` changes the phase of later pulses (virtual Z; McKay et al., PRA 96, 022330): it takes no time and has no error.
- `sx` is X90. Its error is 1 minus `x90_gate_fidelity`, the average gate fidelity from interleaved randomized benchmarking
  (Magesan et al., PRL 109, 080505) with idle neighbours. Qiskit's error of an instruction is the average gate infidelity,
  too.
- `x` is X180, on qubits with an `x180_gate_fidelity`. Elsewhere Qiskit uses two `sx`.
- `ecr` stands for the calibrated ZX90, from control to target. ZX90 is the echoed cross resonance: a tone, an X180 of the control,
  the inverted tone, an X180 of the control. Without the last X180 it is exactly `ECRGate`; with it, `RZXGate(pi/2)`. The
  Target has the duration and the error of ZX90, which are those of `ecr` plus one X180. A program that plays `ecr` as ZX90
  and another X180 takes one X180 longer, and has its error once more. Qiskit 2.6 cannot translate every circuit to an `RZXGate`
  of a fixed angle: it adds others.
- `delay` has any duration and no error: relaxation follows from T1 and T2.
- `measure` has the assignment error (p(1|0) + p(0|1))/2, and the length of the readout pulse if it is known.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qdash_builtin.exchange.device_request import DeviceRequest
from qdash_builtin.exchange.feature import EXCHANGE
from qdash_builtin.exchange.left_out_targets import group_by_reason
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.hooks.usable_device import UsableDevice
from qdash_core.models.project import DEFAULT_USER
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from qiskit.transpiler import InstructionProperties, Target

    from qdash_core.hooks.usable_device import DeviceQubit

_NS, _US, _GHZ = 1e-9, 1e-6, 1e9


def usable_device(
    chip: str,
    *,
    qubits: str | int | Iterable[str | int] | None = None,
    exclude: str | int | Iterable[str | int] = (),
    min_qubit_fidelity: float | None = None,
    min_readout_fidelity: float | None = None,
    min_coupling_fidelity: float | None = None,
    max_age: str | None = None,
    without_marks: str | Iterable[str] = (),
    largest_part: bool = False,
    with_unfit: bool = False,
    home: str | PathLike[str] | None = None,
    project: str | None = None,
    user: str | None = None,
) -> UsableDevice:
    """Return the usable part of a chip and the targets left out, as `qdash export --format device` writes them.

    Parameters
    ----------
    chip : str
        The chip.
    qubits : str, int, iterable of them, or None
        The only qubits, as in `0-3,7` or `[0, 1]`; None for all.
    exclude : str, int, or iterable of them
        Excluded qubits and couplings, as in `0..3,8-9`.
    min_qubit_fidelity, min_readout_fidelity, min_coupling_fidelity : float or None
        Lowest X90 fidelity, mean readout fidelity and ZX90 fidelity, whatever their errors.
    max_age : str or None
        Highest age of measured values, such as `24h`.
    without_marks : str or iterable of str
        Marks whose values do not count, such as `last-failed,disputed`, or `any`.
    largest_part : bool
        Whether only the largest connected part is kept.
    with_unfit : bool
        Whether unfit targets that have the values may be part of it.
    home : path or None
        Folder of the home, or None for the home of the settings.
    project, user : str or None
        The project and the user, or None for the defaults.

    Raises
    ------
    NotFoundError
        If there is no such home, chip, qubit or coupling.
    InvalidInputError
        If an argument is invalid, or no qubit is usable.
    """
    request = DeviceRequest.parse(
        qubits=None if qubits is None else _as_texts(qubits),
        exclude=_as_texts(exclude),
        min_qubit_fidelity=min_qubit_fidelity,
        min_readout_fidelity=min_readout_fidelity,
        min_coupling_fidelity=min_coupling_fidelity,
        max_age=max_age,
        without_marks=without_marks,
        largest_part=largest_part,
        with_unfit=with_unfit,
    )
    if home is not None and not Path(home).is_dir():  # opening would create it
        raise NotFoundError(f"there is no folder {Path(home)}: name the home of the chip")
    settings = load_settings(home=home)
    with open_qdash(settings) as qdash:
        access = qdash.access(user or DEFAULT_USER, project)
        return qdash.get(EXCHANGE).describe_device(access, chip, request)


def _as_texts(targets: str | int | Iterable[str | int]) -> str | list[str]:
    if isinstance(targets, str | int):
        return str(targets)
    return [str(one) for one in targets]


def qiskit_target(chip: str | UsableDevice, *, dt_ns: float | None = None, **limits: Any) -> Target:
    """Return a Qiskit `Target` of the usable part of a chip.

    Qubit i of the Target is qubit `usable_device(...).numbering[i]` of the chip; the description says so, too. The
    gates and their errors are those of this module's description. Qubits have T1, T2 (echo) and frequency in SI units.
    Multiplexers permit simultaneous measurements but do not require them, so `concurrent_measurements`
    is unset.

    Parameters
    ----------
    chip : str or UsableDevice
        The chip, or what `usable_device` returned.
    dt_ns : float or None
        Sampling period of the instrument, or None if unknown.
    **limits
        The arguments of `usable_device`, if `chip` is a name.

    Raises
    ------
    InvalidInputError
        If Qiskit is not installed, there are limits beside a device, or `dt_ns` is not above 0; otherwise as
        `usable_device`.
    """
    if dt_ns is not None and not (math.isfinite(dt_ns) and dt_ns > 0):
        raise InvalidInputError(f"dt_ns is {dt_ns}: give the sampling period in ns, as in 2.0")
    if isinstance(chip, UsableDevice) and limits:
        raise InvalidInputError(f"the device has its limits already: leave out {', '.join(limits)}")
    device = chip if isinstance(chip, UsableDevice) else usable_device(chip, **limits)
    try:
        from qiskit.circuit import Delay, Measure, Parameter
        from qiskit.circuit.library import ECRGate, RZGate, SXGate, XGate
        from qiskit.transpiler import InstructionProperties, QubitProperties, Target
    except ImportError as error:
        raise InvalidInputError(f"Qiskit is not installed: install `qdash[qiskit]` ({error})") from error

    target = Target(
        description=_describe(device),
        num_qubits=len(device.qubits),
        dt=None if dt_ns is None else dt_ns * _NS,
        qubit_properties=[
            QubitProperties(t1=one.t1_us * _US, t2=one.t2_echo_us * _US, frequency=one.frequency_ghz * _GHZ)
            for one in device.qubits
        ],
    )
    numbered = list(enumerate(device.qubits))
    instant = InstructionProperties(duration=0.0, error=0.0)
    target.add_instruction(RZGate(Parameter("angle")), {(index,): instant for index, _ in numbered})

    target.add_instruction(Delay(Parameter("duration")), {(index,): None for index, _ in numbered})

    def gate(length_ns: float, fidelity: float) -> InstructionProperties:
        return InstructionProperties(duration=length_ns * _NS, error=1.0 - fidelity)

    target.add_instruction(
        SXGate(), {(index,): gate(one.hpi_length_ns, one.x90_fidelity) for index, one in numbered}
    )
    if half_turns := {
        (index,): gate(one.pi_length_ns, one.x180_fidelity)
        for index, one in numbered
        if one.x180_fidelity is not None
    }:
        target.add_instruction(XGate(), half_turns)
    target.add_instruction(
        Measure(),
        {
            (index,): InstructionProperties(duration=_get_readout_s(one), error=one.readout_error)
            for index, one in numbered
        },
    )
    if device.couplings:
        target.add_instruction(
            ECRGate(),
            {
                pair: gate(one.zx90_gate_time_ns, one.zx90_fidelity)
                for pair, one in zip(device.pairs, device.couplings, strict=True)
            },
        )
    return target


def _get_readout_s(qubit: DeviceQubit) -> float | None:
    return None if qubit.readout_length_ns is None else qubit.readout_length_ns * _NS


def _describe(device: UsableDevice) -> str:
    numbering = ", ".join(f"{index}: {qid}" for index, qid in enumerate(device.numbering))
    notes = "".join(f"; {line}" for line in group_by_reason(device.notes))
    return (
        f"chip {device.chip_id}, calibrated at {device.calibrated_at.isoformat()}; qubits of the chip by index: {numbering}"
        f"{notes}"
    )
