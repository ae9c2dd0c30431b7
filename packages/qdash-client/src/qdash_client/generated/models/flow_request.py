from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="FlowRequest")


@_attrs_define
class FlowRequest:
    """Request to save a flow.

    Attributes:
        source (str): Text of a Python file.
        function (None | str | Unset): Function to call; absent: the only public function of the file, or `main`.
        chip_id (str | Unset): Chip of the flow; empty: each run names one. Default: ''.
        description (str | Unset): Description; empty: the first line of the function's docstring. Default: ''.
        tags (list[str] | Unset):
    """

    source: str
    function: None | str | Unset = UNSET
    chip_id: str | Unset = ""
    description: str | Unset = ""
    tags: list[str] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        source = self.source

        function: None | str | Unset
        if isinstance(self.function, Unset):
            function = UNSET
        else:
            function = self.function

        chip_id = self.chip_id

        description = self.description

        tags: list[str] | Unset = UNSET
        if not isinstance(self.tags, Unset):
            tags = self.tags

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "source": source,
            }
        )
        if function is not UNSET:
            field_dict["function"] = function
        if chip_id is not UNSET:
            field_dict["chip_id"] = chip_id
        if description is not UNSET:
            field_dict["description"] = description
        if tags is not UNSET:
            field_dict["tags"] = tags

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

        chip_id = d.pop("chip_id", UNSET)

        description = d.pop("description", UNSET)

        tags = cast(list[str], d.pop("tags", UNSET))

        flow_request = cls(
            source=source,
            function=function,
            chip_id=chip_id,
            description=description,
            tags=tags,
        )

        return flow_request
