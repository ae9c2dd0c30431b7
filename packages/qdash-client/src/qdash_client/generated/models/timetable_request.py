from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.timetable_request_missed import (
    TimetableRequestMissed,
    check_timetable_request_missed,
)
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.cron import Cron
    from ..models.interval import Interval
    from ..models.moment import Moment
    from ..models.run_request import RunRequest


T = TypeVar("T", bound="TimetableRequest")


@_attrs_define
class TimetableRequest:
    """Request to create a timetable.

    Attributes:
        name (str):
        request (RunRequest): Requested run, stored with its execution so that any process can perform it. It contains
            no secrets.

            Tasks and steps are named, and looked up where the run is performed.
        when (Cron | Interval | Moment):
        timezone (None | str | Unset): Time zone of a cron expression; absent: that of the host's home.
        paused (bool | Unset):  Default: False.
        missed (TimetableRequestMissed | Unset): Policy for missed times: start nothing, or one run for all of them.
            Default: 'skip'.
        until (datetime.datetime | None | Unset): Last time at which a run may start; absent: no limit.
        begin_within_s (float | None | Unset): Maximum delay of a start, in seconds; later the run is dropped; absent:
            it waits without limit.
    """

    name: str
    request: RunRequest
    when: Cron | Interval | Moment
    timezone: None | str | Unset = UNSET
    paused: bool | Unset = False
    missed: TimetableRequestMissed | Unset = "skip"
    until: datetime.datetime | None | Unset = UNSET
    begin_within_s: float | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.cron import Cron  # noqa: PLC0415
        from ..models.interval import Interval  # noqa: PLC0415

        name = self.name

        request = self.request.model_dump(mode="json", exclude_none=True)

        when: dict[str, Any]
        if isinstance(self.when, Cron):
            when = self.when.model_dump(mode="json", exclude_none=True)
        elif isinstance(self.when, Interval):
            when = self.when.model_dump(mode="json", exclude_none=True)
        else:
            when = self.when.model_dump(mode="json", exclude_none=True)

        timezone: None | str | Unset
        if isinstance(self.timezone, Unset):
            timezone = UNSET
        else:
            timezone = self.timezone

        paused = self.paused

        missed: str | Unset = UNSET
        if not isinstance(self.missed, Unset):
            missed = self.missed

        until: None | str | Unset
        if isinstance(self.until, Unset):
            until = UNSET
        elif isinstance(self.until, datetime.datetime):
            until = self.until.isoformat()
        else:
            until = self.until

        begin_within_s: float | None | Unset
        if isinstance(self.begin_within_s, Unset):
            begin_within_s = UNSET
        else:
            begin_within_s = self.begin_within_s

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "request": request,
                "when": when,
            }
        )
        if timezone is not UNSET:
            field_dict["timezone"] = timezone
        if paused is not UNSET:
            field_dict["paused"] = paused
        if missed is not UNSET:
            field_dict["missed"] = missed
        if until is not UNSET:
            field_dict["until"] = until
        if begin_within_s is not UNSET:
            field_dict["begin_within_s"] = begin_within_s

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cron import Cron  # noqa: PLC0415
        from ..models.interval import Interval  # noqa: PLC0415
        from ..models.moment import Moment  # noqa: PLC0415
        from ..models.run_request import RunRequest  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        request = RunRequest.model_validate(d.pop("request"), extra="ignore")

        def _parse_when(data: object) -> Cron | Interval | Moment:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                when_type_0 = Cron.model_validate(data, extra="ignore")

                return when_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                when_type_1 = Interval.model_validate(data, extra="ignore")

                return when_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            when_type_2 = Moment.model_validate(data, extra="ignore")

            return when_type_2

        when = _parse_when(d.pop("when"))

        def _parse_timezone(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        timezone = _parse_timezone(d.pop("timezone", UNSET))

        paused = d.pop("paused", UNSET)

        _missed = d.pop("missed", UNSET)
        missed: TimetableRequestMissed | Unset
        if isinstance(_missed, Unset):
            missed = UNSET
        else:
            missed = check_timetable_request_missed(_missed)

        def _parse_until(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                until_type_0 = datetime.datetime.fromisoformat(data)

                return until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        until = _parse_until(d.pop("until", UNSET))

        def _parse_begin_within_s(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        begin_within_s = _parse_begin_within_s(d.pop("begin_within_s", UNSET))

        timetable_request = cls(
            name=name,
            request=request,
            when=when,
            timezone=timezone,
            paused=paused,
            missed=missed,
            until=until,
            begin_within_s=begin_within_s,
        )

        return timetable_request
