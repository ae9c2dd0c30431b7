"""Query for the values of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from qdash_builtin.metrics.selection import MARK_CHOICES, Mode, Period, Selection, parse_marks, resolve_groups
from qdash_builtin.request_parts.given_time import GivenTime
from qdash_core.errors import InvalidInputError
from qdash_core.models.target_lists import parse_targets
from qdash_core.models.times import parse_duration
from qdash_core.operations.bodies import Filter

if TYPE_CHECKING:
    from datetime import timedelta

    from qdash_builtin.metrics.definitions import MetricsFile

_Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=2000)]


class ValuesQuery(Filter):
    """Query parameters of a request for values."""

    target: _Names = Field(
        default=[], description="Qubits, ranges of qubits such as `0..3`, and couplings; absent: all."
    )
    metric: _Names = Field(default=[], description="Names of metrics or of groups of metrics; absent: all.")
    mode: Mode = Field(default=Mode.LATEST, description="Method that reduces the recorded values to one.")
    cooldown_id: str | None = Field(
        default=None, max_length=128, description="Only values measured in this cool-down."
    )
    since: GivenTime | None = Field(default=None, description="Only values measured at or after this time.")
    until: GivenTime | None = Field(default=None, description="Only values measured before this time.")
    flagged: bool = Field(default=False, description="True: a newer flagged value replaces the accepted one.")
    older_than: str | None = Field(
        default=None, max_length=32, description="Only values older than a duration, such as `36h` or `7d`."
    )
    failed: bool = Field(
        default=False,
        description="True: only values whose newest result of the task that measures them failed.",
    )
    out_of_spec: bool = Field(default=False, description="True: only values outside their specification.")
    marked: _Names = Field(
        default=[],
        description=f"Only values in use with one of these marks: {MARK_CHOICES}.",
    )

    usable: bool = Field(
        default=False, description="True: only values in use of targets that are not unfit, excluded or dead."
    )

    def make_selection(self, file: MetricsFile | None = None) -> Selection:
        """Return the selection of values that the query describes, with groups of metrics replaced by those of a metrics file if it is given.

        Raises
        ------
        InvalidInputError
            If the query is invalid.
        """
        return Selection(
            targets=parse_targets(self.target) if self.target else (),
            metrics=tuple(self.metric) if file is None else resolve_groups(file, self.metric),
            mode=self.mode,
            period=Period(self.cooldown_id, self.since, self.until),
            flagged=self.flagged,
            older_than=None if self.older_than is None else _parse_older_than(self.older_than),
            failed=self.failed,
            out_of_specification=self.out_of_spec,
            marks=parse_marks(self.marked),
            usable=self.usable,
        )


def _parse_older_than(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except InvalidInputError:
        raise
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(f"older_than: {error}") from None
