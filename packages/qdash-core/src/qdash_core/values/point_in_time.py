"""Points in time to which values are reverted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.times import parse_moment

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from qdash_core.models.release import ReleaseModel
    from qdash_core.repositories.repositories import Repositories

_EXECUTION = re.compile(r"[0-9]{8}-[0-9]{3,}")
_DURATION = re.compile(r"[0-9.]+\s*[A-Za-z]+")
_RELEASE = "release:"


@dataclass(frozen=True, slots=True)
class PointInTime:
    """A time, the end of an execution, or a release.

    Parameters
    ----------
    text : str
        The point as the user wrote it; a duration before now as the time.
    moment : datetime or None
        The time, or None for an execution or a release.
    execution_id, release : str
        The execution or release, or empty.
    """

    text: str
    moment: datetime | None = None
    execution_id: str = ""
    release: str = ""

    @classmethod
    def parse(cls, text: str, zone: tzinfo, *, now: datetime) -> PointInTime:
        """Parse a time (`2026-11-20 18:00`, `12h`), an execution id, or `release:NAME`.

        Raises
        ------
        InvalidInputError
            If it is none of these, or a time in the future.
        """
        text = text.strip()
        if text.startswith(_RELEASE):
            name = text.removeprefix(_RELEASE).strip()
            if not name:
                raise InvalidInputError("release: needs the name of a release, as in 'release:friday'")
            return cls(text, release=name)
        if _EXECUTION.fullmatch(text):
            return cls(text, execution_id=text)
        try:
            moment = parse_moment(text, zone, now=now)
        except InvalidInputError as error:
            raise InvalidInputError(
                f"{text!r} is not a point in time: write a time such as '2026-11-20 18:00' or '12h', an execution id, or 'release:NAME'"
            ) from error
        if moment > now:
            raise InvalidInputError(f"{text!r} is in the future")
        return cls(moment.astimezone(zone).isoformat() if _DURATION.fullmatch(text) else text, moment=moment)

    def find_release(self, repositories: Repositories, project_id: str, chip_id: str) -> ReleaseModel | None:
        """Return the release, or None for another point; raise NotFoundError if there is no such release."""
        return repositories.releases.require(project_id, chip_id, self.release) if self.release else None

    def find_moment(self, repositories: Repositories, project_id: str, chip_id: str) -> datetime:
        """Return the time of a point that is not a release; the time of an execution is its end.

        Raises
        ------
        NotFoundError, InvalidInputError, ConflictError
            If there is no such execution, it ran on another chip, or it has not ended.
        """
        if self.moment is not None:
            return self.moment
        execution = repositories.executions.require(project_id, self.execution_id)
        if execution.chip_id != chip_id:
            raise InvalidInputError(
                f"execution {self.execution_id} ran on chip {execution.chip_id}, not {chip_id}"
            )
        if not execution.status.terminal or execution.end_at is None:
            raise ConflictError(
                f"execution {self.execution_id} is {execution.status}: values can be reverted to its end only after it has ended"
            )
        return execution.end_at
