"""Timetables as schedules of Prefect, which shows and wakes them. What a moment means is for the timetable alone to say.

A schedule makes flow runs of its flow's deployment, which `asked` knows by their parameter: whoever gets one looks at the
timetables. It is changed where it is, and goes with its timetable.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from qdash_core.errors import QDashError
from qdash_core.models.timetable import Cron, Interval, Moment
from qdash_core.repositories.repositories import Repositories
from qdash_prefect.client import PrefectAwayError
from qdash_prefect.deployments import OF_PLUGINS, PERFORM, PERFORMING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from qdash_core.models.timetable import TimetableModel
    from qdash_core.runtime import Runtime
    from qdash_prefect.client import Document, PrefectClient

logger = logging.getLogger(__name__)

TIMETABLE = "timetable"
"""Parameter of the flow runs that a timetable's schedule makes: its name."""
_AS_OF = "as_of"
"""Parameter with what changes whenever the schedule has to."""


@dataclass(frozen=True, slots=True)
class _Schedule:
    """A schedule, and of which deployment."""

    deployment_id: str
    row: Document

    @property
    def path(self) -> str:
        return f"/deployments/{self.deployment_id}/schedules/{self.row['id']}"


def agree(client: PrefectClient, deployments: Mapping[tuple[str, str], Document], runtime: Runtime) -> None:
    """See to it that every timetable has its schedule. What has not changed is not written.

    Parameters
    ----------
    deployments : mapping
        What `deployments.register` returns.

    Raises
    ------
    PrefectAwayError
        If the server does not answer.
    QDashError
        If the store is away.
    """
    there = dict(_those_there(deployments.values()))
    for timetable in _timetables(runtime):
        found = there.pop((timetable.project_id, timetable.name), None)
        deployment = _deployment_of(deployments, timetable)
        if found is not None and found.deployment_id != deployment["id"]:
            client.delete(found.path)  # it starts another flow from now on
            found = None
        _write(client, deployment["id"], found, [*_wanted(timetable)])
    for gone in there.values():
        client.delete(gone.path)


def _write(
    client: PrefectClient, deployment_id: str, found: _Schedule | None, possible: list[Document]
) -> None:
    """Write the first of possible schedules that the server takes, unless it has one of them."""
    if found is not None and found.row["parameters"].get(_AS_OF) in [
        one["parameters"][_AS_OF] for one in possible
    ]:
        return
    for wanted in possible:
        try:
            if found is None:
                client.post(f"/deployments/{deployment_id}/schedules", [wanted])
            else:
                client.patch(found.path, wanted)
        except PrefectAwayError:
            raise
        except QDashError as error:
            logger.warning("timetable %s: %s", wanted["parameters"][TIMETABLE], error)
        else:
            return


def _those_there(deployments: Any) -> Iterator[tuple[tuple[str, str], _Schedule]]:
    for deployment in deployments:
        for row in deployment["schedules"]:
            if TIMETABLE in row["parameters"]:
                named = row["parameters"]["project_id"], row["parameters"][TIMETABLE]
                yield named, _Schedule(deployment["id"], row)


def _timetables(runtime: Runtime) -> list[TimetableModel]:
    with runtime.store.read() as snapshot:
        repositories = Repositories(snapshot)
        projects = repositories.projects.everything()
        return [one for each in projects for one in repositories.timetables.of_project(each.project_id)]


def _deployment_of(deployments: Mapping[tuple[str, str], Document], timetable: TimetableModel) -> Document:
    """Return the deployment of the flow that a timetable starts; that of a task or a file is the one that performs."""
    flow = timetable.request.flow
    for name in (timetable.project_id, OF_PLUGINS):
        if (flow, name) in deployments:
            return deployments[flow, name]
    return deployments[PERFORM, PERFORMING]


def _wanted(timetable: TimetableModel) -> Iterator[Document]:
    """Yield the schedule of a timetable, and one of its next moment alone for a server that has no such calendar."""
    active = timetable.next_at is not None
    calendars = [_calendar(timetable)]
    if timetable.next_at is not None:
        calendars.append(_once(timetable.next_at))
    for calendar in calendars:
        digest = sha256(json.dumps([calendar, active], sort_keys=True).encode()).hexdigest()[:12]
        parameters = {TIMETABLE: timetable.name, "project_id": timetable.project_id, _AS_OF: digest}
        yield {"active": active, "schedule": calendar, "parameters": parameters}


def _calendar(timetable: TimetableModel) -> Document:
    match timetable.when:
        case Cron(expression=expression):
            return {"cron": expression, "timezone": timetable.timezone}
        case Interval(every_s=every_s, anchor=anchor):
            begins = anchor or timetable.created_at
            return {"interval": every_s, "anchor_date": begins.isoformat(), "timezone": "UTC"}
        case Moment(at=at):
            return _once(at)


def _once(at: datetime) -> Document:
    return {"rrule": f"DTSTART:{at:%Y%m%dT%H%M%SZ}\nRRULE:FREQ=DAILY;COUNT=1", "timezone": "UTC"}
