"""Table of public names against the packages that give them."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from docs import make_stability
from docs.make_stability import describe_signature, find_differences


def test_recorded_names_are_there_and_the_stable_ones_are_as_recorded() -> None:
    table = make_stability.read_table()
    assert table.keys() <= {*make_stability.list_packages()}
    assert all({*words} <= {"stable", "provisional", "internal"} for words in table.values())
    found = [one for package, words in table.items() for one in find_differences(package, words)]
    assert not found, "\n".join(found)


def test_the_page_has_the_names() -> None:
    assert (
        "| [`hookimpl`](api/qdash_core.md#hookimpl) | `qdash_core` | stable |" in make_stability.make_page()
    )


def measure(target: str, *, shots: int = 1) -> None:
    """Measure."""


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of a package that gives `measure` alone."""
    given = ModuleType("given")
    given.measure = measure  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "given", given)
    monkeypatch.setattr(make_stability, "read_names", lambda _: {"measure": (__name__, "measure")})
    return "given"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            {"stable": {"measure": "(target)"}},
            "is stable, and has changed from (target) to (target, *, shots=): accept",
        ),
        (
            {"provisional": ["measure"], "stable": {"play": "()"}},
            "given.play is stable, and is gone: give it again",
        ),
        (
            {"internal": ["measure", "play"]},
            "given.play is internal, and is gone: name its replacement in CHANGELOG.md",
        ),
    ],
)
def test_a_difference_is_told_with_its_remedy(package: str, words: dict[str, Any], said: str) -> None:
    (told,) = find_differences(package, words)
    assert said in told
    assert not [*find_differences(package, {"stable": {"measure": "(target, *, shots=)"}})]


def test_a_name_without_a_word_is_provisional(package: str) -> None:
    assert not [*find_differences(package, {})]
    assert make_stability.sort_names(package, {}) == {"provisional": ["measure"]}


def test_a_signature_has_what_callers_write() -> None:
    from qdash_core import CalibConfig, Finding, ProjectRole, StoreError, Validator

    assert describe_signature(Finding) == "(verdict, reason)"
    assert describe_signature(CalibConfig).startswith("(*, username, chip_id, qids=, ")
    assert describe_signature(ProjectRole) == "{OWNER, EDITOR, VIEWER}"
    assert describe_signature(Validator) == "{name, validate}"
    assert describe_signature(StoreError) == "(*args)"
    assert describe_signature(1) == ""
