from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="SourceRequest")


@_attrs_define
class SourceRequest:
    """Request to check source code.

    Attributes:
        source (str): Text of a Python file.
        function (None | str | Unset): Function to call; absent: the only public function of the file, or `main`.
    """

    source: str
    function: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        source = self.source

        function: None | str | Unset
        if isinstance(self.function, Unset):
            function = UNSET
        else:
            function = self.function

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "source": source,
            }
        )
        if function is not UNSET:
            field_dict["function"] = function

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        source = d.pop("source")

        def _parse_function(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        function = _parse_function(d.pop("function", UNSET))

        source_request = cls(
            source=source,
            function=function,
        )

        return source_request
