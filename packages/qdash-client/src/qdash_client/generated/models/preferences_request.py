from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.preferences_request_theme_type_0 import (
    PreferencesRequestThemeType0,
    check_preferences_request_theme_type_0,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="PreferencesRequest")


@_attrs_define
class PreferencesRequest:
    """User preferences; absent fields are unchanged, null clears a field.

    Attributes:
        full_name (None | str | Unset):
        default_project_id (None | str | Unset):
        time_zone (None | str | Unset):
        theme (None | PreferencesRequestThemeType0 | Unset): Colour theme; null: that of the system.
    """

    full_name: None | str | Unset = UNSET
    default_project_id: None | str | Unset = UNSET
    time_zone: None | str | Unset = UNSET
    theme: None | PreferencesRequestThemeType0 | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        full_name: None | str | Unset
        if isinstance(self.full_name, Unset):
            full_name = UNSET
        else:
            full_name = self.full_name

        default_project_id: None | str | Unset
        if isinstance(self.default_project_id, Unset):
            default_project_id = UNSET
        else:
            default_project_id = self.default_project_id

        time_zone: None | str | Unset
        if isinstance(self.time_zone, Unset):
            time_zone = UNSET
        else:
            time_zone = self.time_zone

        theme: None | str | Unset
        if isinstance(self.theme, Unset):
            theme = UNSET
        elif isinstance(self.theme, str):
            theme = self.theme
        else:
            theme = self.theme

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if full_name is not UNSET:
            field_dict["full_name"] = full_name
        if default_project_id is not UNSET:
            field_dict["default_project_id"] = default_project_id
        if time_zone is not UNSET:
            field_dict["time_zone"] = time_zone
        if theme is not UNSET:
            field_dict["theme"] = theme

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_full_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        full_name = _parse_full_name(d.pop("full_name", UNSET))

        def _parse_default_project_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        default_project_id = _parse_default_project_id(d.pop("default_project_id", UNSET))

        def _parse_time_zone(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        time_zone = _parse_time_zone(d.pop("time_zone", UNSET))

        def _parse_theme(data: object) -> None | PreferencesRequestThemeType0 | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                theme_type_0 = check_preferences_request_theme_type_0(data)

                return theme_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PreferencesRequestThemeType0 | Unset, data)

        theme = _parse_theme(d.pop("theme", UNSET))

        preferences_request = cls(
            full_name=full_name,
            default_project_id=default_project_id,
            time_zone=time_zone,
            theme=theme,
        )

        return preferences_request
