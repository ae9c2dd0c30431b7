"""Registered flows: every version is kept, and a file lies within the folder of flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_core.projects.flow_registry import FlowRegistry

from ...access import ADMIN, access_of

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

    from ..clock import Clock

P = "default"
NIGHT: dict[str, Any] = {
    "chip_id": "A",
    "flow_function_name": "night",
    "file_path": "ann/night.py",
}


@pytest.fixture
def flows(any_store: Store, clock: Clock) -> FlowRegistry:
    return FlowRegistry(any_store, clock=clock)


def test_a_change_is_the_next_version(flows: FlowRegistry, clock: Clock) -> None:
    first = flows.create(ADMIN, "night", **NIGHT, default_parameters={"shots": 1024}, tags=["nightly"])
    clock.forward(days=1)
    second = flows.update(ADMIN, "night", default_parameters={"shots": 2048}, description="more shots")
    assert (first.version, second.version) == (1, 2)
    assert flows.show(ADMIN, "night") == second
    assert (second.tags, second.created_at, second.updated_at) == (["nightly"], first.created_at, clock.now)
    versions = flows.versions(ADMIN, "night")
    assert [(flow.version, flow.default_parameters) for flow in versions] == [
        (2, {"shots": 2048}),
        (1, {"shots": 1024}),
    ]


def test_flows_are_listed_newest_first(flows: FlowRegistry, clock: Clock) -> None:
    for name in ("b", "a", "c"):
        flows.create(ADMIN, name, **NIGHT)
        clock.forward(hours=1)
    flows.create(access_of("admin", "other"), "d", **NIGHT)
    flows.update(ADMIN, "b", description="changed last")
    assert [flow.name for flow in flows.of_project(ADMIN)] == ["c", "a", "b"]


def test_a_deleted_flow_leaves_its_versions_and_a_new_one_goes_on_behind_them(flows: FlowRegistry) -> None:
    flows.create(ADMIN, "night", **NIGHT)
    flows.update(ADMIN, "night", description="second")
    flows.delete(ADMIN, "night")
    assert not flows.of_project(ADMIN)
    assert len(flows.versions(ADMIN, "night")) == 2
    assert flows.create(ADMIN, "night", **NIGHT).version == 3
    for ask in (flows.show, flows.update, flows.delete):
        with pytest.raises(NotFoundError, match=r"no flow 'day' in project default \(known: night\)"):
            ask(ADMIN, "day")


@pytest.mark.parametrize(
    "path",
    ["/etc/night.py", "../night.py", "ann/../../night.py", "night.txt", "night", "", "C:night.py", "a\\night.py", "a\n.py"],
)  # fmt: skip
def test_a_file_outside_the_folder_is_refused(flows: FlowRegistry, path: str) -> None:
    with pytest.raises(InvalidInputError, match="not a Python file within the folder of flows"):
        flows.create(ADMIN, "night", **{**NIGHT, "file_path": path})
    flows.create(ADMIN, "night", **NIGHT)
    with pytest.raises(InvalidInputError, match="not a Python file within the folder of flows"):
        flows.update(ADMIN, "night", file_path=path)
    assert flows.show(ADMIN, "night").version == 1


def test_what_cannot_be_is_refused(flows: FlowRegistry) -> None:
    for name in ("", " night", "a\nb", "x" * 129):
        with pytest.raises(InvalidInputError, match="not the name of a flow"):
            flows.create(ADMIN, name, **NIGHT)
    for field, value in (("flow_function_name", "not a name"), ("default_parameters", {"x": float("nan")})):
        with pytest.raises(InvalidInputError, match=field):
            flows.create(ADMIN, "night", **{**NIGHT, field: value})
    with pytest.raises(InvalidInputError, match="colour cannot be changed"):
        flows.create(ADMIN, "night", **NIGHT, colour="red")
    flows.create(ADMIN, "night", **NIGHT)
    with pytest.raises(ConflictError, match="flow 'night' exists already"):
        flows.create(ADMIN, "night", **NIGHT)
    with pytest.raises(InvalidInputError, match="username cannot be changed"):
        flows.update(ADMIN, "night", username="bob")
