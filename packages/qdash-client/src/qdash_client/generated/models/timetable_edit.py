from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.timetable_edit_missed_type_0 import (
    TimetableEditMissedType0,
    check_timetable_edit_missed_type_0,
)
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.cron import Cron
    from ..models.digest_request import DigestRequest
    from ..models.interval import Interval
    from ..models.moment import Moment
    from ..models.run_request import RunRequest


T = TypeVar("T", bound="TimetableEdit")


@_attrs_define
class TimetableEdit:
    """Changes of a timetable; absent fields are unchanged, null clears `until` or `begin_within_s`. A timetable of a run
    cannot become one of a digest, or the reverse.

        Attributes:
            request (None | RunRequest | Unset):
            digest (DigestRequest | None | Unset):
            when (Cron | Interval | Moment | None | Unset):
            timezone (None | str | Unset):
            paused (bool | None | Unset):
            missed (None | TimetableEditMissedType0 | Unset):
            until (datetime.datetime | None | Unset):
            begin_within_s (float | None | Unset):
    """

    request: None | RunRequest | Unset = UNSET
    digest: DigestRequest | None | Unset = UNSET
    when: Cron | Interval | Moment | None | Unset = UNSET
    timezone: None | str | Unset = UNSET
    paused: bool | None | Unset = UNSET
    missed: None | TimetableEditMissedType0 | Unset = UNSET
    until: datetime.datetime | None | Unset = UNSET
    begin_within_s: float | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.cron import Cron  # noqa: PLC0415
        from ..models.digest_request import DigestRequest  # noqa: PLC0415
        from ..models.interval import Interval  # noqa: PLC0415
        from ..models.moment import Moment  # noqa: PLC0415
        from ..models.run_request import RunRequest  # noqa: PLC0415

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

        when: dict[str, Any] | None | Unset
        if isinstance(self.when, Unset):
            when = UNSET
        elif isinstance(self.when, Cron):
            when = self.when.model_dump(mode="json", exclude_none=True)
        elif isinstance(self.when, Interval):
            when = self.when.model_dump(mode="json", exclude_none=True)
        elif isinstance(self.when, Moment):
            when = self.when.model_dump(mode="json", exclude_none=True)
        else:
            when = self.when

        timezone: None | str | Unset
        if isinstance(self.timezone, Unset):
            timezone = UNSET
        else:
            timezone = self.timezone

        paused: bool | None | Unset
        if isinstance(self.paused, Unset):
            paused = UNSET
        else:
            paused = self.paused

        missed: None | str | Unset
        if isinstance(self.missed, Unset):
            missed = UNSET
        elif isinstance(self.missed, str):
            missed = self.missed
        else:
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

        field_dict.update({})
        if request is not UNSET:
            field_dict["request"] = request
        if digest is not UNSET:
            field_dict["digest"] = digest
        if when is not UNSET:
            field_dict["when"] = when
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

        def _parse_when(data: object) -> Cron | Interval | Moment | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                when_type_0_type_0 = Cron.model_validate(data, extra="ignore")

                return when_type_0_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                when_type_0_type_1 = Interval.model_validate(data, extra="ignore")

                return when_type_0_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                when_type_0_type_2 = Moment.model_validate(data, extra="ignore")

                return when_type_0_type_2
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Cron | Interval | Moment | None | Unset, data)

        when = _parse_when(d.pop("when", UNSET))

        def _parse_timezone(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        timezone = _parse_timezone(d.pop("timezone", UNSET))

        def _parse_paused(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        paused = _parse_paused(d.pop("paused", UNSET))

        def _parse_missed(data: object) -> None | TimetableEditMissedType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                missed_type_0 = check_timetable_edit_missed_type_0(data)

                return missed_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | TimetableEditMissedType0 | Unset, data)

        missed = _parse_missed(d.pop("missed", UNSET))

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

        timetable_edit = cls(
            request=request,
            digest=digest,
            when=when,
            timezone=timezone,
            paused=paused,
            missed=missed,
            until=until,
            begin_within_s=begin_within_s,
        )

        return timetable_edit
