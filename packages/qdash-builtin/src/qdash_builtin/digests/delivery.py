"""Delivery of digests as messages, by the configured notifiers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.digests.formats import write_digest
from qdash_builtin.digests.sections import make_title
from qdash_core.errors import InvalidInputError
from qdash_core.hooks.notice import Notice, make_one_line
from qdash_core.hooks.outbox import Outbox
from qdash_core.models.execution import EventModel
from qdash_core.models.project import ProjectRole, make_command_options
from qdash_core.models.simulated_time import mark_simulated_time
from qdash_core.models.times import format_time
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.digests.digest import Digest
    from qdash_builtin.digests.service import DigestService
    from qdash_core.hooks.protocols import Notifier
    from qdash_core.models.access import Access
    from qdash_core.repositories.store import Store

SEND_LIMIT_S = 45.0
"""Maximum time for all notifiers together: three attempts of a built-in one, each with its own time limit."""
NO_NOTIFIER = (
    "no notifier is configured, so the digest cannot be sent: set QDASH_NOTIFY_WEBHOOK_URL for Slack and similar services, or "
    "QDASH_NOTIFY_MAIL_URL and QDASH_NOTIFY_MAIL_TO for e-mail"
)


@dataclass(frozen=True, slots=True)
class SentDigest:
    """Digest with the outcome of each notifier.

    Parameters
    ----------
    delivered : mapping of str to str
        Destination of each notifier that delivered it, by the notifier's name; empty text if a plugin's notifier names none.
    errors : mapping of str to str
        Reason of each notifier that did not deliver it, by the notifier's name.
    """

    digest: Digest
    title: str
    delivered: Mapping[str, str]
    errors: Mapping[str, str]

    def describe_errors(self) -> str:
        """Return the errors as one text, or an empty text."""
        return "; ".join(f"{name} did not deliver it: {error}" for name, error in self.errors.items())


class DigestDelivery:
    """Service that makes digests and sends them by the configured notifiers, which have `limit_s` seconds together."""

    def __init__(
        self,
        store: Store,
        digests: DigestService,
        zone: ZoneInfo,
        *,
        notifiers: Callable[[], Sequence[Notifier]],
        limit_s: float = SEND_LIMIT_S,
    ) -> None:
        self._store, self._digests, self._zone = store, digests, zone
        self._notifiers, self._limit_s = notifiers, limit_s

    def send(self, access: Access, chip_id: str, since: str | None = None) -> SentDigest:
        """Make the digest of a chip, send it, and wait for the delivery; return it even if all notifiers failed.

        All notifiers receive it, whatever events they are set to receive (`QDASH_NOTIFY_ON`). `access` is that of an editor; `chip_id` and
        `since` are as for `DigestService.make`.

        Raises
        ------
        InvalidInputError
            If no notifier is configured.
        QDashError
            As `DigestService.make`.
        """
        access.require(ProjectRole.EDITOR)
        notifiers = self._notifiers()
        if not notifiers:
            raise InvalidInputError(NO_NOTIFIER)
        digest = self._digests.make(access, chip_id, since)
        notice = _make_notice(access, digest, self._zone)
        errors = _deliver(notice, notifiers, limit_s=self._limit_s)
        delivered = {one.name: str(getattr(one, "place", "")) for one in notifiers if one.name not in errors}
        if delivered:
            self._record(access, notice, delivered)
        return SentDigest(digest, notice.title, delivered, errors)

    def _record(self, access: Access, notice: Notice, delivered: Mapping[str, str]) -> None:
        """Record that a digest was sent; destinations may be addresses of people and are left out."""
        event = EventModel(
            project_id=notice.project_id,
            kind=notice.kind,
            chip_id=notice.chip_id,
            data={**notice.data, "username": access.username, "notifiers": [*delivered]},
        )
        Repositories(self._store).of(EventRepository).append(event)


def _deliver(notice: Notice, notifiers: Sequence[Notifier], *, limit_s: float) -> dict[str, str]:
    """Send a notice by all notifiers at once, and return the reason of each that did not deliver it."""
    outboxes = {one.name: Outbox(one) for one in notifiers}
    for outbox in outboxes.values():
        outbox.put(notice)
        outbox.close()
    deadline = time.monotonic() + limit_s
    for outbox in outboxes.values():
        outbox.wait(deadline - time.monotonic())
    return {name: make_one_line(outbox.error) for name, outbox in outboxes.items() if outbox.error}


def _make_notice(access: Access, digest: Digest, zone: ZoneInfo) -> Notice:
    title = make_one_line(make_title(digest))
    further = make_command_options(access.project_id)
    fields = {
        "chip": digest.chip_id,
        "time": format_time(digest.until, zone),
        "project": access.project_id,
        "look": f"qdash digest {digest.chip_id} --since {digest.since.isoformat(timespec='seconds')}{further}",
    }
    return Notice(
        kind="digest.sent",
        project_id=access.project_id,
        chip_id=digest.chip_id,
        execution_id="",
        task_id="",
        at=digest.until,
        data={"title": title, "since": digest.since.isoformat()},
        title=mark_simulated_time(title, digest.until, zone),
        fields={name: make_one_line(value) for name, value in fields.items()},
        text=write_digest(digest, zone, "text"),
        html=write_digest(digest, zone, "html"),
    )
