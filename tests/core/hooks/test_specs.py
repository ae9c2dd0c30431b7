"""Hooks: each is in the contract, documented at its definition, with a working example."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from textwrap import dedent
from types import ModuleType
from typing import Any

import click
import pytest

from qdash_core.hooks import specs
from qdash_core.hooks.manager import HOOKS, load_plugins
from qdash_core.hooks.registration import PARTICIPATION_HOOKS

# The table of section 2 of the contracts: a hook is added there first, and none goes away within a major.
CONTRACT = {
    "qdash_backends": "()",
    "qdash_tasks": "()",
    "qdash_requests": "()",
    "qdash_schedulers": "()",
    "qdash_repositories": "()",
    "qdash_storages": "()",
    "qdash_runners": "()",
    "qdash_validators": "()",
    "qdash_flows": "()",
    "qdash_notifiers": "()",
    "qdash_pictures": "()",
    "qdash_assistants": "()",
    "qdash_features": "()",
    "qdash_operations": "()",
    "qdash_api_routers": "()",
    "qdash_dashboard_pages": "()",
    "qdash_dashboard_sections": "()",
    "qdash_entities": "()",
    "qdash_formats": "()",
    "qdash_cli": "(app)",
    "qdash_run_planned": "(plan)",
    "qdash_before_task": "(result)",
    "qdash_after_task": "(result)",
    "qdash_value_changed": "(event)",
    "qdash_authentication": "(attempt)",
}

# Contributions of each hook's example, as `qdash plugins list` shows them.
EXAMPLES = {
    "qdash_backends": ["bench"],
    "qdash_tasks": ["CheckLevel"],
    "qdash_requests": ["Rest"],
    "qdash_schedulers": ["one-by-one"],
    "qdash_repositories": ["postgresql"],
    "qdash_storages": ["s3"],
    "qdash_runners": ["nice"],
    "qdash_validators": ["no-long-lives"],
    "qdash_flows": ["coherence"],
    "qdash_notifiers": ["chat"],
    "qdash_pictures": ["bars"],
    "qdash_assistants": ["reader"],
    "qdash_features": ["cold-heads"],
    "qdash_operations": ["example_show_fridge"],
    "qdash_api_routers": ["/plugins/example"],
    "qdash_dashboard_pages": ["Fridge"],
    "qdash_dashboard_sections": ["Samples (qubit)"],
    "qdash_entities": ["helium-delivery"],
    "qdash_formats": ["t1-table"],
    "qdash_cli": ["fridge"],
    **{hook: ["example"] for hook in PARTICIPATION_HOOKS},
}


def test_the_hooks_are_those_of_the_contract() -> None:
    signatures = {
        hook: re.sub(r":[^,)]*", "", str(inspect.signature(getattr(specs, hook))).split(" ->")[0])
        for hook in HOOKS
    }
    assert signatures == CONTRACT


def test_every_specified_function_is_a_hook() -> None:
    assert sorted(HOOKS) == sorted(
        name for name, thing in vars(specs).items() if hasattr(thing, "qdash_spec")
    )


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_says_when_it_is_called_what_it_returns_and_is_typed(hook: str) -> None:
    specification = getattr(specs, hook)
    documentation = inspect.getdoc(specification) or ""
    assert "\nCalled w" in documentation
    if hook == "qdash_cli":
        assert "Parameters\n----------\napp : click.Group" in documentation
        assert specification.__annotations__ == {"app": "click.Group", "return": "None"}
    elif hook in PARTICIPATION_HOOKS:
        (argument,) = inspect.signature(specification).parameters
        kind = specification.__annotations__[argument]
        assert f"Parameters\n----------\n{argument} : {kind}" in documentation
        assert specification.__annotations__["return"] in ("None", "str | None")
    else:
        assert "Returns\n-------\nlist of " in documentation
        assert specification.__annotations__["return"].startswith("list[")


@pytest.mark.parametrize("hook", HOOKS)
def test_the_example_of_a_hook_is_a_plugin_that_works(hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fastapi: Any = ModuleType("fastapi")
    fastapi.APIRouter, fastapi.Request = _Router, object
    monkeypatch.setitem(sys.modules, "fastapi", fastapi)
    plugin = ModuleType("example")
    _, _, example = (inspect.getdoc(getattr(specs, hook)) or "").partition("Example\n-------\n::\n")
    code = compile(
        dedent(example), "example", "exec", dont_inherit=True
    )  # annotations of the example are not text
    exec(code, vars(plugin))  # the example is the subject of the test

    registry = load_plugins(extra={"example": plugin}, installed_too=False, blocked=())
    registry.collect_all()
    registry.add_commands(click.Group())

    (record,) = registry.plugins
    assert record.error is None
    assert record.provides == {hook: EXAMPLES[hook]}


def test_the_example_of_an_operation_has_at_most_twelve_lines() -> None:
    _, _, example = (inspect.getdoc(specs.qdash_operations) or "").partition("Example\n-------\n::\n")
    assert len([line for line in example.splitlines() if line.strip()]) <= 12


class _Router:
    """Stand-in for FastAPI's router, which the core does not depend on."""

    def __init__(self) -> None:
        self.routes: list[object] = []

    def get(self, path: str) -> Any:
        return lambda route: self.routes.append(route) or route

    put = get


def test_loading_plugins_imports_nothing_heavy() -> None:
    code = """
import sys
from qdash_core.hooks.manager import load_plugins
registry = load_plugins(installed_too=False)
registry.collect_all()
heavy = {"numpy", "pydantic", "click", "yaml", "rich", "scipy"} & set(sys.modules)
assert not heavy, heavy
"""
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
