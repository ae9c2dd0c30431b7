"""Check for timetables whose digests no notifier can send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.timetables.repository import TimetableRepository
from qdash_core.hooks.announcers import configure_notifiers
from qdash_core.hooks.health_checks import HealthCheck
from qdash_core.models.health_findings import RESTORE, HealthFinding, count_with_examples
from qdash_core.models.project import make_command_options
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.hooks.protocols import Notifier
    from qdash_core.repositories.store import Store
    from qdash_core.settings import Settings

_NAMED = 3
_CONFIGURE = (
    "set QDASH_NOTIFY_WEBHOOK_URL, or QDASH_NOTIFY_MAIL_URL and QDASH_NOTIFY_MAIL_TO, for the workers"
)


def check_digest_timetables(store: Store, notifiers: Iterable[Notifier], settings: Settings) -> HealthFinding:
    """Check whether one of the notifiers of all plugins is configured if a timetable will send a digest."""
    with store.read() as snapshot:
        repositories = Repositories(snapshot)
        planned = [
            timetable.name + make_command_options(project.project_id)
            for project in repositories.of(ProjectRepository).list_all()
            for timetable in repositories.of(TimetableRepository).list_by_project(project.project_id)
            if timetable.digest is not None and timetable.next_at is not None
        ]
    count = count_with_examples(len(planned), planned[:_NAMED], "timetable") if planned else "none"
    if planned and not configure_notifiers(notifiers, settings):
        message = f"{count} will send digests, and no notifier is configured here"
        return HealthFinding("digests", "warning", message, _CONFIGURE)
    return HealthFinding("digests", "ok", f"{count} planned")


CHECK = HealthCheck(
    "digests",
    lambda home: check_digest_timetables(home.store, home.registry.notifiers(), home.settings),
    RESTORE,
    place=40,
)
