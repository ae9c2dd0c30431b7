from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.refit_request_parameters import RefitRequestParameters


T = TypeVar("T", bound="RefitRequest")


@_attrs_define
class RefitRequest:
    """Request to refit a result.

    Attributes:
        parameters (RefitRequestParameters | Unset): Run parameters that the analysis uses in place of the recorded
            ones.
    """

    parameters: RefitRequestParameters | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        parameters: dict[str, Any] | Unset = UNSET
        if not isinstance(self.parameters, Unset):
            parameters = self.parameters.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if parameters is not UNSET:
            field_dict["parameters"] = parameters

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.refit_request_parameters import RefitRequestParameters  # noqa: PLC0415

        d = dict(src_dict)
        _parameters = d.pop("parameters", UNSET)
        parameters: RefitRequestParameters | Unset
        if isinstance(_parameters, Unset):
            parameters = UNSET
        else:
            parameters = RefitRequestParameters.from_dict(_parameters)

        refit_request = cls(
            parameters=parameters,
        )

        return refit_request
