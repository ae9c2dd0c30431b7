from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.refit_request_options import RefitRequestOptions


T = TypeVar("T", bound="RefitRequest")


@_attrs_define
class RefitRequest:
    """Request to refit a result.

    Attributes:
        options (RefitRequestOptions | Unset): Options of the analysis in place of those of the result; null restores
            the default.
        basis (None | str | Unset): `basis` of a preview: the refit is recorded only if its outcome and the values of
            the chip are still the same; absent:
            recorded in any case.
    """

    options: RefitRequestOptions | Unset = UNSET
    basis: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        options: dict[str, Any] | Unset = UNSET
        if not isinstance(self.options, Unset):
            options = self.options.to_dict()

        basis: None | str | Unset
        if isinstance(self.basis, Unset):
            basis = UNSET
        else:
            basis = self.basis

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if options is not UNSET:
            field_dict["options"] = options
        if basis is not UNSET:
            field_dict["basis"] = basis

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.refit_request_options import RefitRequestOptions  # noqa: PLC0415

        d = dict(src_dict)
        _options = d.pop("options", UNSET)
        options: RefitRequestOptions | Unset
        if isinstance(_options, Unset):
            options = UNSET
        else:
            options = RefitRequestOptions.from_dict(_options)

        def _parse_basis(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        basis = _parse_basis(d.pop("basis", UNSET))

        refit_request = cls(
            options=options,
            basis=basis,
        )

        return refit_request
