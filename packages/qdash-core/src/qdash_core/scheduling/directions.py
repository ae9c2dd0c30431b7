"""Directions of couplings, chosen by the predicted error or another rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.targets import (
    by_number,
    parse_coupling_id,
    parse_qubit_id,
    split_coupling,
)
from qdash_core.parsing.similar_names import suggest
from qdash_core.scheduling.gate_errors import predict_error
from qdash_core.tasks.inputs import get_direction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.chips.topology import Topology
    from qdash_core.scheduling.gate_errors import Transmon

DirectionRule = Literal["error", "higher", "lower", "checkerboard", "checkerboard-inverse", "stored"]
"""`error`: the lower predicted error; `higher`, `lower`: the qubit of the higher or lower frequency controls;
`checkerboard`: qubits on black squares control (row + column even; without places the squares are worked out from the
couplings, and the first qubit's is black), `checkerboard-inverse`: those on white ones;
`stored`: as the chip has it."""
RULES: tuple[str, ...] = get_args(DirectionRule)


_WORTH_A_CHANGE = 0.9
"""Maximum ratio of the predicted errors of the new and the present direction for a change, which costs a calibration;
T1 and T2, which enter the prediction, fluctuate."""


@dataclass(frozen=True, slots=True)
class Direction:
    """Direction of a coupling, with its reason.

    `reason` is for people. `predicted_error` is the average gate error that is expected in this direction; None where
    a frequency is not known.
    """

    control: str
    target: str
    reason: str
    predicted_error: float | None = None


def choose_directions(
    couplings: Iterable[str],
    topology: Topology,
    qubits: Mapping[str, Transmon],
    *,
    rule: DirectionRule | Mapping[str, str] = "error",
    stored: Mapping[str, str] | None = None,
) -> dict[str, Direction]:
    """Return the direction of every coupling.

    A qubit that `qubits` lacks has no known frequency. `rule` tells how to choose, or has the controlling qubits
    themselves: couplings that it lacks stay as stored, and others that are not wanted do no harm. `stored` has the
    controlling qubits that the chip has now. What a rule cannot decide stays so, or the lower number controls.

    Raises
    ------
    NotFoundError
        If it names a coupling that the topology does not have.
    InvalidInputError
        If the rule is not one, needs places that the topology does not have, or names a qubit that is not in a coupling.
    """
    if isinstance(rule, Mapping):
        rule = _normalise_directions(rule, topology)
    elif rule not in RULES:
        raise InvalidInputError(
            f"{rule!r} is not a rule of directions{suggest(rule, RULES)} (there are: {', '.join(RULES)})"
        )
    chooser = _Chooser(topology, qubits, stored or {})
    return {coupling: chooser.choose(coupling, rule) for coupling in couplings}


def _normalise_directions(controls: Mapping[str, str], topology: Topology) -> dict[str, str]:
    """Return control qubits by normalised ids."""
    named = {parse_coupling_id(coupling): parse_qubit_id(control) for coupling, control in controls.items()}
    for coupling in sorted(named.keys() - set(topology.couplings), key=by_number):
        raise NotFoundError(f"a direction is given for {coupling}, and the chip has no such coupling")
    return named


@dataclass(frozen=True)
class _Chooser:
    topology: Topology
    qubits: Mapping[str, Transmon]
    stored: Mapping[str, str]

    @cached_property
    def colours(self) -> Mapping[str, int]:
        """Colour of each qubit in a checkerboard: by its position, or else the opposite of its neighbours."""
        sites = self.topology.qubits
        places = {
            site.id: site.row + site.col for site in sites if site.row is not None and site.col is not None
        }
        if len(places) == len(sites):
            return {qid: place % 2 for qid, place in places.items()}
        colours: dict[str, int] = {}
        for site in sites:
            waiting = [] if site.id in colours else [site.id]
            colours.setdefault(site.id, 0)
            while waiting:
                qid = waiting.pop()
                for other in self.topology.neighbours(qid):
                    if other not in colours:
                        colours[other] = 1 - colours[qid]
                        waiting.append(other)
        return colours

    def choose(self, coupling: str, rule: DirectionRule | Mapping[str, str]) -> Direction:
        if isinstance(rule, Mapping):
            if coupling not in rule:
                return self._keep_stored(coupling, "not named")
            if rule[coupling] not in split_coupling(coupling):
                raise InvalidInputError(
                    f"qubit {rule[coupling]} cannot control {coupling}: it is not part of it"
                )
            return self._make_direction(coupling, rule[coupling], "as told")
        match rule:
            case "stored":
                return self._keep_stored(coupling, "as stored")
            case "checkerboard" | "checkerboard-inverse":
                parity = 0 if rule == "checkerboard" else 1
                return self._make_direction(coupling, self._choose_on_checkerboard(coupling, parity), rule)
            case "error" | "higher" | "lower":
                unknown = [qid for qid in split_coupling(coupling) if qid not in self.qubits]
                if unknown:
                    return self._keep_stored(coupling, f"frequency of {' and '.join(unknown)} not known")
                return (
                    self._choose_by_error(coupling)
                    if rule == "error"
                    else self._choose_by_frequency(coupling, rule)
                )

    def _choose_by_error(self, coupling: str) -> Direction:
        errors = {qid: self._predict_error(coupling, qid) for qid in split_coupling(coupling)}
        best = min(errors, key=errors.__getitem__)
        control = self.stored.get(coupling, best)
        if errors[best] < _WORTH_A_CHANGE * errors[control]:
            control = best
        (other,) = (qid for qid in errors if qid != control)
        return self._make_direction(
            coupling,
            control,
            f"predicted error {errors[control]:.2g}, the other way {errors[other]:.2g}",
        )

    def _choose_by_frequency(self, coupling: str, rule: Literal["higher", "lower"]) -> Direction:
        low, high = sorted(split_coupling(coupling), key=lambda qid: self.qubits[qid].frequency_mhz)
        return self._make_direction(
            coupling, high if rule == "higher" else low, f"the {rule} frequency controls"
        )

    def _choose_on_checkerboard(self, coupling: str, parity: int) -> str:
        on = [qid for qid in split_coupling(coupling) if self.colours[qid] == parity]
        if len(on) != 1:
            raise InvalidInputError(
                f"no checkerboard: both qubits of {coupling} are on squares of one colour"
            )
        return on[0]

    def _keep_stored(self, coupling: str, why: str) -> Direction:
        control = self.stored.get(coupling)
        if control is None:
            return self._make_direction(
                coupling, split_coupling(coupling)[0], f"{why}: the lower number controls"
            )
        return self._make_direction(coupling, control, why if why == "as stored" else f"{why}: as stored")

    def _make_direction(self, coupling: str, control: str, reason: str) -> Direction:
        control, target = get_direction(coupling, control)
        known = {control, target} <= set(self.qubits)
        return Direction(control, target, reason, self._predict_error(coupling, control) if known else None)

    def _predict_error(self, coupling: str, control: str) -> float:
        control, target = get_direction(coupling, control)
        others = sorted(set(self.topology.neighbours(control)) - {target}, key=by_number)
        spectators = tuple(self.qubits[qid] for qid in others if qid in self.qubits)
        return predict_error(self.qubits[control], self.qubits[target], spectators)
