"""Resources that changed or failed targets share: modules, multiplexers, lines and qubits, as pure functions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING

from qdash_builtin.values.resources import Resource, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import MuxLines

_LEAST_SHARE = 0.75
"""Minimum share of the examined targets of a resource that must be affected."""
LEAST_SHARE_OF_CHIP = 0.8
"""The same for the whole chip, unless `find_shared_resources` is given another share."""
_LEAST_OF_CHIP = 4
_LEAST_EXAMINED_OF_CHIP = 0.5
"""Least share of the qubits or couplings of the chip that must be examined before the whole chip is a cause."""
_LARGEST_CHANCE = 0.01
"""Largest probability that as many targets of one of the resources of a kind are affected by chance."""


@dataclass(frozen=True, slots=True)
class SharedResource:
    """Resource that affected targets share.

    Parameters
    ----------
    resources : tuple of Resource
        The resource; several if they have the same examined targets, so that these cannot tell them apart.
    affected : tuple of str
        Affected targets of the resource, in the order of the examined ones.
    examined : int
        Number of its examined targets.
    """

    resources: tuple[Resource, ...]
    affected: tuple[str, ...]
    examined: int

    def __str__(self) -> str:
        return " or ".join(map(str, self.resources))


def list_resources(chip: Chip) -> dict[Resource, frozenset[str]]:
    """Return the resources of a chip that several targets share, each with its qubits and couplings.

    A coupling belongs to a multiplexer, line or module if both its qubits do.
    """
    qubits: dict[Resource, set[str]] = {}
    for resource, members in _iter_qubits(chip):
        qubits.setdefault(resource, set()).update(members)
    found = {
        resource: frozenset(members | {one for one in chip.couplings if members.issuperset(one.split("-"))})
        for resource, members in qubits.items()
    }
    for qid in chip.qubits:
        found[Resource(ResourceKind.QUBIT, qid)] = frozenset(
            one for one in chip.couplings if qid in one.split("-")
        )
    found[Resource(ResourceKind.CHIP, chip.header.chip_id)] = frozenset((*chip.qubits, *chip.couplings))
    return {resource: members for resource, members in found.items() if len(members) > 1}


def _iter_qubits(chip: Chip) -> Iterator[tuple[Resource, Collection[str]]]:
    """Yield the qubits of each multiplexer, and of each line and module of the wiring; a resource may come several times."""
    topology = chip.topology
    lines_of = {} if chip.wiring is None else {one.mux: one.read_out for one in chip.wiring.model.lines}
    for mux in topology.muxes:
        detail = f"readout line {lines_of[mux]}" if mux in lines_of else ""
        yield Resource(ResourceKind.MULTIPLEXER, str(mux), detail), topology.members(mux)
    if chip.wiring is None:
        return
    uses = Counter(line for lines in chip.wiring.model.lines for line in _list_readout_lines(lines))
    for lines in chip.wiring.model.lines:
        members = topology.members(lines.mux)
        for line in _list_readout_lines(lines):
            if uses[line] > 1:  # else it cannot be distinguished from its multiplexer
                yield Resource(ResourceKind.LINE, line), members
        for module in chip.wiring.get_readout_modules(lines.mux):
            yield Resource(ResourceKind.MODULE, module), members
        for qid in members:
            driver = chip.wiring.get_control_module(qid)
            if driver is not None:
                yield Resource(ResourceKind.MODULE, driver), (qid,)


def _list_readout_lines(lines: MuxLines) -> list[str]:
    return [line for line in (lines.read_out, lines.read_in, lines.pump) if line is not None]


def find_shared_resources(
    resources: Mapping[Resource, Collection[str]],
    affected: Collection[str],
    examined: Collection[str],
    *,
    tests: int = 1,
    least_of_chip: float | None = LEAST_SHARE_OF_CHIP,
) -> list[SharedResource]:
    """Return the resources that explain why several targets are affected, the one with most affected targets first.

    A resource explains its affected targets if there are at least two of them, if they are at least 75 % of its examined targets, and
    if that number would be affected by chance with a probability of at most 1 %: the upper tail of the hypergeometric distribution, times
    the numbers of resources of this kind and of tests (Bonferroni). If at least the share `least_of_chip` of all examined targets is
    affected, they are explained by the resource that has all examined targets, or else by the whole chip, if at least half of its
    qubits or couplings were examined. Each affected target is explained once.

    Parameters
    ----------
    examined : collection of str
        The targets that could have been affected, in order.
    tests : int
        Number of tests of the same resources, such as the parameters of a comparison.
    least_of_chip : float or None
        Minimum share of the examined targets that must be affected for a resource that has all of them to explain them; None if it
        explains none.
    """
    order = [one for one in examined if one in affected]
    members = _group_equal(resources, {*examined})
    is_enough = least_of_chip is not None and len(order) >= least_of_chip * len(examined)
    if len(examined) >= _LEAST_OF_CHIP and is_enough:
        causes = _find_of_all(resources, members, {*examined})
        if causes:
            return [SharedResource(causes, tuple(order), len(examined))]
    counts = Counter(key[0].kind for key in members)
    likely = {
        key: some
        for key, some in members.items()
        if _is_unlikely_by_chance(
            some, affected, len(order), len(examined), tests=tests * counts[key[0].kind]
        )
    }
    found = []
    remaining = {*order}
    while likely:
        key = max(likely, key=lambda one: (len(likely[one] & remaining), -len(likely[one])))
        some = likely.pop(key)
        explained = tuple(one for one in order if one in some & remaining)
        if len(explained) < 2:
            break
        found.append(SharedResource(key, explained, len(some)))
        remaining -= some
    return found


def _find_of_all(
    resources: Mapping[Resource, Collection[str]],
    members: Mapping[tuple[Resource, ...], Collection[str]],
    examined: Collection[str],
) -> tuple[Resource, ...]:
    """Return the resources that have all examined targets: the smaller ones, or else the chip if enough of it was examined."""
    equal = next((key for key, some in members.items() if len(some) == len(examined)), ())
    smaller = tuple(one for one in equal if one.kind is not ResourceKind.CHIP)
    if smaller:
        return smaller
    kinds = {"-" in one for one in examined}
    return tuple(
        one
        for one in equal
        if len(examined) >= _LEAST_EXAMINED_OF_CHIP * sum(("-" in qid) in kinds for qid in resources[one])
    )


def _group_equal(
    resources: Mapping[Resource, Collection[str]], examined: set[str]
) -> dict[tuple[Resource, ...], set[str]]:
    """Return the examined targets by resource; resources with the same ones are one, in the order of their kinds."""
    order = list(ResourceKind)
    groups: dict[frozenset[str], list[Resource]] = {}
    for resource, members in resources.items():
        known = frozenset(examined.intersection(members))
        if len(known) > 1:
            groups.setdefault(known, []).append(resource)
    return {
        tuple(sorted(some, key=lambda one: order.index(one.kind))): {*known} for known, some in groups.items()
    }


def _is_unlikely_by_chance(
    members: set[str], affected: Collection[str], n_affected: int, n_examined: int, *, tests: int
) -> bool:
    hits = sum(one in affected for one in members)
    if hits < 2 or hits < _LEAST_SHARE * len(members):
        return False
    drawn = len(members)
    ways = sum(
        comb(n_affected, k) * comb(n_examined - n_affected, drawn - k)
        for k in range(hits, min(drawn, n_affected) + 1)
    )
    return tests * ways / comb(n_examined, drawn) <= _LARGEST_CHANCE
