"""Invalid schedules and errors of a plugin's strategy name the plugin and the fault."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import PluginError, hookimpl
from qdash_core.hooks.manager import load_plugins
from qdash_core.scheduling.colouring import Colouring
from qdash_core.scheduling.conflicts import Conflicts

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.scheduling.colouring import Scheduler

CONFLICTS = Conflicts({"0": frozenset({"ZZ 0-1"}), "1": frozenset({"ZZ 0-1"}), "2": frozenset()}, 2)


def find_strategy(colour: Callable[..., object]) -> Scheduler:
    class Plugin:
        @hookimpl
        def qdash_schedulers(self) -> list[Any]:
            return [SimpleNamespace(name="odd", kind="qubit", colour=colour)]

    return load_plugins(extra={"odd-plugin": Plugin()}).scheduler("qubit", "odd")


def make_colouring(*groups: tuple[Any, ...], **more: Any) -> Colouring:
    return Colouring(groups, more.pop("lower_bound", 1), "", "odd", **more)


def test_a_valid_schedule_is_returned_unchanged() -> None:
    valid = make_colouring(("0", "2"), ("1",), barriers=frozenset({1}))
    assert find_strategy(lambda *_: valid).colour(CONFLICTS) is valid


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: make_colouring(("0", "2")), "1 is in no group"),
        (lambda: make_colouring(("0", "2"), ("1", "2")), "2 is in 2 groups"),
        (lambda: make_colouring(("0", "2"), ("1", "7")), "'7' is not among the targets"),
        (lambda: make_colouring(("0",), (1, "2")), "1 is not among the targets"),
        (lambda: make_colouring(("0", "1"), ("2",)), "0 and 1 are in one group, and both need ZZ 0-1"),
        (lambda: make_colouring(("0", "2"), (), ("1",)), "group 2 of 3 is empty"),
        (
            lambda: make_colouring(("0", "2"), ("1",), exclusions={"7": frozenset({"x"})}),
            "'7' is not among the targets",
        ),
        (
            lambda: make_colouring(("0", "2"), ("1",), exclusions=dict.fromkeys("02", frozenset({"x"}))),
            "0 and 2 are in one group, and both need x",
        ),
        (lambda: make_colouring(("0", "2"), ("1",), lower_bound=3), "the lower bound is 3"),
        (lambda: make_colouring(("0", "2"), ("1",), barriers=frozenset({2})), "barrier before group 2 of 2"),
        (lambda: None, "it is a NoneType, not a Colouring"),
        (lambda: CONFLICTS.resources["7"], "raised KeyError: '7'"),
        (lambda: exit("gone"), "raised SystemExit: gone"),
    ],
)
def test_an_invalid_schedule_names_the_plugin_and_the_fault(make: Callable[[], object], fault: str) -> None:
    strategy = find_strategy(lambda *_: make())
    with pytest.raises(PluginError) as caught:
        strategy.colour(CONFLICTS)
    assert "the strategy 'odd' of the plugin 'odd-plugin' of the calling program" in str(caught.value)
    assert fault in str(caught.value)


def test_a_group_above_the_limit_is_refused() -> None:
    free = Conflicts(dict.fromkeys("012", frozenset()), 2)
    with pytest.raises(PluginError, match="group 1 has 3 targets, and at most 2"):
        find_strategy(lambda *_: make_colouring(("0", "1", "2"))).colour(free)
