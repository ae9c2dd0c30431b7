"""Runs that measure given parameters of given targets: the flow or task, the command, and the laboratory time."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.models.target_lists import format_targets
from qdash_core.models.targets import get_target_kind
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.hooks.flows import FlowTemplate
    from qdash_core.models.targets import TargetKind
    from qdash_core.tasks.base import BaseTask

_UNKNOWN_S = 1.0


@dataclass(frozen=True, slots=True)
class MeasuringRun:
    """Flow or task that measures qubits or couplings.

    Parameters
    ----------
    measured, inputs : frozenset of str
        Parameters that it measures, and parameters of the chip that it reads.
    seconds : float
        Declared laboratory time of one target, in seconds.
    is_usual : bool
        Whether it is a flow, or a task of one.
    """

    name: str
    kind: TargetKind
    measured: frozenset[str]
    inputs: frozenset[str]
    seconds: float
    is_usual: bool


def list_measuring_runs(catalogue: Catalogue, flows: Mapping[str, FlowTemplate]) -> list[MeasuringRun]:
    """Return the installed flows and tasks that measure qubits or couplings of a chip. A flow that measures both is left out."""
    found: list[MeasuringRun] = []
    usual: set[str] = set()
    for name, flow in flows.items():
        named = [task for step in flow.steps for task in step.tasks or ()]
        tasks = [catalogue.task(one) for one in named if catalogue.has(one)]
        usual.update(one.name for one in tasks)
        found += _make_runs(name, tasks, is_usual=True)
    for name, task in catalogue.offered.items():
        found += _make_runs(name, [task], is_usual=name in usual)
    return found


def _make_runs(name: str, tasks: Sequence[type[BaseTask]], *, is_usual: bool) -> Iterator[MeasuringRun]:
    kinds = {one.task_type for one in tasks}
    for kind in ("qubit", "coupling"):
        if kinds == {kind}:
            read = {
                declared.source or name for one in tasks for name, declared in one.input_parameters.items()
            }
            measured = frozenset(parameter for one in tasks for parameter in one.output_parameters)
            seconds = sum(_UNKNOWN_S if one.expected_s is None else one.expected_s for one in tasks)
            yield MeasuringRun(name, kind, measured, frozenset(read), seconds, is_usual)


@dataclass(frozen=True, slots=True)
class RunChoice:
    """Selector of the flow or task that measures the subject of an action.

    `estimate_s` returns the laboratory time of the dry run of a flow or task on targets in seconds, or None if there is none.
    """

    runs: Sequence[MeasuringRun] = ()
    estimate_s: Callable[[str, Sequence[str]], float | None] = lambda _flow, _targets: None

    def choose(self, target: str, parameters: Collection[str], known: Collection[str] = ()) -> str:
        """Return the cheapest flow or task that measures all these parameters of a target.

        A task that measured them before (`known`) comes first, since another one may be less exact; then flows and their tasks; then other
        tasks. If nothing measures all of them, the run that measures most of them is chosen; if nothing measures any, the returned text is empty.
        """
        wanted, kind = {*parameters}, get_target_kind(target)
        useful = [one for one in self.runs if one.kind == kind and wanted & one.measured]
        best = min(
            useful,
            key=lambda one: (
                -len(wanted & one.measured),
                one.name not in known,
                not one.is_usual,
                one.seconds,
            ),
            default=None,
        )
        return "" if best is None else best.name

    def choose_for_tasks(self, target: str, tasks: Sequence[str]) -> str:
        """Return a flow or task that measures a target again on which these tasks failed, the first one first.

        Of couplings it is the first task: a flow measures their qubits, too.
        """
        measured = {name for one in self.runs if one.name in tasks for name in one.measured}
        if len(tasks) == 1 or "-" in target:
            return tasks[0]
        return self.choose(target, measured, tasks) or tasks[0]

    def can_run(self, name: str, target: str) -> bool:
        """Return whether an installed flow or task of this name measures targets of the kind of a target."""
        kind = get_target_kind(target)
        return any(one.name == name and one.kind == kind for one in self.runs)

    def list_inputs(self, task: str) -> frozenset[str]:
        """Return the parameters of the chip that a task reads; none if it is not installed."""
        return next((one.inputs for one in self.runs if one.name == task), frozenset())

    def describe_cost(self, flow: str, targets: Sequence[str]) -> str:
        """Return the laboratory time of a run on targets as its dry run tells it, or an empty text if it is unknown."""
        seconds = self.estimate_s(flow, targets)
        return "" if seconds is None else format_duration(seconds)


def make_run_command(chip_id: str, flow: str, targets: Sequence[str], further: str) -> str:
    """Return the command that runs a flow or a task on exactly these targets, all qubits or all couplings.

    `further` has the options that name the project and the user, preceded by a space.
    """
    option = "--couplings" if "-" in targets[0] else "--qids"
    named = ",".join(targets) if "-" in targets[0] else format_targets(targets).replace(" ", "")
    return f"qdash calibrate {chip_id} --flow {shlex.quote(flow)} {option} {named}{further}"
