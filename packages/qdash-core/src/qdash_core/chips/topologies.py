"""Lookup of topologies by name or file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.chips.topology_files import is_path, read_topology
from qdash_core.errors import NotFoundError
from qdash_core.moved_names import moved

if TYPE_CHECKING:
    from os import PathLike

    from qdash_core.chips.topology import Topology


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


__getattr__ = moved(__name__, {"topology": "qdash_core.chips.topologies:load_topology"})
