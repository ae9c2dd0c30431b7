"""Calibration tasks as task runs in Prefect, reported by batches of events like those of Prefect's engine."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

from qdash_core.models.progress import notify_observer, notify_repeat, notify_start
from qdash_core.models.task import TaskStatus
from qdash_core.process.clock import utc_now
from qdash_prefect.states import State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from qdash_core.models.progress import Progress
    from qdash_core.models.task import TaskResultModel
    from qdash_prefect.states import Kind

_ENDS: dict[TaskStatus, Kind] = {
    TaskStatus.COMPLETED: "COMPLETED",
    TaskStatus.CANCELLED: "CANCELLED",
    TaskStatus.SKIPPED: "CANCELLED",
}


class TaskRuns:
    """`Progress` that collects the starts and ends of tasks until they are sent (`RunMirror`), and informs `progress`."""

    def __init__(self, flow_run_id: str, progress: Progress) -> None:
        self._flow_run_id, self._progress = flow_run_id, progress
        self._changing = threading.Lock()
        self._new: list[dict[str, Any]] = []
        self._begun: Counter[tuple[str, str]] = Counter()
        self._ended: Counter[tuple[str, str]] = Counter()

    def began(self, execution_id: str) -> None:
        """Forward the call."""
        notify_observer(self._progress.began, execution_id)

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        """Forward the call."""
        notify_observer(self._progress.planned, tasks, groups)

    def started(self, task: str, target: str) -> None:
        """Forward the call, and record the start of a task run."""
        with self._changing:
            self._begun[task, target] += 1
            run = task, target, self._begun[task, target]
            self._new.append(
                self._make_event(run, State("RUNNING"), utc_now(), {"start_time": _format_time(utc_now())})
            )
        notify_start(self._progress, task, target)

    def repeating(self, result: TaskResultModel) -> None:
        """Forward the call, and record the end of the task run: the repeat is another one."""
        self._record_end(result)
        notify_repeat(self._progress, result)

    def finished(self, result: TaskResultModel) -> None:
        """Forward the call, and record the end of a task run."""
        self._record_end(result)
        notify_observer(self._progress.finished, result)

    def _record_end(self, result: TaskResultModel) -> None:
        key = result.name, result.qid
        end = result.end_at or utc_now()
        start = result.start_at or end
        times = {
            "start_time": _format_time(start),
            "end_time": _format_time(end),
            "total_run_time": (end - start).total_seconds(),
        }
        with self._changing:
            self._ended[key] += 1
            self._begun[key] = max(self._begun[key], self._ended[key])
            state = State(_ENDS.get(result.status, "FAILED"), result.message)
            self._new.append(self._make_event((*key, self._ended[key]), state, end, times))

    def take_events(self) -> list[dict[str, Any]]:
        """Return the events since the last call."""
        with self._changing:
            new, self._new = self._new, []
        return new

    def _make_event(
        self, run: tuple[str, str, int], state: State, at: datetime, times: dict[str, Any]
    ) -> dict[str, Any]:
        """Return the event for a new state of a task run: its task, target and number."""
        task, target, number = run
        task_run_id = uuid.uuid5(uuid.UUID(self._flow_run_id), f"{task}/{target}/{number}")
        name = f"{task} {target}".strip() + (f" ({number})" if number > 1 else "")
        described = state.to_document()
        return {
            "id": str(uuid.uuid4()),
            "occurred": _format_time(at),
            "event": f"prefect.task-run.{described['name']}",
            "resource": {
                "prefect.resource.id": f"prefect.task-run.{task_run_id}",
                "prefect.resource.name": name,
                "prefect.state-name": described["name"],
                "prefect.state-type": described["type"],
                "prefect.state-timestamp": _format_time(at),
                "prefect.orchestration": "client",
            },
            "related": [
                {
                    "prefect.resource.id": f"prefect.flow-run.{self._flow_run_id}",
                    "prefect.resource.role": "flow-run",
                }
            ],
            "payload": {
                "intended": {"from": None, "to": described["type"]},
                "initial_state": None,
                "validated_state": described,
                "task_run": {
                    "name": name,
                    "task_key": task,
                    "dynamic_key": f"{target}/{number}",
                    "run_count": 1,
                    **times,
                },
            },
        }


def _format_time(moment: datetime) -> str:
    return moment.isoformat()
