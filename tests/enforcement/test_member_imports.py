"""Contract for the imports between members, and between the features of one."""

from __future__ import annotations

import grimp
import pytest

from .member_imports import MemberImportsContract


def check(imports: list[tuple[str, str]], members: list[str], **options: str | list[str]) -> list[str]:
    """Return what the contract finds in imports."""
    graph = grimp.ImportGraph()
    for module in (one for pair in imports for one in pair):
        graph.add_module(module)
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported)
    contract = MemberImportsContract(
        name="members", session_options={}, contract_options={"members": members, **options}
    )
    found: list[str] = contract.check(graph, verbose=False).metadata["found"]
    return found


@pytest.mark.parametrize(
    ("members", "found"),
    [
        (["core", "host: core"], []),
        (["host: core", "core"], []),
        (["core", "host"], ["host.app -> core.models"]),
        (["host: core"], ["core has no line"]),
        (["core", "host: core", "old"], ["old has a line, and no module"]),
        (["core: host", "host: core"], ["core: its line names host, and nothing imports it"]),
    ],
)
def test_a_member_imports_what_its_line_names(members: list[str], found: list[str]) -> None:
    assert check([("host.app", "core.models"), ("host.app", "host.routes")], members) == found


IMPORTS = [
    ("ours.shifts.service", "ours.rota"),
    ("ours.shifts.service", "ours.shifts.model"),
    ("ours.shifts.service", "core.rota"),
    ("host.shifts", "ours.rota"),
]


@pytest.mark.parametrize(
    ("members", "found"),
    [
        (["rota", "shifts: rota"], []),
        (["rota", "shifts"], ["ours.shifts.service -> ours.rota"]),
        (["shifts: rota", "rota"], ["shifts: its line names rota, which has no line above"]),
        (["rota"], ["ours.shifts.service -> ours.rota", "shifts has no line"]),
    ],
)
def test_a_feature_imports_features_of_lines_above(members: list[str], found: list[str]) -> None:
    assert check(IMPORTS, members, within="ours") == found


def test_two_features_that_import_each_other_have_no_table() -> None:
    circle = [*IMPORTS, ("ours.rota.service", "ours.shifts.model")]
    found = check(circle, ["rota: shifts", "shifts: rota"], within="ours")
    assert found == ["rota: its line names shifts, which has no line above"]


@pytest.mark.parametrize(
    ("importer", "imported", "kept"),
    [
        ("ours.shifts.pages.list", "ours.rota.pages.week", True),
        ("ours.shifts.pages.list", "ours.rota.model", True),
        ("ours.shifts.model", "ours.shifts.pages.list", False),
        ("ours.shifts.model", "ours.rota.pages.week", False),
        ("host.pages.week", "ours.shifts.pages.list", True),
    ],
)
def test_folders_apart_import_those_above_and_are_imported_by_one_another(
    importer: str, imported: str, kept: bool
) -> None:
    found = check([*IMPORTS, (importer, imported)], ["rota", "shifts: rota"], within="ours", apart="pages")
    assert found == ([] if kept else [f"{importer} -> {imported}"])


@pytest.mark.parametrize(
    ("against", "found"),
    [
        (["rota: shifts"], []),
        ([], ["ours.rota.pages.week -> ours.shifts.model, against the order"]),
        (["rota: shifts", "shifts: rota"], ["shifts: its line names rota in vain"]),
    ],
)
def test_a_line_names_the_folders_that_one_apart_imports_against_the_order(
    against: list[str], found: list[str]
) -> None:
    imports = [*IMPORTS, ("ours.rota.pages.week", "ours.shifts.model")]
    assert check(imports, ["rota", "shifts: rota"], within="ours", apart="pages", against=against) == found
