"""Runs of the tasks of a plugin on the twin, each once, with true values as inputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from qdash_builtin.plugins.checks.trial import CHIP
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_core.errors import AnalysisError, InvalidInputError, MissingInputError, PluginError
from qdash_core.models.request import GivenInput, RunRequest
from qdash_core.parsing.json_parser import parse_json
from qdash_core.tasks.failures import describe_place
from qdash_core.tasks.inputs import find_input_sources

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from qdash_builtin.plugins.checks.trial import PluginTrial
    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash
    from qdash_core.tasks.base import BaseTask

_True = Mapping[str, Mapping[str, GivenInput]]
"""True values by target and name."""
_TARGETS = {"qubit": "0", "coupling": "0-1", "global": "", "system": ""}
"""Target on the twin by type of task; it has no multiplexers."""
_PLACE = re.compile(r"\(\S+\.py:\d+\)")


def examine_tasks(trial: PluginTrial) -> None:
    """Run each task of the plugin that the twin offers, and tell why the others are not run."""
    names = trial.record.provides.get("qdash_tasks", ())
    if not names or trial.candidate.is_own:
        return
    if not trial.has_twin:
        trial.tell("tasks", "skipped", trial.missing_twin)
        return
    with trial.open_home() as (qdash, access):
        catalogue = qdash.get(RUNS).get_catalogue(access, CHIP)
        tasks = []
        for name in names:
            if (why := catalogue.why_not(name)) is not None:
                trial.tell(f"task {name}", "skipped", f"not run on a twin: {why}")
            elif (kind := catalogue.task(name).task_type) not in _TARGETS:
                trial.tell(f"task {name}", "skipped", f"not run on a twin: it has no target of type {kind}")
            else:
                tasks.append(catalogue.task(name))
        true: _True | None = None
        for task in _put_makers_first(tasks):
            with trial.examine(f"task {task.name}", skipped=(MissingInputError,)):
                if true is None:
                    true = _read_truth(trial, {_TARGETS[task.task_type] for task in tasks})
                _run(trial, qdash, access, task, true)


def _read_truth(trial: PluginTrial, targets: Collection[str]) -> _True:
    """Return the true values of some targets of the twin, and of the qubits of couplings, by target and name."""
    if not any(targets):
        return {}
    couplings = ("--couplings", "0-1") if "0-1" in targets else ()
    told = trial.run("twin", "truth", CHIP, "--qids", "0,1", *couplings, "--json")
    if told.returncode:
        raise PluginError(f"the twin does not tell its truth: {told.stderr.strip()[-500:]}")
    return {
        target: {name: GivenInput(value=one["value"], unit=one["unit"]) for name, one in values.items()}
        for kind in ("qubits", "couplings")
        for target, values in parse_json(told.stdout)[kind].items()
    }


def _run(trial: PluginTrial, qdash: QDash, access: Access, task: type[BaseTask], true: _True) -> None:
    """Run a task in this process, whose threads the watch over the time sees, and draw its figure; raise PluginError if either fails."""
    target = _TARGETS[task.task_type]
    sources = find_input_sources(task, target)
    inputs = {
        name: true[owner][source]
        for name, (owner, source) in sources.items()
        if source in true.get(owner, {})
    }
    request = RunRequest(chip_id=CHIP, flow=task.name, single=target, inputs=inputs, repeat=False)
    execution = qdash.get(RUNS).submissions.submit(access, request).execution
    qdash.get(RUNS).perform(execution.project_id, execution.execution_id, alone=False)
    (*_, last) = qdash.get(EXECUTIONS).select_results(access, execution.execution_id).results
    place = describe_place(task)
    played = ", ".join(name for name, one in last.input_parameters.items() if one.undeclared)
    remark = f"it plays {played}, which it does not declare as inputs: values of the chip are not applied"
    if last.status != "completed":
        told = last.message if _PLACE.search(last.message) else f"{last.message}{place}"
        raise PluginError(f"class {task.__name__}: {told}{f'; {remark}' if played else ''}")
    if played:
        trial.tell(f"task {task.name}", "warning", f"class {task.__name__}: {remark}{place}")
    try:
        qdash.get(RESULTS).figure(access, last.task_id)
    except AnalysisError as error:
        raise PluginError(f"class {task.__name__}: {error}") from error
    except InvalidInputError:
        return  # without raw data nothing is drawn


def _put_makers_first(tasks: Iterable[type[BaseTask]]) -> list[type[BaseTask]]:
    """Return tasks in an order in which most come after those whose outputs they read."""
    made = {name for task in tasks for name in task.output_parameters}
    return sorted(tasks, key=lambda task: len(made & task.input_parameters.keys()))
