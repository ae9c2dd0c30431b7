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
    from ..models.digest_request import DigestRequest
    from ..models.interval import Interval
    from ..models.moment import Moment
    from ..models.run_request import RunRequest


T = TypeVar("T", bound="TimetableRequest")


@_attrs_define
class TimetableRequest:
    """Request to create a timetable, with a run to start or a digest to send.

    Attributes:
        name (str):
        when (Cron | Interval | Moment):
        request (None | RunRequest | Unset): Run to start. For a saved flow without a version, each start uses the
            newest one. Absent for a digest.
        digest (DigestRequest | None | Unset): Digest to send, by the notifiers of the workers. Absent for a run.
        timezone (None | str | Unset): Time zone of a cron expression and of the start of a digest; absent: that of the
            host's home.
        paused (bool | Unset):  Default: False.
        missed (TimetableRequestMissed | Unset): Policy for missed times: nothing, or one run or digest for all of them.
            Default: 'skip'.
        until (datetime.datetime | None | Unset): Last time at which a run may start or a digest may be sent; absent: no
            limit.
        begin_within_s (float | None | Unset): Maximum delay of a start, in seconds; later the run is dropped; absent:
            it waits without limit.
    """

    name: str
    when: Cron | Interval | Moment
    request: None | RunRequest | Unset = UNSET
    digest: DigestRequest | None | Unset = UNSET
    timezone: None | str | Unset = UNSET
    paused: bool | Unset = False
    missed: TimetableRequestMissed | Unset = "skip"
    until: datetime.datetime | None | Unset = UNSET
    begin_within_s: float | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.cron import Cron  # noqa: PLC0415
        from ..models.digest_request import DigestRequest  # noqa: PLC0415
        from ..models.interval import Interval  # noqa: PLC0415
        from ..models.run_request import RunRequest  # noqa: PLC0415

        name = self.name

        when: dict[str, Any]
        if isinstance(self.when, Cron):
            when = self.when.model_dump(mode="json", exclude_none=True)
        elif isinstance(self.when, Interval):
            when = self.when.model_dump(mode="json", exclude_none=True)
        else:
            when = self.when.model_dump(mode="json", exclude_none=True)

        request: dict[str, Any] | None | Unset
        if isinstance(self.request, Unset):
            request = UNSET
        elif isinstance(self.request, RunRequest):
            request = self.request.model_dump(mode="json", exclude_none=True)
        else:
            request = self.request

        digest: dict[str, Any] | None | Unset
        if isinstance(self.digest, Unset):
            digest = UNSET
        elif isinstance(self.digest, DigestRequest):
            digest = self.digest.model_dump(mode="json", exclude_none=True)
        else:
            digest = self.digest

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
                "when": when,
            }
        )
        if request is not UNSET:
            field_dict["request"] = request
        if digest is not UNSET:
            field_dict["digest"] = digest
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
        from ..models.digest_request import DigestRequest  # noqa: PLC0415
        from ..models.interval import Interval  # noqa: PLC0415
        from ..models.moment import Moment  # noqa: PLC0415
        from ..models.run_request import RunRequest  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

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

        def _parse_request(data: object) -> None | RunRequest | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                request_type_0 = RunRequest.model_validate(data, extra="ignore")

                return request_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RunRequest | Unset, data)

        request = _parse_request(d.pop("request", UNSET))

        def _parse_digest(data: object) -> DigestRequest | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                digest_type_0 = DigestRequest.model_validate(data, extra="ignore")

                return digest_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DigestRequest | None | Unset, data)

        digest = _parse_digest(d.pop("digest", UNSET))

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
            when=when,
            request=request,
            digest=digest,
            timezone=timezone,
            paused=paused,
            missed=missed,
            until=until,
            begin_within_s=begin_within_s,
        )

        return timetable_request
