"""Comparison of a chip with a named topology."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.chips.topologies import describe_difference
from qdash_core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from qdash_core.chips.chip import Chip
    from qdash_core.chips.topology import Topology


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
