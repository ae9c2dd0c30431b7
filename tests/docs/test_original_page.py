"""Page of the original's items, against pages, commands, routes, names and tests of the repository."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, reduce

from docs import make_commands, make_data_model, make_http
from qdash_core.hooks.manager import HOOKS
from qdash_core.settings import list_settings
from qdash_original.collections import DESTINATIONS

from .pages import ROOT
from .test_documentation import text_of

PAGE = text_of("docs/original.md")
STATES = ("works", "differs", "not yet built", "not planned")
LINK = re.compile(r"\[[^\]]*\]\(([^)]+)\)")


@dataclass(frozen=True)
class Row:
    """An item of the original."""

    number: int
    item: str
    state: str
    decision: str
    where: str
    tests: tuple[str, ...]


def _read(line: str) -> Row:
    number, item, state, where, tests = (cell.strip() for cell in line.strip("|").split(" | "))
    linked = LINK.fullmatch(state)
    return Row(
        number=int(number),
        item=item,
        state=state[1:].partition("]")[0] if linked else state,
        decision=linked[1] if linked else "",
        where=where,
        tests=tuple(LINK.findall(tests)),
    )


ROWS = [_read(line) for line in PAGE.splitlines() if re.match(r"\| \d+ \|", line)]
NAMES = sorted({name for row in ROWS for name in re.findall(r"`([^`]+)`", row.where)})


def test_the_table_of_collections_is_that_of_the_importer() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([a-z ]+) \| (.+) \|$", PAGE, re.MULTILINE)

    assert {name: (outcome, where) for name, outcome, where in rows} == {
        name: tuple(one) for name, one in DESTINATIONS.items()
    }


def test_each_of_the_234_items_has_its_row() -> None:
    assert [row.number for row in ROWS] == list(range(1, 235))
    assert all(row.item for row in ROWS)


def test_the_counts_are_those_of_the_rows() -> None:
    counted = Counter(row.state for row in ROWS)
    stated = {
        name: int(count) for name, count in re.findall(r"^\| ([a-z ]+) \| (\d+) \|$", PAGE, re.MULTILINE)
    }
    assert set(counted) <= set(STATES)
    assert stated == {**{state: counted[state] for state in STATES}, "together": len(ROWS)}


def test_a_difference_has_its_decision_and_nothing_else_has_one() -> None:
    without = [
        row.number
        for row in ROWS
        if (row.state in ("differs", "not planned")) != bool(re.match(r"decisions\.md#\w", row.decision))
    ]
    assert without == []


def test_an_item_that_is_there_has_its_place_and_its_test() -> None:
    there = [row for row in ROWS if row.state in ("works", "differs")]
    assert [row.number for row in there if row.where == "–" or not row.tests] == []


def test_every_named_test_exists() -> None:
    paths = {path for row in ROWS for path in row.tests}
    wrong = [
        path
        for path in paths
        if not re.fullmatch(r"\.\./tests/(\w+/)*test_\w+\.py", path) or not (ROOT / "docs" / path).is_file()
    ]
    assert wrong == []


def test_every_named_place_exists() -> None:
    assert len(NAMES) > 100
    assert [name for name in NAMES if not _exists(name)] == []


def _exists(name: str) -> bool:
    """Return whether a place exists: a command, a route, a hook, a setting, or a name that can be imported."""
    if name.startswith("qdash "):
        return any(f"{known} ".startswith(f"{name} ") for known, _ in make_commands.commands())
    if re.match(r"[A-Z]+ /", name):
        return f"| `{name}` |" in _make_routes()
    if name.startswith("QDASH_"):
        known = name.removeprefix("QDASH_").lower() in list_settings()
        return known or f"`{name}" in text_of("docs/prefect.md")
    if "." not in name and name not in _find_members():
        return name in HOOKS or name in _read_fields()
    return _find(name) is not None


def _find_members() -> set[str]:
    return {path.name for path in ROOT.glob("packages/*/src/*")}


@cache
def _make_routes() -> str:
    return make_http.routes(make_http.read_document())


@cache
def _read_fields() -> set[str]:
    """Return the fields of the data model, as its page lists them."""
    return set(re.findall(r"`(\w+)`", make_data_model.make_page()))


def _find(name: str) -> object:
    """Import the longest part that is a module, and return the attribute of the rest."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            module = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        return reduce(getattr, parts[length:], module)
    raise ModuleNotFoundError(name)
