"""Contract of import-linter for the rooms of the core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from importlinter.contracts.layers import Layer, LayersContract, ModuleTail

if TYPE_CHECKING:
    from importlinter.domain.contract import ContractCheck


class RoomsContract(LayersContract):
    """Layers below the folders of features that they do not name: these import any layer, and nothing imports them."""

    type_name = "rooms"

    def check(self, graph: Any, verbose: bool) -> ContractCheck:
        """Return the result for the named layers with the features above them."""
        named: Any = self.layers
        rooms = {one.name for layer in named for one in layer.module_tails}
        folders = {name.split(".")[1] for name in graph.modules if name.endswith(".feature")}
        if features := {ModuleTail(name, is_optional=True) for name in folders - rooms}:
            self.layers = [Layer(features), *named]  # type: ignore[assignment]
        return super().check(graph, verbose)
