"""Comparison of a chip with a named topology."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.targets import by_number

if TYPE_CHECKING:
    from collections.abc import Collection

    from qdash_core.chips.chip import Chip
    from qdash_core.chips.topology import Topology

_MOST_NAMED = 4
"""Maximum number of qubits or couplings that a message names."""


def get_fitting_topology(name: str, chip: Chip) -> Topology:
    """Return the built-in topology of this name if it has exactly the qubits and couplings of a chip.

    Raises
    ------
    InvalidInputError
        If there is no such topology, or its qubits or couplings are not those of the chip. The message names those
        that differ.
    """
    try:
        named = get_builtin_topology(name)
    except NotFoundError as error:
        raise InvalidInputError(str(error)) from None
    if difference := describe_difference(named, chip.qubits, chip.couplings):
        raise InvalidInputError(f"chip {chip.header.chip_id} is not a {name!r}: {difference}")
    return named


def check_topology_name(topology: Topology) -> None:
    """Raise InvalidInputError if a topology has the name of a built-in one, and other qubits or couplings."""
    with suppress(NotFoundError):
        named = get_builtin_topology(topology.name)
        if difference := describe_difference(named, topology.qids, topology.couplings):
            raise InvalidInputError(
                f"topology {topology.name!r} has the name of a built-in one, but {difference}: give it another name"
            )


def describe_difference(named: Topology, qids: Collection[str], couplings: Collection[str]) -> str:
    """Return how the qubits and couplings of a chip differ from those of a topology; empty if they do not."""
    sets = (("qubit", set(qids), set(named.qids)), ("coupling", set(couplings), set(named.couplings)))
    lacking = [_join_some(kind, others - own) for kind, own, others in sets if others - own]
    additional = [_join_some(kind, own - others) for kind, own, others in sets if own - others]
    return ", and ".join(
        f"{what} {' and '.join(names)}"
        for what, names in (("it lacks", lacking), ("it has the additional", additional))
        if names
    )


def _join_some(kind: str, names: Collection[str]) -> str:
    """Return the first of some qubits or couplings by number, and the number of the others."""
    first = sorted(names, key=by_number)[:_MOST_NAMED]
    more = f" and {len(names) - len(first)} more" if len(names) > len(first) else ""
    return f"{kind if len(names) == 1 else f'{kind}s'} {', '.join(first)}{more}"
