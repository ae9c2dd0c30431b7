"""Lookups in the registry: their hook calls, and their imports."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from qdash_core import BaseBackend, BaseTask, hookimpl
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.features.discovery import find_installed, list_members
from qdash_core.features.sections import Section
from qdash_core.hooks.formats import Format
from qdash_core.hooks.manager import Registry, load_plugins
from qdash_core.repositories.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable


def _do_nothing(*_: object) -> None: ...


def _make_task(name: str, backend: str | None = None) -> type[BaseTask]:
    methods = {"run": _do_nothing, "postprocess": _do_nothing}
    return type(name, (BaseTask,), {"name": name, "backend": backend, **methods})


Bench = type("Bench", (BaseBackend,), {"name": "bench", "connect": _do_nothing, "get_instance": _do_nothing})
Memory = type(
    "Memory", (Store,), dict.fromkeys(Store.__abstractmethods__, _do_nothing) | {"schemes": ("memory",)}
)
Folder = type("Folder", (), {"schemes": ("file",), "open": _do_nothing})
AnyT1, BenchT1, OtherT2 = (
    _make_task("CheckT1"),
    _make_task("CheckT1", "bench"),
    _make_task("CheckT2", "other"),
)
Greedy = SimpleNamespace(name="greedy", kind="coupling", colour=_do_nothing)
ByFour = SimpleNamespace(name="by-four", kind="qubit", colour=_do_nothing)
Local = SimpleNamespace(name="local", perform=_do_nothing)
Standard = SimpleNamespace(name="standard", validate=_do_nothing)
BringUp = SimpleNamespace(name="bring-up", description="everything", steps=())
Chat = SimpleNamespace(name="chat", notify=_do_nothing)
Bars, Lines = (
    SimpleNamespace(
        name=name,
        **dict.fromkeys(
            (
                "chip_map",
                "schedule_timeline",
                "run_timeline",
                "points",
                "metric_history",
                "provenance",
                "thumbnail",
                "drawing",
            ),
            _do_nothing,
        ),
    )
    for name in ("bars", "lines")
)
Routes = SimpleNamespace(routes=[], prefix="/fridge")
T1Table = type("T1Table", (Format,), {"name": "t1-table", "title": "T1", "write": _do_nothing})()
Fridge = SimpleNamespace(title="Fridge", icon="", group="Cryostats", render=_do_nothing)
Early = Section("qubit", "Samples", "my_samples:draw", -1.5)
Late = Section("result", "Samples", lambda view, subject: None)


def _make_plugin(**things: list[object]) -> SimpleNamespace:
    """Return a plugin whose hooks return these objects."""
    return SimpleNamespace(**{hook: hookimpl(lambda given=given: given) for hook, given in things.items()})


@pytest.fixture
def registry() -> Registry:
    plugin = _make_plugin(
        qdash_backends=[Bench],
        qdash_tasks=[AnyT1, BenchT1, OtherT2],
        qdash_schedulers=[Greedy, ByFour],
        qdash_repositories=[Memory],
        qdash_storages=[Folder],
        qdash_runners=[Local],
        qdash_validators=[Standard],
        qdash_flows=[BringUp],
        qdash_notifiers=[Chat],
        qdash_pictures=[Lines, Bars],
        qdash_api_routers=[Routes],
        qdash_dashboard_pages=[Fridge],
        qdash_dashboard_sections=[Late, Early],
        qdash_formats=[T1Table],
    )
    return load_plugins(extra={"bench": plugin}, installed_too=False)


def test_everything_is_found_by_name(registry: Registry) -> None:
    assert registry.backend("bench") is Bench
    assert registry.backends() == {"bench": Bench}
    assert registry.tasks() == {
        (None, "CheckT1"): AnyT1,
        ("bench", "CheckT1"): BenchT1,
        ("other", "CheckT2"): OtherT2,
    }
    assert registry.scheduler("coupling", "greedy").name == "greedy"
    assert registry.schedulers("qubit") == {"by-four": ByFour}
    assert registry.store_class("memory") is Memory
    assert registry.storage("FILE") is Folder
    assert registry.runner("local") is Local
    assert registry.flow("bring-up") is BringUp
    assert registry.flows() == {"bring-up": BringUp}
    assert registry.validators() == [Standard]
    assert registry.notifiers() == [Chat]
    assert registry.routers() == [("bench", "/plugins/bench", Routes)]
    assert registry.pictures() is Lines, "the first of several draws"
    assert registry.pages() == [Fridge]
    assert registry.sections() == [("bench", Early), ("bench", Late)], "by their order"
    assert registry.format("t1-table") is T1Table
    assert registry.formats() == {"t1-table": T1Table}


def test_a_failure_in_a_hook_that_is_only_called_to_list_it_leaves_the_plugin_in_use() -> None:
    plugin = _make_plugin(qdash_backends=[Bench], qdash_dashboard_sections=["a text"])
    registry = load_plugins(extra={"bench": plugin}, installed_too=False)
    (collected,) = registry.fully_collected
    assert (collected.error or "").startswith(
        "qdash_dashboard_sections: item 0, a str, is not a section: Section(slot, title, draw) makes one (test_registry.py:"
    )
    assert registry.backends() == {"bench": Bench}
    assert [one.status for one in registry.plugins] == ["ok"]


def test_where_nothing_draws_it_is_said_what_to_install() -> None:
    with pytest.raises(
        InvalidInputError,
        match=r"to draw this: `pip install --find-links RELEASE qdash-pictures` \(`qdash docs installation`\)$",
    ):
        load_plugins(installed_too=False).pictures()


def test_a_task_for_the_backend_wins_over_one_for_any(registry: Registry) -> None:
    assert registry.task("CheckT1", backend="bench") is BenchT1
    assert registry.task("CheckT1", backend="other") is AnyT1
    assert registry.task("CheckT1") is AnyT1


def test_a_task_for_another_backend_is_not_found(registry: Registry) -> None:
    with pytest.raises(
        NotFoundError, match="no task 'CheckT2' for the backend 'bench'; did you mean 'CheckT1'"
    ):
        registry.task("CheckT2", backend="bench")


@pytest.mark.parametrize(
    ("look_up", "message"),
    [
        (lambda r: r.backend("bnch"), "there is no backend 'bnch'; did you mean 'bench'?"),
        (lambda r: r.backend("qubex"), "there is no backend 'qubex'; known are bench"),
        (
            lambda r: r.store_class("mongodb"),
            "there is no store for URLs of the scheme 'mongodb'; known are memory",
        ),
        (lambda r: r.storage("s3"), "there is no storage for URLs of the scheme 's3'; known are file"),
        (lambda r: r.runner("prefect"), "there is no runner 'prefect'; known are local"),
        (lambda r: r.flow("bringup"), "there is no flow 'bringup'; did you mean 'bring-up'?"),
        (lambda r: r.scheduler("qubit", "x"), "there is no qubit scheduler 'x'; known are by-four"),
    ],
)
def test_an_unknown_name_is_refused_with_the_names_that_are_known(
    registry: Registry, look_up: Callable[[Registry], object], message: str
) -> None:
    with pytest.raises(NotFoundError) as caught:
        look_up(registry)
    assert str(caught.value) == message


def test_an_unknown_name_tells_of_plugins_that_were_set_aside() -> None:
    registry = load_plugins(extra={"mine": _make_plugin(qdash_backends=["no class"])}, installed_too=False)
    with pytest.raises(NotFoundError) as caught:
        registry.backend("mine")
    assert str(caught.value).startswith(
        "there is no backend 'mine'; none is installed "
        "(plugins set aside: mine (qdash_backends: item 0, a str, is not a subclass of BaseBackend (test_registry.py:"
    )


def test_a_hook_is_called_once_and_only_for_its_kind() -> None:
    called: list[str] = []
    plugin = SimpleNamespace(
        qdash_tasks=hookimpl(lambda: called.append("tasks") or [AnyT1]),
        qdash_flows=hookimpl(lambda: called.append("flows") or [BringUp]),
    )
    registry = load_plugins(extra={"mine": plugin}, installed_too=False)
    assert called == []
    registry.task("CheckT1")
    registry.tasks()
    assert called == ["tasks"]
    assert registry.plugins[0].provides == {"qdash_tasks": ["CheckT1"]}
    registry.collect_all()
    assert called == ["tasks", "flows"]


def test_a_hook_is_called_once_whatever_the_number_of_threads() -> None:
    called: list[int] = []
    plugin = SimpleNamespace(qdash_tasks=hookimpl(lambda: called.append(1) or [AnyT1]))
    registry = load_plugins(extra={"mine": plugin}, installed_too=False)
    threads = [threading.Thread(target=registry.tasks) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert called == [1]


def test_an_object_with_methods_is_a_plugin(install, load: Callable[..., Registry]) -> None:
    source = """
        from qdash_core import BaseTask, hookimpl

        class Plugin:
            @hookimpl
            def qdash_tasks(self):
                methods = {"run": print, "postprocess": print}
                return [type("T", (BaseTask,), {"name": "Methodical", **methods})]

        plugin = Plugin()
    """
    install("mine", source, entry="{module}:plugin")
    assert load().task("Methodical").name == "Methodical"


def test_a_plugin_without_commands_is_not_imported_for_them(install, load: Callable[..., Registry]) -> None:
    heavy = install("heavy", "raise RuntimeError('needs the laboratory')")
    light = install("light", "from qdash_core import hookimpl\n@hookimpl\ndef qdash_cli(app): ...")
    registry = load(commands_only=True)
    assert heavy not in sys.modules
    assert light in sys.modules
    # Any other lookup makes the registry complete.
    registry.flows()
    assert {record.name: record.status for record in registry.plugins}["heavy"] == "failed"


def test_the_parent_package_of_a_plugin_is_not_imported_for_commands(
    install, load: Callable[..., Registry], tmp_path
) -> None:
    package = tmp_path / "site-packages" / "thrown_away_package"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('heavy')")
    (package / "plugin.py").write_text("")
    install("mine", "", entry="thrown_away_package.plugin")
    load(commands_only=True)
    assert "thrown_away_package" not in sys.modules


@pytest.mark.parametrize("entry", ["{module}:plugin", "{module}"])
def test_where_the_source_does_not_tell_a_plugin_is_imported_for_commands(
    entry: str, install, load: Callable[..., Registry]
) -> None:
    module = install("mine", "from types import *\nplugin = SimpleNamespace()", entry=entry)
    load(commands_only=True)
    assert module in sys.modules


def test_only_distributions_of_this_workspace_have_precedence() -> None:
    members = Path(__file__).parents[3].joinpath("packages").glob("*/pyproject.toml")
    assert {"qdash", *(one.parent.name for one in members)} == list_members().keys()


def test_a_distribution_gets_no_precedence_by_its_own_word(install: Callable[..., str]) -> None:
    entry_points = "[qdash]\nmine = nothing\n[qdash.members]\nqdash-mine = nothing\n"
    install("mine", "", distribution="qdash-mine", entry_points=entry_points)
    (found,) = (one for one in find_installed() if one.distribution == "qdash-mine")
    assert not found.is_own
    assert "qdash-mine" not in list_members()
