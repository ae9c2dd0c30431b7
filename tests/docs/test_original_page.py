"""Page of the original's items, against pages, commands, routes, names and tests of the repository."""

from __future__ import annotations

import importlib
import re
from functools import cache, reduce

from docs import make_commands, make_data_model, make_http
from docs.make_original import STATES, make_page, read_items
from qdash_core.hooks.manager import HOOKS
from qdash_core.settings import list_settings
from qdash_original.collections import DESTINATIONS

from .pages import ROOT
from .test_documentation import text_of

PAGE = text_of("docs/original.md")
ITEMS = read_items()
NAMES = sorted({name for one in ITEMS for name in re.findall(r"`([^`]+)`", one.where)})


def test_the_generated_page_has_every_item_and_every_collection_of_the_importer() -> None:
    page = make_page()
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)] == list(range(1, 235))
    assert [name for name in DESTINATIONS if f"| `{name}` |" not in page] == []


def test_each_of_the_234_items_has_a_state() -> None:
    assert [one.number for one in ITEMS] == list(range(1, 235))
    assert [one.number for one in ITEMS if not one.item or one.state not in STATES] == []


def test_a_difference_has_its_decision_and_nothing_else_has_one() -> None:
    assert [
        one.number for one in ITEMS if (one.state in ("differs", "not planned")) != bool(one.decision)
    ] == []


def test_the_page_for_users_names_every_decision_behind_a_difference() -> None:
    missing = {one.decision for one in ITEMS if one.decision and f"decisions.md#{one.decision})" not in PAGE}
    assert missing == set()


def test_an_item_that_is_there_has_its_place_and_its_test() -> None:
    there = [one for one in ITEMS if one.state in ("works", "differs")]
    assert [one.number for one in there if not one.where or not one.tests] == []


def test_every_named_test_exists() -> None:
    paths = {path for one in ITEMS for path in one.tests}
    wrong = [
        path
        for path in paths
        if not re.fullmatch(r"tests/(\w+/)*test_\w+\.py", path) or not (ROOT / path).is_file()
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
