"""Selection of the usable device of a chip by a request, with the reason for each target left out."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

from qdash_builtin.exchange.left_out_targets import group_by_reason
from qdash_builtin.figures.positions import compute_positions
from qdash_builtin.values.long_t2 import describe_long_t2
from qdash_core.errors import InvalidInputError
from qdash_core.hooks.usable_device import DeviceCoupling, DeviceQubit, LeftOut, UsableDevice
from qdash_core.models.chip import TargetStatus
from qdash_core.models.judgement import Fitness, Trust
from qdash_core.models.simulated_time import select_simulated_time
from qdash_core.models.targets import by_number, get_control_qubit, split_coupling
from qdash_core.models.times import format_duration
from qdash_core.values.gate import SIGMAS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.exchange.device_request import DeviceRequest
    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import CouplingModel, ParameterModel, QubitModel

_QUBIT_FIDELITY, _COUPLING_FIDELITY = "x90_gate_fidelity", "zx90_gate_fidelity"
_X180_FIDELITY = "x180_gate_fidelity"
_READOUT_FIDELITIES = ("readout_fidelity_0", "readout_fidelity_1")
_OF_QUBITS = {
    _QUBIT_FIDELITY: "",
    **dict.fromkeys(_READOUT_FIDELITIES, ""),
    "t1": "us",
    "t2_echo": "us",
    "qubit_frequency": "GHz",
    "hpi_length": "ns",
    "pi_length": "ns",
}
"""Values without which a qubit is no part of a device, each with its unit."""
_GATE_TIME, _LIBRARY_GATE_TIME = "zx90_gate_time", "library_zx90_gate_time"
"""Length of the gate that QDash plays, and of the one that the library of a backend plays."""
_LENGTHS = frozenset({"hpi_length", "pi_length", "readout_length", _GATE_TIME, _LIBRARY_GATE_TIME})
"""Settings, which do not age and may come from a simulation: the measured values show what has become of them."""
_NOT_REQUESTED = "not among the requested qubits"
_MOST_NAMED = 3


def describe_device(chip: Chip, request: DeviceRequest, *, now: datetime) -> UsableDevice:
    """Return the device that a request selects from a chip, which has its values and their marks.

    Qubits are selected first, then couplings between them, then the largest connected part: of parts of the
    same size, the one with the lowest qubit.

    Raises
    ------
    NotFoundError
        If the request names a qubit or coupling that the chip does not have.
    InvalidInputError
        If no qubit remains.
    """
    chip.require_targets((*request.qubits, *request.exclude))
    check = _Check(chip, request, now)
    reasons = {qid: check.find_reasons_of_qubit(qubit) for qid, qubit in chip.qubits.items()}
    kept = {qid for qid, found in reasons.items() if not found}
    for coupling, model in chip.couplings.items():
        reasons[coupling] = check.find_reasons_of_coupling(model, kept)
    if request.largest_part:
        couplings = [one for one in chip.couplings if not reasons[one]]
        kept = _find_largest_part(kept, couplings)
        for target, found in reasons.items():
            if not found and not kept.issuperset(target.split("-")):
                found.append(f"not in the largest connected part, of {len(kept)} qubits")
    if not kept:
        raise InvalidInputError(_describe_empty(chip, reasons))
    return _make_device(chip, request, check, reasons)


class _Check:
    """Check of the qubits and couplings of a chip against a request."""

    def __init__(self, chip: Chip, request: DeviceRequest, now: datetime) -> None:
        self._chip = chip
        self._request = request
        self.now = now

    def find_reasons_of_qubit(self, qubit: QubitModel) -> list[str]:
        """Return why a qubit is no part of the device; empty if it is."""
        request = self._request
        if request.qubits and qubit.qid not in request.qubits:
            return [_NOT_REQUESTED]
        reasons = self._find_general_reasons(qubit, _OF_QUBITS)
        reasons += _find_low(qubit.data, (_QUBIT_FIDELITY,), request.min_qubit_fidelity)
        reasons += _find_low(qubit.data, _READOUT_FIDELITIES, request.min_readout_fidelity)
        return reasons

    def find_reasons_of_coupling(self, coupling: CouplingModel, qubits: Collection[str]) -> list[str]:
        """Return why a coupling is no part of a device with these qubits; empty if it is."""
        without = [qid for qid in split_coupling(coupling.qid) if qid not in qubits]
        reasons = (
            [f"without qubit{'s' if len(without) > 1 else ''} {' and '.join(without)}"] if without else []
        )
        wanted = {_COUPLING_FIDELITY: "", _choose_gate_time(coupling): "ns"}
        # A coupling without its qubits is unfit for that reason.
        reasons += self._find_general_reasons(coupling, wanted, with_unfit=bool(without))
        reasons += _find_low(coupling.data, (_COUPLING_FIDELITY,), self._request.min_coupling_fidelity)
        return reasons

    def has_x180(self, qubit: QubitModel) -> bool:
        """Return whether the fidelity of X180 counts and is within the limit of gates of qubits."""
        return self.find_objection(qubit, _X180_FIDELITY, "") is None and not any(
            _find_low(qubit.data, (_X180_FIDELITY,), self._request.min_qubit_fidelity)
        )

    def find_readout_length(self, qubit: QubitModel) -> float | None:
        """Return the length of the readout pulse in ns: the value if it counts, else that of the design, else None."""
        if self.find_objection(qubit, "readout_length", "ns") is None:
            return float(qubit.data["readout_length"].value)
        return qubit.design.get("readout_length")

    def find_objection(self, target: QubitModel | CouplingModel, name: str, unit: str) -> str | None:
        """Return why the value of a parameter does not count, or None if it does."""
        found = target.data.get(name)
        if found is None:
            return f"no {name}"
        if found.unit not in (unit, ""):
            return f"{name} is in {found.unit}, not {unit or 'a fraction'}"
        if not (math.isfinite(found.value) and found.value > 0):
            return f"{name} is {found.value:g}"
        if not unit and not found.value - SIGMAS * (found.error or 0.0) <= 1:
            excess = f"by more than {SIGMAS:g} errors" if found.error else "without an error"
            return f"{name} is {found.value:g}, above 1 {excess}"
        marks = [
            one.mark
            for one in self._chip.marks.get(target.qid, {}).get(name, ())
            if one.mark in self._request.marks
        ]
        if marks:
            return f"{name} is marked {', '.join(marks)}"
        if name in _LENGTHS:
            return None
        return f"{name} was simulated" if found.simulated else self._find_age(name, found)

    def list_notes(self, target: QubitModel | CouplingModel, names: Iterable[str]) -> list[str]:
        """Return why an unfit target may not be used, and which values are not trusted: those for the same reason together."""
        judged = self._chip.judgement.get_values(target.qid)
        doubted: dict[tuple[str, str], list[str]] = {}
        for name in names:
            if name in target.data and name in judged and judged[name].trust is not Trust.TRUSTED:
                doubted.setdefault((judged[name].trust.words, judged[name].doubts[0]), []).append(name)
        unfit = describe_unfitness(self._chip, target)
        return ([] if unfit is None else [unfit]) + [
            f"{', '.join(some)} {'is' if len(some) == 1 else 'are'} {words}: {doubt}"
            for (words, doubt), some in doubted.items()
        ]

    def _find_general_reasons(
        self, target: QubitModel | CouplingModel, wanted: Mapping[str, str], *, with_unfit: bool = False
    ) -> list[str]:
        with_unfit = with_unfit or self._request.with_unfit
        unfit = describe_unfitness(self._chip, target, with_unfit=with_unfit)
        reasons = [] if unfit is None else [unfit]
        if target.qid in self._request.exclude:
            reasons.append("excluded by the request")
        if missing := [name for name in wanted if name not in target.data]:
            reasons.append(f"no {', '.join(missing)}")
        present = {name: unit for name, unit in wanted.items() if name in target.data}
        objections = (self.find_objection(target, name, unit) for name, unit in present.items())
        return reasons + [one for one in objections if one is not None]

    def _find_age(self, name: str, found: ParameterModel) -> str | None:
        limit = self._request.max_age
        if limit is None:
            return None
        if found.calibrated_at is None:
            return f"{name} has no time of measurement"
        age = self.now - found.calibrated_at
        if age <= limit:
            return None
        return f"{name} was measured {format_duration(age.total_seconds(), whole=True)} ago"


def describe_unfitness(
    chip: Chip, target: QubitModel | CouplingModel, *, with_unfit: bool = False
) -> str | None:
    """Return why a target may not be used, or None if it may.

    Parameters
    ----------
    chip : Chip
        The chip with its judgement; without one, the status decides.
    with_unfit : bool
        Whether only targets that a user set aside may not be used.
    """
    if target.status.set_aside:
        return str(target.status)
    judged = chip.judgement.targets.get(target.qid)
    if with_unfit or (judged is None and target.status is not TargetStatus.FAILED):
        return None
    if judged is None:
        return "unfit: failed"
    return f"unfit: {'; '.join(judged.reasons)}" if judged.fitness is Fitness.UNFIT else None


def _find_low(data: Mapping[str, ParameterModel], names: Sequence[str], limit: float | None) -> Iterable[str]:
    """Yield the reason if the mean of fidelities is below a limit; a missing one is another reason."""
    if limit is None or not all(name in data for name in names):
        return
    mean = sum(data[name].value for name in names) / len(names)
    if mean < limit:
        yield f"{'readout fidelity' if len(names) > 1 else names[0]} {mean:.6g} is below {limit:g}"


def _choose_gate_time(coupling: CouplingModel) -> str:
    """Return the name of the gate time: of two gates, the one calibrated last."""
    times = {
        name: coupling.data[name].calibrated_at
        for name in (_GATE_TIME, _LIBRARY_GATE_TIME)
        if name in coupling.data
    }
    dated = {name: at for name, at in times.items() if at is not None}
    return max(dated, key=lambda name: dated[name]) if dated else next(iter(times), _GATE_TIME)


def _find_largest_part(qubits: Collection[str], couplings: Iterable[str]) -> set[str]:
    near: dict[str, list[str]] = {qid: [] for qid in sorted(qubits, key=by_number)}
    for a, b in map(split_coupling, couplings):
        near[a].append(b)
        near[b].append(a)
    largest: set[str] = set()
    seen: set[str] = set()
    for start in near:  # the lowest qubit first, so that it decides between parts of the same size
        if start in seen:
            continue
        part, waiting = {start}, deque([start])
        while waiting:
            for qid in near[waiting.popleft()]:
                if qid not in part:
                    part.add(qid)
                    waiting.append(qid)
        seen |= part
        if len(part) > len(largest):
            largest = part
    return largest


def _make_device(
    chip: Chip, request: DeviceRequest, check: _Check, reasons: Mapping[str, Sequence[str]]
) -> UsableDevice:
    qubits = [qubit for qid, qubit in chip.qubits.items() if not reasons[qid]]
    couplings = [coupling for qid, coupling in chip.couplings.items() if not reasons[qid]]
    places = compute_positions(chip.topology)
    left = min(places[qubit.qid][0] for qubit in qubits)
    bottom = max(places[qubit.qid][1] for qubit in qubits)
    used = [
        *(qubit.data[name] for qubit in qubits for name in _OF_QUBITS),
        *(
            coupling.data[name]
            for coupling in couplings
            for name in (_COUPLING_FIDELITY, _choose_gate_time(coupling))
        ),
    ]
    times = [one.calibrated_at for one in used if one.calibrated_at is not None]
    if not times:
        raise InvalidInputError(
            f"chip {chip.header.chip_id}: no value of its usable qubits has a time of measurement, which a device needs"
        )
    return UsableDevice(
        chip_id=chip.header.chip_id,
        name=request.name or chip.header.chip_id,
        device_id=request.device_id or chip.header.chip_id,
        qubits=tuple(
            _make_qubit(
                qubit,
                (places[qubit.qid][0] - left, bottom - places[qubit.qid][1]),
                check,
            )
            for qubit in qubits
        ),
        couplings=tuple(_make_coupling(coupling, check) for coupling in couplings),
        calibrated_at=max(times),
        left_out=tuple(LeftOut(target, "; ".join(found)) for target, found in reasons.items() if found),
        simulated_time=select_simulated_time(check.now),
    )


def _make_qubit(qubit: QubitModel, place: tuple[float, float], check: _Check) -> DeviceQubit:
    values = {name: float(one.value) for name, one in qubit.data.items()}
    long_t2 = describe_long_t2(qubit.data)
    return DeviceQubit(
        qid=qubit.qid,
        x=place[0],
        y=place[1],
        mux=qubit.mux,
        frequency_ghz=values["qubit_frequency"],
        t1_us=values["t1"],
        t2_echo_us=min(values["t2_echo"], 2 * values["t1"]),
        x90_fidelity=_limit(values[_QUBIT_FIDELITY]),
        x180_fidelity=_limit(values[_X180_FIDELITY]) if check.has_x180(qubit) else None,
        readout_fidelity_0=_limit(values["readout_fidelity_0"]),
        readout_fidelity_1=_limit(values["readout_fidelity_1"]),
        hpi_length_ns=values["hpi_length"],
        pi_length_ns=values["pi_length"],
        readout_length_ns=check.find_readout_length(qubit),
        notes=(
            *check.list_notes(qubit, (*_OF_QUBITS, _X180_FIDELITY, "readout_length")),
            *([] if long_t2 is None else [f"t2_echo is written as twice t1: {long_t2}"]),
        ),
    )


def _make_coupling(coupling: CouplingModel, check: _Check) -> DeviceCoupling:
    control = get_control_qubit(coupling)
    (target,) = (qid for qid in split_coupling(coupling.qid) if qid != control)
    return DeviceCoupling(
        qid=coupling.qid,
        control=control,
        target=target,
        zx90_fidelity=_limit(float(coupling.data[_COUPLING_FIDELITY].value)),
        zx90_gate_time_ns=float(coupling.data[_choose_gate_time(coupling)].value),
        notes=tuple(check.list_notes(coupling, (_COUPLING_FIDELITY, _choose_gate_time(coupling)))),
    )


def _limit(fidelity: float) -> float:
    """Return a fidelity that is at most 1: an estimate can exceed it within its error, but programs reject it."""
    return min(fidelity, 1.0)


def _describe_empty(chip: Chip, reasons: Mapping[str, Sequence[str]]) -> str:
    first = (LeftOut(qid, reasons[qid][0]) for qid in chip.qubits if reasons[qid] != [_NOT_REQUESTED])
    lines = group_by_reason(first)
    more = f"; and {len(lines) - _MOST_NAMED} more reasons" if len(lines) > _MOST_NAMED else ""
    return f"no qubit of chip {chip.header.chip_id} can be part of the device ({'; '.join(lines[:_MOST_NAMED])}{more})"
