from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="QueueChange")


@_attrs_define
class QueueChange:
    """Change of a queue entry: exactly one of these fields.

    Attributes:
        first (bool | Unset): True: move to the front of the queue. Default: False.
        last (bool | Unset): True: move to the end of the queue. Default: False.
        before (None | str | Unset): Move in front of this execution.
        held (bool | None | Unset): True: hold the run until it is released; false: release it.
    """

    first: bool | Unset = False
    last: bool | Unset = False
    before: None | str | Unset = UNSET
    held: bool | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        first = self.first

        last = self.last

        before: None | str | Unset
        if isinstance(self.before, Unset):
            before = UNSET
        else:
            before = self.before

        held: bool | None | Unset
        if isinstance(self.held, Unset):
            held = UNSET
        else:
            held = self.held

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if first is not UNSET:
            field_dict["first"] = first
        if last is not UNSET:
            field_dict["last"] = last
        if before is not UNSET:
            field_dict["before"] = before
        if held is not UNSET:
            field_dict["held"] = held

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        first = d.pop("first", UNSET)

        last = d.pop("last", UNSET)

        def _parse_before(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        before = _parse_before(d.pop("before", UNSET))

        def _parse_held(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        held = _parse_held(d.pop("held", UNSET))

        queue_change = cls(
            first=first,
            last=last,
            before=before,
            held=held,
        )

        return queue_change
