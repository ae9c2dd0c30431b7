"""Runs that measure given targets again: the flow or task, the command, and the laboratory time."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.models.target_lists import format_targets
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CHECK = {"qubit": "check", "coupling": "two-qubit"}
"""Flows of the standard tasks for targets of each kind, if no run is known that measured them."""


@dataclass(frozen=True, slots=True)
class RunChoice:
    """Flows and tasks with which targets were measured.

    Parameters
    ----------
    newest : str
        Flow of the newest run of a flow on several targets, or empty if there was none.
    by_execution : mapping of str to str
        Flow or task of each recent execution.
    seconds : mapping of str to float
        Median laboratory time of one target by flow and by task, in seconds, for those that ran.
    """

    newest: str = ""
    by_execution: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    def choose_flow(self, targets: Sequence[str], tasks: Sequence[str] = (), execution_id: str = "") -> str:
        """Return a flow or a task that measures exactly these targets, all qubits or all couplings.

        It is the task if only one failed, or the first failed one of couplings: a flow measures their qubits, too.

        Parameters
        ----------
        targets : sequence of str
            The targets.
        tasks : sequence of str
            Tasks that failed on them, the first one first; empty if unknown.
        execution_id : str
            Execution in which they failed, or empty if unknown.
        """
        of_couplings = "-" in targets[0]
        if len(tasks) == 1 or (tasks and of_couplings):
            return tasks[0]
        known = "" if of_couplings else self.by_execution.get(execution_id) or self.newest
        return known or next(iter(tasks), _CHECK["coupling" if of_couplings else "qubit"])

    def describe_cost(self, flow: str) -> str:
        """Return the least laboratory time of a run as text, or an empty text if it never ran: `at least 52 s`."""
        known = self.seconds.get(flow)
        return "" if known is None or known < 1 else f"at least {format_duration(known, whole=True)}"


def make_run_command(chip_id: str, flow: str, targets: Sequence[str], further: str) -> str:
    """Return the command that runs a flow or a task on exactly these targets, all qubits or all couplings.

    Parameters
    ----------
    chip_id, flow : str
        The chip, and the flow or task.
    targets : sequence of str
        The targets.
    further : str
        Options that name the project and the user, preceded by a space.
    """
    option = "--couplings" if "-" in targets[0] else "--qids"
    named = ",".join(targets) if "-" in targets[0] else format_targets(targets).replace(" ", "")
    return f"qdash calibrate {chip_id} --flow {shlex.quote(flow)} {option} {named}{further}"
