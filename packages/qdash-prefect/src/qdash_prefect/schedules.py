"""Prefect schedules of timetables. Prefect triggers them; the timetable decides which runs are due.

A schedule creates flow runs of its flow's deployment, recognized by their parameter: the worker that receives one
starts the due runs. A schedule is updated in place, and deleted with its timetable.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from qdash_core.errors import NotFoundError, QDashError
from qdash_core.runs.run_schedules import load_run_schedules
from qdash_prefect.client import PrefectUnavailableError
from qdash_prefect.startable_flows import PERFORM, PERFORM_DEPLOYMENT, PLUGIN_DEPLOYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from qdash_core.runs.run_schedules import RunSchedule
    from qdash_core.runtime.runtime import Runtime
    from qdash_prefect.client import Document, PrefectClient
    from qdash_prefect.deployments import RegisteredDeployments

logger = logging.getLogger(__name__)

TIMETABLE = "qdash_timetable"
"""Parameter of the flow runs of a timetable's schedule: its name. No other parameter name is reserved."""
_PROJECT = "project_id"
_AS_OF = "as_of"
"""Parameter with a digest of the schedule."""


@dataclass(frozen=True, slots=True)
class _Schedule:
    deployment_id: str
    row: Document

    @property
    def path(self) -> str:
        return f"/deployments/{self.deployment_id}/schedules/{self.row['id']}"


def reconcile_schedules(client: PrefectClient, registered: RegisteredDeployments, runtime: Runtime) -> None:
    """Ensure that every timetable has exactly one schedule; unchanged schedules are not written.

    A schedule that Prefect refuses does not prevent the others.

    Raises PrefectUnavailableError if the server does not answer, QDashError if the store is unavailable.
    """
    schedules = _list_schedules([*registered.available.values(), *registered.deleted])
    for timetable in [one for each in load_run_schedules(runtime) for one in each.list_all(runtime)]:
        deployment = _find_deployment(registered.available, timetable)
        here, others = _split(schedules.pop((timetable.project_id, timetable.name), []), deployment["id"])
        for other in others:  # left over from another flow, or just created by another worker
            _remove(client, other)
        _write(client, deployment["id"], here, [*_make_schedules(timetable)])
    for gone in [one for of_one in schedules.values() for one in of_one]:
        _remove(client, gone)


def is_of_timetable(parameters: Mapping[str, Any]) -> bool:
    """Return whether parameters are those of a timetable's schedule."""
    return {TIMETABLE, _PROJECT, _AS_OF} <= parameters.keys()


def _split(schedules: list[_Schedule], deployment_id: str) -> tuple[_Schedule | None, list[_Schedule]]:
    """Return the schedule of a timetable to keep, the same for every worker, and the others to remove."""
    here = [one for one in schedules if one.deployment_id == deployment_id]
    kept = min(here, key=lambda one: str(one.row["id"]), default=None)
    return kept, [one for one in schedules if one is not kept]


def _remove(client: PrefectClient, schedule: _Schedule) -> None:
    try:
        client.delete(schedule.path)
    except PrefectUnavailableError:
        raise
    except NotFoundError:  # another worker was faster
        return
    except QDashError as error:
        logger.warning(
            "cannot remove the Prefect schedule of timetable %s: %s",
            schedule.row["parameters"][TIMETABLE],
            error,
        )


def _write(
    client: PrefectClient, deployment_id: str, found: _Schedule | None, possible: list[Document]
) -> None:
    """Write the first schedule that the server accepts, unless one of them already exists."""
    if found is not None and found.row["parameters"].get(_AS_OF) in [
        one["parameters"][_AS_OF] for one in possible
    ]:
        return
    refused: QDashError | None = None
    for wanted in possible:
        try:
            if found is None:
                client.post(f"/deployments/{deployment_id}/schedules", [wanted])
            else:
                client.patch(found.path, wanted)
        except PrefectUnavailableError as error:
            client.get("/health")  # raises unless only this schedule is the reason
            refused = error
        except QDashError as error:  # usually an unsupported calendar
            refused = error
        else:
            return
    logger.warning(
        "timetable %s has no schedule in Prefect, but its runs start anyway: %s",
        possible[0]["parameters"][TIMETABLE],
        refused,
    )


def _list_schedules(deployments: Sequence[Document]) -> dict[tuple[str, str], list[_Schedule]]:
    """Return the existing schedules of timetables, by project and name."""
    schedules: dict[tuple[str, str], list[_Schedule]] = {}
    for deployment in deployments:
        for row in deployment["schedules"]:
            if is_of_timetable(row["parameters"]):
                named = row["parameters"][_PROJECT], row["parameters"][TIMETABLE]
                schedules.setdefault(named, []).append(_Schedule(deployment["id"], row))
    return schedules


def _find_deployment(deployments: Mapping[tuple[str, str], Document], timetable: RunSchedule) -> Document:
    """Return the deployment of a timetable's flow, or that which performs executions for anything else."""
    for name in (timetable.project_id, PLUGIN_DEPLOYMENT):
        if (timetable.flow, name) in deployments:
            return deployments[timetable.flow, name]
    return deployments[PERFORM, PERFORM_DEPLOYMENT]


def _make_schedules(timetable: RunSchedule) -> Iterator[Document]:
    """Yield the schedules of a timetable: the complete one, then one of its next occurrence in case of a refusal."""
    active = timetable.next_at is not None
    calendars = [_make_calendar(timetable)]
    if timetable.next_at is not None:
        calendars.append(_make_single_occurrence(timetable.next_at))
    for calendar in calendars:
        digest = sha256(json.dumps([calendar, active], sort_keys=True).encode()).hexdigest()[:12]
        parameters = {TIMETABLE: timetable.name, _PROJECT: timetable.project_id, _AS_OF: digest}
        yield {"active": active, "schedule": calendar, "parameters": parameters}


def _make_calendar(timetable: RunSchedule) -> Document:
    if timetable.cron:
        return {"cron": timetable.cron, "timezone": timetable.timezone}
    assert timetable.begins_at is not None
    if timetable.every_s is None:
        return _make_single_occurrence(timetable.begins_at)
    begins = timetable.begins_at.isoformat()
    return {"interval": timetable.every_s, "anchor_date": begins, "timezone": "UTC"}


def _make_single_occurrence(at: datetime) -> Document:
    return {"rrule": f"DTSTART:{at:%Y%m%dT%H%M%SZ}\nRRULE:FREQ=DAILY;COUNT=1", "timezone": "UTC"}
