"""Feature of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features import Feature, FeaturePage, NameList, RecordKind, Service

if TYPE_CHECKING:
    from qdash_core.record.events import EventService
    from qdash_core.record.lock_release import LockReleaseService
    from qdash_core.record.queries import ExecutionService
    from qdash_core.runs.log_pages import LogService
    from qdash_core.runs.queue_service import QueueService
    from qdash_core.runs.service import RunService

EXECUTIONS: Service[ExecutionService] = Service("qdash_core.services.runs:open_executions")
EVENTS: Service[EventService] = Service("qdash_core.services.runs:open_events")
QUEUE: Service[QueueService] = Service("qdash_core.services.runs:open_queue")
LOCK_RELEASE: Service[LockReleaseService] = Service("qdash_core.services.runs:open_lock_release")
LOGS: Service[LogService] = Service("qdash_core.services.runs:open_logs")
RUNS: Service[RunService] = Service("qdash_core.services.runs:open_runs")

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
    proposals=("qdash_core.services.runs:make_measurement_action",),
    names={
        "execution": NameList(
            "qdash_core.resources.executions:list_executions",
            "execution_id",
            "name",
            parameters=(
                "execution_id",
                "execution_ids",
            ),
        ),
        "task": NameList("qdash_core.resources.tasks:list_tasks", "name", parameters=("tasks",)),
    },
    operations=(
        "qdash_core.resources.plans:operations",
        "qdash_core.resources.queue:operations",
        "qdash_core.resources.executions:operations",
        "qdash_core.resources.logs:operations",
        "qdash_core.resources.tasks:operations",
        "qdash_core.resources.locks:operations",
        "qdash_core.resources.workers:operations",
        "qdash_core.resources.events:operations",
    ),
    commands={
        "calibrate": "qdash_core.cli.calibrate:calibrate",
        "task": "qdash_core.cli.tasks:task",
        "executions": "qdash_core.cli.executions:executions",
        "queue": "qdash_core.cli.queue:queue",
        "worker": "qdash_core.cli.worker:worker",
        "lock": "qdash_core.cli.lock:lock",
        "event": "qdash_core.cli.events:event",
    },
    pages=(
        FeaturePage(
            "Executions",
            ":material/list:",
            "Now",
            "executions",
            "qdash_ui_streamlit.pages.executions:render",
            place=20,
        ),
        FeaturePage(
            "Execution",
            ":material/play_circle:",
            "Now",
            "execution",
            "qdash_ui_streamlit.pages.execution:render",
            hidden=True,
            place=30,
        ),
        FeaturePage(
            "Events", ":material/bolt:", "Now", "events", "qdash_ui_streamlit.pages.events:render", place=50
        ),
        FeaturePage(
            "Tasks",
            ":material/menu_book:",
            "Library",
            "tasks",
            "qdash_ui_streamlit.pages.tasks:render",
            place=10,
        ),
        FeaturePage(
            "Instrument locks",
            ":material/lock:",
            "Laboratory",
            "locks",
            "qdash_ui_streamlit.pages.locks:render",
            place=60,
        ),
    ),
    records=(
        RecordKind(
            "execution",
            "qdash_core.services.runs:find_cited_execution",
            address="execution?execution={id}",
            route="executions/{id}",
            fields=("execution_id",),
        ),
        RecordKind(
            "task", "qdash_core.services.runs:find_cited_task", address="tasks?task={id}", route="tasks/{id}"
        ),
    ),
    checks=("qdash_core.health.unattended_runs:CHECK",),
)
