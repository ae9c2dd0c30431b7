"""Declarations of tasks by which values are judged."""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files

import pytest

from qdash_core import OutputParameter
from qdash_core.hooks.manager import load_plugins
from qdash_core.tasks.value_declarations import FILE, ValueDeclarations

from ..bench import make_registry, make_task


@pytest.mark.parametrize("package", ["qdash_qubex", "qdash_tasks"])
def test_the_declarations_of_own_tasks_are_recorded(package: str) -> None:
    declared = ValueDeclarations.from_tasks(import_module(f"{package}.plugin").qdash_tasks())
    record = files(package).joinpath(FILE)

    assert record.read_text("utf-8") == declared.to_text(), "run `python packages/generate.py`"


def test_the_records_together_say_what_all_tasks_declare() -> None:
    registry = load_plugins()
    declared = registry.value_declarations()

    assert {name: {*members} for name, members in declared.sets.items()} == {
        name: {*members}
        for name, members in ValueDeclarations.from_tasks(registry.tasks().values()).sets.items()
    }
    assert declared.lines == {
        name: one.line for name, one in registry.quantities().items() if one.line is not None
    }


def test_tasks_of_a_plugin_add_their_sets_and_lines() -> None:
    outputs = {"gain": OutputParameter(line="readout"), "offset": OutputParameter()}
    task = make_task("Amplifier", output_parameters=outputs, value_sets={"amplifier": ("gain", "offset")})
    declared = make_registry([task]).value_declarations()

    assert declared.sets["amplifier"] == ("gain", "offset")
    assert declared.lines["gain"] == "readout"
    assert "offset" not in declared.lines
