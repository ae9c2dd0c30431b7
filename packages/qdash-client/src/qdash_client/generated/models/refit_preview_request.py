from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.refit_preview_request_options import RefitPreviewRequestOptions


T = TypeVar("T", bound="RefitPreviewRequest")


@_attrs_define
class RefitPreviewRequest:
    """Request to preview a refit of a result.

    Attributes:
        options (RefitPreviewRequestOptions | Unset): Options of the analysis in place of those of the result; null
            restores the default.
        figure (bool | Unset): True to draw the figure of the refit. Default: False.
    """

    options: RefitPreviewRequestOptions | Unset = UNSET
    figure: bool | Unset = False

    def to_dict(self) -> dict[str, Any]:
        options: dict[str, Any] | Unset = UNSET
        if not isinstance(self.options, Unset):
            options = self.options.to_dict()

        figure = self.figure

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if options is not UNSET:
            field_dict["options"] = options
        if figure is not UNSET:
            field_dict["figure"] = figure

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.refit_preview_request_options import RefitPreviewRequestOptions  # noqa: PLC0415

        d = dict(src_dict)
        _options = d.pop("options", UNSET)
        options: RefitPreviewRequestOptions | Unset
        if isinstance(_options, Unset):
            options = UNSET
        else:
            options = RefitPreviewRequestOptions.from_dict(_options)

        figure = d.pop("figure", UNSET)

        refit_preview_request = cls(
            options=options,
            figure=figure,
        )

        return refit_preview_request
