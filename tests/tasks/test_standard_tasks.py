"""Properties of all standard tasks."""

from __future__ import annotations

import subprocess
import sys

import pytest

from qdash_builtin.metrics.definition_file import load_builtin
from qdash_core.hooks.manager import load_plugins
from qdash_tasks import plugin
from qdash_tasks.tasks import COUPLING_TASKS, QUBIT_TASKS, TASKS, CheckFineChevron


def test_the_plugin_gives_every_one() -> None:
    registry = load_plugins(installed_too=False, extra={"tasks": plugin})
    assert set(registry.tasks().values()) == set(TASKS)


def test_every_one_is_on_a_qubit_or_on_a_coupling() -> None:
    assert {*QUBIT_TASKS, *COUPLING_TASKS} == set(TASKS)
    assert {task.task_type for task in QUBIT_TASKS} == {"qubit"}
    assert {task.task_type for task in COUPLING_TASKS} == {"coupling"}


def test_every_output_has_a_title_and_its_unit() -> None:
    for task in TASKS:
        for name, output in task.output_parameters.items():
            metric = (
                load_builtin().get_metrics("coupling" if task.task_type == "coupling" else "qubit").get(name)
            )
            assert metric is not None, f"{task.name} gives {name}"
            assert metric.scale != 1 or metric.unit == output.unit, name


def test_the_fine_chevron_has_its_old_name() -> None:
    assert tuple(CheckFineChevron.aliases) == ("ChevronPattern",)


@pytest.mark.slow
def test_to_import_them_reads_no_optimiser() -> None:
    script = "import sys, qdash_tasks.tasks; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "scipy" not in done.stdout.split()
