"""Targets of a flow: named qubits, multiplexers or couplings, and the couplings between qubits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeVar

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.flows.exclusions import describe_exclusions, find_set_aside
from qdash_core.models.target_lists import parse_couplings, parse_qubits
from qdash_core.models.targets import TargetKind, by_number, parse_coupling_id, parse_qubit_id, split_coupling

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.models.request import TargetSelection

T = TypeVar("T")


class Targets(ABC):
    """Targets that are named before the chip is known."""

    kind: ClassVar[TargetKind] = "qubit"

    @abstractmethod
    def named(self, chip: Chip) -> list[str]:
        """Return the ids on this chip, including targets that a person has set aside.

        Raises
        ------
        NotFoundError
            If the chip does not have a named target.
        """

    def resolve(self, chip: Chip) -> list[str]:
        """Return the ids on this chip in numerical order, without targets that a person marked as excluded or dead.

        Raises
        ------
        NotFoundError
            If the chip does not have a named target.
        InvalidInputError
            If no target remains; the message gives the reasons.
        """
        aside = self.left_out(chip)
        usable = set(self.named(chip)).difference(aside)
        if not usable:
            why = f": {describe_exclusions(aside, briefly=True)}" if aside else ""
            raise InvalidInputError(f"no {self.kind} of chip {chip.header.chip_id} is left to run on{why}")
        return sorted(usable, key=by_number)

    def left_out(self, chip: Chip) -> dict[str, str]:
        """Return the targets that a person has set aside, with reasons. The errors are those of `named`."""
        return find_set_aside(self.named(chip), chip)


@dataclass(frozen=True, slots=True)
class QubitTargets(Targets):
    """Named qubits; labels such as `Q07` are normalised."""

    qids: Sequence[str]
    exclude_qids: Sequence[str] = ()

    def __post_init__(self) -> None:
        _check_qubits("qids", self.qids)
        _check_qubits("exclude_qids", self.exclude_qids)

    def named(self, chip: Chip) -> list[str]:
        named = [parse_qubit_id(qid) for qid in self.qids]
        chip.require_targets(named)
        return _remove_excluded(self.exclude_qids, named, chip)


@dataclass(frozen=True, slots=True)
class MuxTargets(Targets):
    """Qubits of named multiplexers."""

    mux_ids: Sequence[int]
    exclude_qids: Sequence[str] = ()

    def __post_init__(self) -> None:
        for mux in _require_list("mux_ids", self.mux_ids, "[0]"):
            try:
                int(mux)
            except (OverflowError, TypeError, ValueError):
                raise InvalidInputError(f"{mux!r} is not a multiplexer: write its number") from None
        _check_qubits("exclude_qids", self.exclude_qids)

    def named(self, chip: Chip) -> list[str]:
        members: list[str] = []
        for mux in self.mux_ids:
            found = [qubit.qid for qubit in chip.qubits.values() if qubit.mux == int(mux)]
            if not found:
                raise NotFoundError(f"chip {chip.header.chip_id} has no multiplexer {mux}")
            members.extend(found)
        return _remove_excluded(self.exclude_qids, members, chip)


@dataclass(frozen=True, slots=True)
class AllMuxTargets(Targets):
    """All qubits of the chip."""

    exclude_qids: Sequence[str] = ()

    def __post_init__(self) -> None:
        _check_qubits("exclude_qids", self.exclude_qids)

    def named(self, chip: Chip) -> list[str]:
        return _remove_excluded(self.exclude_qids, list(chip.qubits), chip)


@dataclass(frozen=True, slots=True)
class CouplingTargets(Targets):
    """Named couplings, as `"0-1"` or pairs, or all couplings of the chip if none is named."""

    couplings: Sequence[str | tuple[str, str]] = ()
    kind: ClassVar[TargetKind] = "coupling"

    def __post_init__(self) -> None:
        for item in _require_list("couplings", self.couplings, '["0-1"]'):
            _parse_coupling(item)

    def named(self, chip: Chip) -> list[str]:
        named = [_parse_coupling(item) for item in self.couplings]
        chip.require_targets(named)
        return named or list(chip.couplings)


@dataclass(frozen=True, slots=True)
class OneTarget(Targets):
    """One target of any kind, also if a person has set it aside; empty for the whole chip."""

    target: str

    def named(self, chip: Chip) -> list[str]:  # noqa: ARG002  the task checks it
        return [self.target]

    def resolve(self, chip: Chip) -> list[str]:
        return self.named(chip)

    def left_out(self, chip: Chip) -> dict[str, str]:  # noqa: ARG002
        return {}


def make_targets(selection: TargetSelection) -> Targets:
    """Return the targets of a selection; raise InvalidInputError if a name in it is neither a target nor a range."""
    selection = parse_selection(selection)
    if selection.couplings is not None:
        return CouplingTargets(selection.couplings)
    if selection.muxes is not None:
        return MuxTargets(selection.muxes, selection.exclude)
    if selection.qubits is not None:
        return QubitTargets(selection.qubits, selection.exclude)
    return AllMuxTargets(selection.exclude)


class NarrowedTargets(NamedTuple):
    """Couplings that replace qubits as targets."""

    asked: list[str]
    """Couplings among the requested qubits."""
    left: list[str]
    """Couplings that remain for the following steps."""
    left_out: Mapping[str, str]
    """Omitted couplings with reasons."""


def parse_selection(selection: TargetSelection) -> TargetSelection:
    """Return a selection with ids in place of labels and ranges of qubits; raise InvalidInputError for other names."""
    return selection.model_copy(
        update={
            "qubits": selection.qubits and parse_qubits(selection.qubits),
            "couplings": selection.couplings and parse_couplings(selection.couplings),
            "exclude": selection.exclude and parse_qubits(selection.exclude),
        }
    )


def has_qubits(targets: Iterable[str]) -> bool:
    """Return whether there are qubits among targets."""
    return any("-" not in target for target in targets)


def narrow_to_couplings(
    chip: Chip, requested: Sequence[str], remaining: Sequence[str], known: Mapping[str, str]
) -> NarrowedTargets:
    """Return the couplings between remaining qubits, except those that a person has set aside.

    `remaining` has the qubits that filters have passed; `known` tells why other qubits were omitted.
    """
    wanted, qubits = set(requested), set(remaining)
    every = [coupling for coupling in chip.couplings if wanted.issuperset(split_coupling(coupling))]
    aside = find_set_aside(every, chip)
    why: dict[str, str] = {}
    for coupling in every:
        if coupling in aside:
            why[coupling] = aside[coupling]
        elif missing := [qid for qid in split_coupling(coupling) if qid not in qubits]:
            why[coupling] = _describe_left_out(missing, known)
    return NarrowedTargets(every, [coupling for coupling in every if coupling not in why], why)


def _check_qubits(name: str, qids: Sequence[str]) -> None:
    """Raise InvalidInputError unless an argument is a list of qubits."""
    for qid in _require_list(name, qids, '["0"]'):
        parse_qubit_id(qid)


def _require_list(name: str, items: Sequence[T], example: str) -> Sequence[T]:
    """Return the value of an argument; raise InvalidInputError if it is no list, such as a text, whose items are its characters."""
    if isinstance(items, str) or not isinstance(items, Iterable):
        raise InvalidInputError(f"{name} is {items!r}, which is not a list: write {name}={example}")
    return items


def _parse_coupling(item: str | tuple[str, str]) -> str:
    if not isinstance(item, str):
        try:
            return parse_coupling_id("-".join(item))
        except TypeError:
            raise InvalidInputError(f"{item!r} is not a coupling: write it as '0-1'") from None
    return parse_coupling_id(item)


def _remove_excluded(excluded: Sequence[str], named: Sequence[str], chip: Chip) -> list[str]:
    left_out = dict.fromkeys(parse_qubit_id(qid) for qid in excluded)
    chip.require_targets(left_out)
    return [qid for qid in named if qid not in left_out]


def _describe_left_out(qids: Sequence[str], known: Mapping[str, str]) -> str:
    """Return a text such as `qubit 3 left out before: status failed`, grouped by reason."""
    alike: dict[str, list[str]] = {}
    for qid in qids:
        alike.setdefault(known.get(qid, ""), []).append(qid)
    return ", ".join(
        f"qubit {' and '.join(those)} left out before{f': {reason}' if reason else ''}"
        for reason, those in alike.items()
    )
