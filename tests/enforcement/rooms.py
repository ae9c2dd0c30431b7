"""Rooms of the core: the contract of import-linter, and the features that have no room."""

from __future__ import annotations

import re
import tomllib
from copy import copy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importlinter.contracts.layers import Layer, LayersContract, ModuleTail

if TYPE_CHECKING:
    from importlinter.domain.contract import ContractCheck

ROOT = Path(__file__).parents[2]

_DEPTH = 2
"""Dots in the name of a module `package.folder.feature`."""


class RoomsContract(LayersContract):
    """Layers below the folders of features that they do not name: these import any layer, and nothing imports them."""

    type_name = "rooms"

    def check(self, graph: Any, verbose: bool) -> ContractCheck:
        """Return the result for the named layers with the features above them."""
        named: Any = self.layers
        rooms = {one.name for layer in named for one in layer.module_tails}
        containers: Any = self.containers
        packages = {one.expression for one in containers}
        parts = (name.split(".") for name in graph.modules if name.count(".") == _DEPTH)
        folders = {folder for package, folder, module in parts if package in packages and module == "feature"}
        features = {ModuleTail(name, is_optional=True) for name in folders - rooms}
        checked = copy(self)
        checked.layers = [Layer(features), *named] if features else named  # type: ignore[assignment]
        return super(RoomsContract, checked).check(graph, verbose)


@cache
def list_rooms() -> frozenset[str]:
    """Return the names of the rooms of the core."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (layers,) = (one["layers"] for one in contracts if one["type"] == RoomsContract.type_name)
    return frozenset(name for layer in layers for name in re.findall(r"\w+", layer))


@cache
def list_features_without_room() -> frozenset[str]:
    """Return the names of the folders of features above all rooms."""
    declared = ROOT.glob("packages/qdash-core/src/qdash_core/*/feature.py")
    return frozenset(path.parent.name for path in declared) - list_rooms()


def find_feature(module: str) -> str | None:
    """Return the folder of the feature above all rooms to which a module belongs, or None."""
    package, _, name = f"{module}.".partition(".")
    folder = name.partition(".")[0]
    return folder if package == "qdash_core" and folder in list_features_without_room() else None
