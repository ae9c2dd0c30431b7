"""Tasks that hang, raise, return bad results, or end the process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faults.record import examine
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from random import Random

    from faults.laboratory import Laboratory, Place
    from faults.table import Findings
    from qdash_core.models.task import TaskResultModel


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """Misbehaviour of a task of the faulty laboratory on qubit 0, and the expected outcome.

    Attributes
    ----------
    task : str
        The task.
    reason : str
        Text that its message must contain; empty if the task completes nevertheless.
    ends_run : bool
        Whether the process of the run ends, so that the run is resumed.
    """

    task: str
    reason: str
    ends_run: bool = False


HANGS = (
    Misbehaviour("Waits", "longer than"),
    Misbehaviour("Sleeps", "longer than"),
    Misbehaviour("IsDeaf", "longer than", ends_run=True),
)
RETURNS = (
    Misbehaviour("Raises", "the cat is on the keyboard"),
    Misbehaviour("ReturnsNaN", "level"),
    Misbehaviour("Exits", "had enough"),
)
DIES = (Misbehaviour("Dies", "interrupted", ends_run=True),)
MUCH = (Misbehaviour("ReturnsMuch", ""),)

_GRACE_S = "1"


def hang(place: Place, number: int, rng: Random) -> Findings:
    """Run tasks that never end by themselves, beyond their `timeout_s`."""
    return _misbehaving(place, HANGS[number % len(HANGS)])


def fail(place: Place, number: int, rng: Random) -> Findings:
    """Run tasks that raise, return NaN, or call `sys.exit`."""
    return _misbehaving(place, RETURNS[number % len(RETURNS)])


def die(place: Place, number: int, rng: Random) -> Findings:
    """Run a task that ends its process with `os._exit`."""
    return _misbehaving(place, DIES[0])


def return_much(place: Place, number: int, rng: Random) -> Findings:
    """Run a task that returns a gigabyte."""
    return _misbehaving(place, MUCH[0])


def _misbehaving(place: Place, how: Misbehaviour) -> Findings:
    with place.laboratory() as laboratory:
        reason_to = laboratory.home.parent / "misbehave"
        reason_to.touch()
        bad = laboratory.with_settings(FAULTS_MISBEHAVE=str(reason_to), QDASH_CANCEL_GRACE_S=_GRACE_S)
        run = ("calibrate", "rack", "--flow", f"then-{how.task}", "--qids", "0,1")
        with bad.start(*run, watched=True) as command:
            status = command.ended()
            reported, said = command.progress, command.err
        found = examine(laboratory, reported.results)
        found.expect(status == (1 if how.ends_run else 0), f"{how.task}: the run ended with {status}: {said}")
        _judge(found, laboratory, how)
        if how.ends_run:
            reason_to.unlink()
            found.take_in(_resumed(laboratory, str(reported.execution_id), reported.results, how.task))
        return found


def _judge(found: Findings, laboratory: Laboratory, how: Misbehaviour) -> None:
    """Check how the bad task ended, and that everything else continued."""
    kept = {(result.name, result.qid): result for result in _results(laboratory)}
    bad = kept.get((how.task, "0"))
    if bad is None:
        found.other.append(f"{how.task} left no result")
    elif how.reason:
        as_it_should = bad.status is TaskStatus.FAILED and how.reason in bad.message
        found.expect(as_it_should, f"{how.task} is {bad.status}: {bad.message}")
    else:
        found.expect(bad.status is TaskStatus.COMPLETED, f"{how.task} is {bad.status}: {bad.message}")
    if not how.ends_run:
        beside = {key: result.status for key, result in kept.items() if key != (how.task, "0")}
        completed = len(beside) == 3 and set(beside.values()) == {TaskStatus.COMPLETED}
        found.expect(completed, f"beside {how.task}: {beside}")


def _resumed(
    laboratory: Laboratory, execution_id: str, reported: list[dict[str, object]], task: str
) -> Findings:
    with laboratory.start("executions", "resume", execution_id, watched=True) as command:
        status = command.ended()
        found = examine(laboratory, [*reported, *command.progress.results])
        found.acknowledged -= len(reported)  # counted already
        found.expect(status == 0, f"after {task} the resume ended with {status}: {command.err}")
        if (began_at := command.progress.began_at) is not None:
            found.recovery_s.append(began_at - command.started_at)
    last = {(result.name, result.qid): result.status for result in _results(laboratory)}
    completed = len(last) == 4 and set(last.values()) == {TaskStatus.COMPLETED}
    found.expect(completed, f"after {task} and resume: {last}")
    return found


def _results(laboratory: Laboratory) -> list[TaskResultModel]:
    """Return the results of the only execution, in the order of their attempts."""
    _, results = laboratory.only_execution()
    return sorted(results, key=lambda result: result.attempt)
