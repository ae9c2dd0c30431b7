"""Checks of features in the doctor: in their order, each contained, and gone with their feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.plugins.health_checks import iter_findings
from qdash_core import (
    Examination,
    Feature,
    HealthCheck,
    HealthFinding,
    InvalidInputError,
    Registry,
    Settings,
    load_plugins,
)
from qdash_core.repositories.memory import MemoryStore

from ...plain_install import PLAIN

if TYPE_CHECKING:
    from pathlib import Path

OURS = ["backups", "units", "runs", "digests", "instruments", "sharing"]


def look_at_helium(home: Examination) -> HealthFinding:
    with home.store.read() as snapshot:
        number = snapshot.count("project", {})
    return HealthFinding("any", "warning", f"{number} litres left", "fill it up")


def quench(_home: Examination) -> str:
    return f"{1 / 0} T"


def refuse(_home: Examination) -> str:
    raise InvalidInputError("there is no magnet")


HELIUM = HealthCheck("helium", look_at_helium)
QUENCH = HealthCheck("quench", quench, "warm it up")
MAGNET = HealthCheck("magnet", refuse)
NOTHING = HealthCheck("nothing", lambda _home: None)
ODD = HealthCheck("odd", lambda _home: 3)  # type: ignore[arg-type,return-value]
VALVES = HealthCheck("valves", lambda _home: "closed", needs_store=False, place=5)
WITHOUT = HealthCheck("without", lambda home: str(home.store), needs_store=False)
NO_CHECK = "helium"


def load(*checks: str, blocked: tuple[str, ...] = ()) -> Registry:
    feature = Feature("cold", checks=tuple(f"{__name__}:{one}" for one in checks))
    return load_plugins(extra={"cold": feature}, installed_too=PLAIN, blocked=blocked)


def find(registry: Registry, home: Path, *, with_store: bool = True) -> list[HealthFinding]:
    registry.features()
    store = MemoryStore.open("memory://") if with_store else None
    return [*iter_findings(Examination(Settings(home=home), registry, opened=store))]


def test_checks_of_a_plugin_follow_ours_under_its_name(tmp_path: Path) -> None:
    *ours, last = find(load("HELIUM", "NOTHING", "VALVES"), tmp_path)
    assert [one.name for one in ours] == OURS
    assert last == HealthFinding("cold helium", "warning", "0 litres left", "fill it up")


def test_a_check_that_raises_is_one_line_with_plugin_file_and_line_and_the_others_run(tmp_path: Path) -> None:
    *_, quenched, magnet, odd, helium = find(load("QUENCH", "MAGNET", "ODD", "HELIUM"), tmp_path)
    plugin = "the plugin 'cold' of the calling program: "
    line = quench.__code__.co_firstlineno + 1
    assert quenched.name == "cold quench"
    assert quenched.detail == f"{plugin}ZeroDivisionError: division by zero (test_checks.py:{line})"
    assert (quenched.status, quenched.advice) == ("failed", "warm it up")
    assert magnet.detail.startswith(f"{plugin}InvalidInputError: there is no magnet (test_checks.py:")
    assert magnet.advice.endswith("QDASH_BLOCK_PLUGINS=cold")
    assert odd.detail == f"{plugin}the check 'odd' returned int, not a HealthFinding, a text or None"
    assert helium.status == "warning"


def test_checks_that_need_no_store_are_run_without_one(tmp_path: Path) -> None:
    valves, notifiers, without = find(load("HELIUM", "VALVES", "WITHOUT"), tmp_path, with_store=False)
    assert notifiers.name == "notifiers"
    assert valves == HealthFinding("cold valves", "ok", "closed")
    assert "needs_store=True" in without.detail


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("NO_SUCH", "has no attribute 'NO_SUCH'"),
        ("NO_CHECK", "qdash_core.HealthCheck(NAME, FUNCTION) makes one"),
    ],
)
def test_a_check_that_cannot_be_loaded_is_one_line(tmp_path: Path, name: str, reason: str) -> None:
    registry = load(name, "HELIUM")
    assert find(registry, tmp_path)[-1].name == "cold helium"
    _notifiers, found = find(registry, tmp_path, with_store=False)
    assert (found.name, found.status) == ("plugin cold", "failed")
    assert reason in found.detail


def test_the_check_of_a_blocked_feature_is_gone(tmp_path: Path) -> None:
    names = [one.name for one in find(load("HELIUM", blocked=("timetables", "cold")), tmp_path)]
    assert names == [one for one in OURS if one != "digests"]


def test_a_feature_names_its_checks() -> None:
    registry = load_plugins(extra={"cold": Feature("cold", checks=("helium",))}, installed_too=False)
    assert not registry.features()
    (record,) = registry.plugins
    assert "has 'helium': a text such as 'module:attribute' names an object" in (record.error or "")
