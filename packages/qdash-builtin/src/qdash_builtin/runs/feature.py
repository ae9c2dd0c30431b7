"""Feature of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, FeaturePage, NameList, RecordKind, Service
from qdash_core.runs.provided_runs import PROVIDED_RUNS

if TYPE_CHECKING:
    from qdash_builtin.runs.lock_release import LockReleaseService
    from qdash_builtin.runs.log_pages import LogService
    from qdash_builtin.runs.queries import ExecutionService
    from qdash_builtin.runs.queue_service import QueueService
    from qdash_builtin.runs.service import RunService
    from qdash_core.record.events import EventService

EXECUTIONS: Service[ExecutionService] = Service("qdash_builtin.runs.composition:open_executions")
EVENTS: Service[EventService] = Service("qdash_builtin.runs.composition:open_events")
QUEUE: Service[QueueService] = Service("qdash_builtin.runs.composition:open_queue")
LOCK_RELEASE: Service[LockReleaseService] = Service("qdash_builtin.runs.composition:open_lock_release")
LOGS: Service[LogService] = Service("qdash_builtin.runs.composition:open_logs")
RUNS: Service[RunService] = Service("qdash_builtin.runs.composition:open_runs")

FEATURE = Feature(
    "runs",
    requires=("chips",),
    services=(
        EXECUTIONS,
        EVENTS,
        QUEUE,
        LOCK_RELEASE,
        LOGS,
        RUNS,
    ),
    provides={PROVIDED_RUNS: "qdash_builtin.runs.composition:get_runs"},
    names={
        "execution": NameList(
            "qdash_builtin.runs.operations.executions:list_executions",
            "execution_id",
            "name",
            parameters=(
                "execution_id",
                "execution_ids",
            ),
        ),
        "task": NameList("qdash_builtin.runs.operations.tasks:list_tasks", "name", parameters=("tasks",)),
    },
    searches=(
        "qdash_builtin.runs.search:find_commands",
        "qdash_builtin.runs.search:find_executions",
        "qdash_builtin.runs.search:find_queue",
        "qdash_builtin.runs.search:find_tasks",
    ),
    operations=(
        "qdash_builtin.runs.operations.plans:operations",
        "qdash_builtin.runs.operations.queue:operations",
        "qdash_builtin.runs.operations.executions:operations",
        "qdash_builtin.runs.operations.logs:operations",
        "qdash_builtin.runs.operations.tasks:operations",
        "qdash_builtin.runs.operations.locks:operations",
        "qdash_builtin.runs.operations.workers:operations",
        "qdash_builtin.runs.operations.events:operations",
        "qdash_builtin.runs.operations.settings:operations",
    ),
    commands={
        "calibrate": "qdash_builtin.runs.commands.calibrate:calibrate",
        "task": "qdash_builtin.runs.commands.tasks:task",
        "executions": "qdash_builtin.runs.commands.executions:executions",
        "queue": "qdash_builtin.runs.commands.queue:queue",
        "worker": "qdash_builtin.runs.commands.worker:worker",
        "lock": "qdash_builtin.runs.commands.lock:lock",
        "event": "qdash_builtin.runs.commands.events:event",
    },
    pages=(
        FeaturePage(
            "Executions",
            ":material/list:",
            "Executions",
            "executions",
            "qdash_builtin.runs.pages.executions:render",
            place=10,
        ),
        FeaturePage(
            "Execution",
            ":material/play_circle:",
            "Executions",
            "execution",
            "qdash_builtin.runs.pages.execution:render",
            hidden=True,
            place=20,
        ),
        FeaturePage(
            "Events",
            ":material/bolt:",
            "Executions",
            "events",
            "qdash_builtin.runs.pages.events:render",
            place=40,
        ),
        FeaturePage(
            "Run", ":material/play_arrow:", "Run", "run", "qdash_builtin.runs.pages.run:render", place=10
        ),
        FeaturePage(
            "Tasks",
            ":material/menu_book:",
            "Run",
            "tasks",
            "qdash_builtin.runs.pages.tasks:render",
            place=30,
        ),
        FeaturePage(
            "Instrument locks",
            ":material/lock:",
            "Settings",
            "locks",
            "qdash_builtin.runs.pages.locks:render",
            place=60,
        ),
    ),
    records=(
        RecordKind(
            "execution",
            "qdash_builtin.runs.composition:find_cited_execution",
            address="execution?execution={id}",
            route="executions/{id}",
            fields=("execution_id",),
        ),
        RecordKind(
            "task",
            "qdash_builtin.runs.composition:find_cited_task",
            address="tasks?task={id}",
            route="tasks/{id}",
        ),
    ),
    checks=("qdash_builtin.runs.unattended_runs:CHECK",),
    gauges=("qdash_builtin.runs.gauges:read_gauges",),
)
