"""Lookup of topologies by name or file, and their differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.chips.topology_files import is_path, read_topology
from qdash_core.errors import NotFoundError
from qdash_core.models.targets import by_number

if TYPE_CHECKING:
    from collections.abc import Collection
    from os import PathLike

    from qdash_core.chips.topology import Topology

_MOST_NAMED = 4
"""Maximum number of qubits or couplings that a message names."""


def load_topology(name_or_path: str | PathLike[str]) -> Topology:
    """Return the built-in topology of this name, or the topology in this JSON or YAML file.

    Raises
    ------
    NotFoundError
        If there is neither such a name nor such a file.
    InvalidInputError
        If the file is invalid.
    """
    if is_path(name_or_path):
        return read_topology(name_or_path)
    try:
        return get_builtin_topology(str(name_or_path))
    except NotFoundError as error:
        raise NotFoundError(f"{error}; nor is there such a file") from None


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
