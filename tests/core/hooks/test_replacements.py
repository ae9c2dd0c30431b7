"""Tasks of third parties that replace a task for any backend: named wherever tasks and plugins are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.feature import LOGS, RUNS
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.pages import PageRequest
from qdash_core.models.request import RunRequest

from ...access import ADMIN
from ..bench import CHIP, make_registry, make_task
from .test_catalogue import CONTEXT

if TYPE_CHECKING:
    from qdash_core import BaseTask
    from qdash_core.hooks.manager import Registry

    from ..conftest import MakeBench

SENTENCE = "Measure of plugin bench replaces that of plugin bench on backend bench"


def make_pair(**of_standard: Any) -> list[type[BaseTask]]:
    return [make_task(**of_standard), make_task(backend="bench")]


def make_catalogue_names(registry: Registry) -> list[str]:
    return [*registry.catalogue(registry.backend("bench"), CONTEXT).replacements]


def test_the_task_of_a_backend_is_named_with_the_one_that_it_replaces() -> None:
    (found,) = make_registry(make_pair()).list_replacements()
    assert (found.called, found.backend, found.by.task, found.of.task) == (
        "Measure",
        "bench",
        *["Measure"] * 2,
    )
    assert found.describe() == SENTENCE


def test_an_alias_of_a_replaced_task_is_named_too() -> None:
    tasks = [make_task("Measure", aliases=("Look",)), make_task("Look", backend="bench")]
    (found,) = make_registry(tasks).list_replacements()
    assert (found.called, found.by.task, found.of.task) == ("Look", "Look", "Measure")


def test_tasks_of_other_names_or_of_two_backends_replace_nothing() -> None:
    tasks = [make_task("Other"), make_task(backend="bench"), make_task(backend="rack")]
    assert make_registry(tasks).list_replacements() == []


def test_replacements_between_the_distributions_of_qdash_are_not_named() -> None:
    pytest.importorskip("qdash_qubex")
    assert load_plugins(extra={}, blocked=()).list_replacements() == []


def test_on_a_chip_only_a_task_counts_that_the_backend_could_run() -> None:
    assert make_catalogue_names(make_registry(make_pair())) == ["Measure"]
    assert make_catalogue_names(make_registry(make_pair(requires=frozenset({"Delay"})))) == []
    own_cannot_run = [make_task(), make_task(backend="bench", requires=frozenset({"Delay"}))]
    assert make_catalogue_names(make_registry(own_cannot_run)) == []


def test_the_log_of_a_run_names_a_replaced_task_once(make_bench: MakeBench) -> None:
    bench = make_bench(*make_pair())
    request = RunRequest(chip_id=CHIP, flow="Measure", targets={"qubits": ["0", "1"]})
    ended = bench.qdash.get(RUNS).run(ADMIN, request)
    parts = bench.qdash.get(LOGS).page(ADMIN, ended.execution_id, PageRequest()).items
    log = "".join(one.text for one in parts)
    assert log.count(SENTENCE) == 1
