"""Ownership of names, and excluded plugins."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from qdash_core import BaseTask, hookimpl
from qdash_core.hooks.manager import load_plugins

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.hooks.manager import Registry

PLUGIN = """
from types import SimpleNamespace as thing
from qdash_core import BaseBackend, BaseTask, hookimpl
from qdash_core.hooks.formats import Format
from qdash_core.repositories.store import Store

def nothing(self): ...

@hookimpl
def {hook}():
    return [{thing}]
"""

CLASHES = {
    "qdash_backends": "type('B', (BaseBackend,), {'name': 'x', 'connect': nothing, 'get_instance': nothing})",
    "qdash_tasks": "type('T', (BaseTask,), {'name': 'x', 'run': nothing, 'postprocess': nothing})",
    "qdash_schedulers": "thing(name='x', kind='qubit', colour=nothing)",
    "qdash_repositories": "type('S', (Store,), dict.fromkeys(Store.__abstractmethods__, nothing) | {'schemes': ('x',)})",
    "qdash_storages": "type('S', (), {'schemes': ('X',), 'open': nothing})",
    "qdash_runners": "thing(name='x', perform=nothing)",
    "qdash_validators": "thing(name='x', validate=nothing)",
    "qdash_flows": "thing(name='x', description='d', steps=())",
    "qdash_notifiers": "thing(name='x', notify=nothing)",
    "qdash_pictures": "thing(name='x', **dict.fromkeys(('chip_map', 'schedule_timeline', 'run_timeline', 'points', 'metric_history', 'provenance', 'thumbnail', 'drawing'), nothing))",
    "qdash_assistants": "thing(name='x', answer=nothing, get_state=nothing)",
    "qdash_dashboard_pages": "thing(title='x', icon='', group='', render=nothing)",
    "qdash_formats": "type('F', (Format,), {'name': 'x', 'title': 't', 'write': nothing})()",
}


@pytest.mark.parametrize("hook", CLASHES)
def test_a_name_belongs_to_the_distribution_that_sorts_first(
    hook: str, install, load: Callable[..., Registry], records
) -> None:
    source = PLUGIN.format(hook=hook, thing=CLASHES[hook])
    install("first", source, distribution="zebra")
    install("second", source, distribution="aardvark")
    registry = load()
    registry.collect_all()
    found = records(registry)
    assert found["aardvark"].status == "ok"
    assert found["zebra"].status == "failed"
    assert found["zebra"].error == (
        f"{hook}: the name 'x' of the plugin 'first' of zebra is taken by the plugin 'second' of aardvark: "
        "rename one, or leave one out with QDASH_BLOCK_PLUGINS=first or =second"
    )


ALIASED = "type('T', (BaseTask,), {'name': 'y', 'aliases': ('x',), 'run': nothing, 'postprocess': nothing})"


@pytest.mark.parametrize("clashing", [ALIASED, ALIASED.replace("'y'", "'z'")])
@pytest.mark.parametrize("owner", [CLASHES["qdash_tasks"], ALIASED])
def test_an_alias_is_a_name(
    owner: str, clashing: str, install, load: Callable[..., Registry], records
) -> None:
    hook = "qdash_tasks"
    install("first", PLUGIN.format(hook=hook, thing=clashing), distribution="zebra")
    install("second", PLUGIN.format(hook=hook, thing=owner), distribution="aardvark")
    registry = load()
    registry.collect_all()
    found = records(registry)
    assert found["aardvark"].status == "ok"
    assert found["zebra"].error.startswith("qdash_tasks: the name ")
    assert "is taken by the plugin 'second' of aardvark" in found["zebra"].error
    assert registry.task("x").name == ("x" if owner == CLASHES["qdash_tasks"] else "y")


@pytest.mark.parametrize(
    ("aliases", "reason"),
    [
        ("'x'", "has aliases that are not a tuple of names"),
        ("('two words',)", "has an alias that is not a plain word, 'two words'"),
        ("('x',)", "has an alias that it is called already, 'x'"),
        ("('z', 'z')", "has an alias that it is called already, 'z'"),
    ],
)
def test_aliases_are_words_of_their_own(
    aliases: str, reason: str, install, load: Callable[..., Registry], records
) -> None:
    thing = CLASHES["qdash_tasks"].replace("'name'", f"'aliases': {aliases}, 'name'")
    install("first", PLUGIN.format(hook="qdash_tasks", thing=thing), distribution="zebra")
    registry = load()
    registry.collect_all()
    assert f", {reason} (thrown_away_zebra.py:" in records(registry)["zebra"].error


def test_the_workspace_own_members_win(install, load: Callable[..., Registry], records) -> None:
    source = PLUGIN.format(hook="qdash_tasks", thing=CLASHES["qdash_tasks"])
    install("first", source, distribution="aardvark")
    install("second", source, distribution="Qdash_Mongo")
    registry = load()
    registry.collect_all()
    assert {name: record.status for name, record in records(registry).items()} == {
        "Qdash_Mongo": "ok",
        "aardvark": "failed",
    }


def test_a_plugin_name_has_one_owner_as_well(install, load: Callable[..., Registry], records) -> None:
    install("same", "raise RuntimeError('never imported')", distribution="zebra")
    install("same", PLUGIN.format(hook="qdash_flows", thing=CLASHES["qdash_flows"]), distribution="aardvark")
    registry = load()
    assert list(registry.flows()) == ["x"]
    found = records(registry)
    assert found["aardvark"].status == "ok"
    assert found["zebra"].error == (
        "its name is taken: there is the plugin 'same' of zebra and the plugin 'same' of aardvark; uninstall one"
    )


@pytest.mark.parametrize(
    ("hook", "one", "other"),
    [
        (
            "qdash_tasks",
            "type('T', (BaseTask,), {'name': 'x', 'run': nothing, 'postprocess': nothing})",
            "type('T', (BaseTask,), {'name': 'x', 'run': nothing, 'postprocess': nothing, 'backend': 'fake'})",
        ),
        (
            "qdash_schedulers",
            "thing(name='x', kind='qubit', colour=nothing)",
            "thing(name='x', kind='coupling', colour=nothing)",
        ),
    ],
)
def test_things_that_differ_in_the_rest_of_their_identity_may_share_a_name(
    hook: str, one: str, other: str, install, load: Callable[..., Registry], records
) -> None:
    for plugin, thing in (("one", one), ("other", other)):
        install(plugin, PLUGIN.format(hook=hook, thing=thing))
    registry = load()
    registry.collect_all()
    assert {record.status for record in records(registry).values()} == {"ok"}


def test_a_shadowed_copy_of_a_distribution_does_not_count(
    install, load: Callable[..., Registry], records, tmp_path, monkeypatch
) -> None:
    older = tmp_path / "older" / "mine_distribution-1.0.dist-info"
    older.mkdir(parents=True)
    (older / "METADATA").write_text("Metadata-Version: 2.1\nName: mine-distribution\nVersion: 1.0\n")
    (older / "entry_points.txt").write_text("[qdash]\nmine = gone\n")
    install("mine", "")
    monkeypatch.setattr("sys.path", [*sys.path, str(tmp_path / "older")])
    assert records(load())["mine-distribution"].version == "1.2"


def test_a_blocked_plugin_is_not_even_imported(install, load: Callable[..., Registry], records) -> None:
    install("heavy", "raise AssertionError('imported')")
    registry = load(blocked=("heavy",))
    record = records(registry)["heavy-distribution"]
    assert (record.status, record.error, record.provides) == ("blocked", None, {})


def test_the_environment_blocks_plugins(
    install, others: set[str], records, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("heavy", "raise AssertionError('imported')")
    install("light", "")
    monkeypatch.setenv("QDASH_BLOCK_PLUGINS", ", ".join(["", "heavy ", *others]))
    found = records(load_plugins())
    assert (found["heavy-distribution"].status, found["light-distribution"].status) == ("blocked", "ok")


def test_a_program_may_hand_plugins_over(load: Callable[..., Registry], others: set[str]) -> None:
    methods = {"run": lambda *_: None, "postprocess": lambda *_: None}
    task = type("Handed", (BaseTask,), {"name": "Handed", **methods})
    plugin = SimpleNamespace(qdash_tasks=hookimpl(lambda: [task]))
    registry = load_plugins(extra={"mine": plugin}, blocked=others)
    assert registry.task("Handed") is task
    assert [record.name for record in registry.plugins if record.status == "ok"] == ["mine"]
    assert load_plugins(extra={"mine": plugin}, installed_too=False).plugins[0].provides == {}


REPLACEABLE = "thing(name='x', validate=nothing, replaceable=True)"


def test_a_validator_takes_the_place_of_a_replaceable_one_of_the_same_name(
    install, load: Callable[..., Registry], records
) -> None:
    hook = "qdash_validators"
    install("first", PLUGIN.format(hook=hook, thing=CLASHES[hook]), distribution="zebra")
    install("second", PLUGIN.format(hook=hook, thing=REPLACEABLE), distribution="aardvark")
    registry = load()
    registry.collect_all()
    assert [records(registry)[name].status for name in ("zebra", "aardvark")] == ["ok", "ok"]
    (used,) = [one for one in registry.validators() if one.name == "x"]
    assert not hasattr(used, "replaceable")


def test_if_a_replacement_is_set_aside_the_replaceable_validator_is_back(
    install, load: Callable[..., Registry]
) -> None:
    hook = "qdash_validators"
    install("first", PLUGIN.format(hook=hook, thing=CLASHES[hook]), distribution="zebra")
    install("second", PLUGIN.format(hook=hook, thing=REPLACEABLE), distribution="aardvark")
    registry = load()
    registry.validators()
    with registry.contain_failures("first"):
        raise ValueError("bug")
    (back,) = [one for one in registry.validators() if one.name == "x"]
    assert hasattr(back, "replaceable")
