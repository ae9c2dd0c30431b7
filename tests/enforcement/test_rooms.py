"""Contract for the rooms of the core."""

from __future__ import annotations

import grimp
import pytest

from .rooms import RoomsContract

OPTIONS = {"name": "rooms", "containers": ["core"], "layers": ["cli", "models"], "exhaustive": "true"}


@pytest.mark.parametrize(
    ("importer", "imported", "kept"),
    [
        ("core.shifts.feature", "core.cli", True),
        ("core.cli", "core.models", True),
        ("core.cli", "core.shifts.feature", False),
        ("core.models", "core.cli", False),
        ("core.shifts.feature", "core.rota.feature", False),
        ("core.loose", "core.cli", False),  # neither a room nor a feature
        ("core.loose.deep.feature", "core.cli", False),
        ("host.loose.feature", "core.loose", False),  # a feature of another package
    ],
)
def test_a_feature_without_a_room_is_above_all_rooms(importer: str, imported: str, kept: bool) -> None:
    graph = grimp.ImportGraph()
    folders = ("shifts", "rota")
    modules = {"core", "core.cli", "core.models", importer, imported, *(f"core.{one}" for one in folders)}
    for module in (*modules, *(f"core.{one}.feature" for one in folders)):
        parts = module.split(".")
        for end in range(1, len(parts) + 1):
            graph.add_module(".".join(parts[:end]))
    graph.add_import(importer=importer, imported=imported)
    contract = RoomsContract(
        name="rooms", session_options={"root_packages": ["core"]}, contract_options=OPTIONS
    )
    assert [contract.check(graph, verbose=False).kept for _ in range(2)] == [kept, kept]
