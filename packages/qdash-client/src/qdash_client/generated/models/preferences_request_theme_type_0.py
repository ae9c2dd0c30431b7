from typing import Literal

PreferencesRequestThemeType0 = Literal["dark", "light", "system"]

PREFERENCES_REQUEST_THEME_TYPE_0_VALUES: set[PreferencesRequestThemeType0] = {
    "dark",
    "light",
    "system",
}


def check_preferences_request_theme_type_0(value: str) -> PreferencesRequestThemeType0:
    if value in PREFERENCES_REQUEST_THEME_TYPE_0_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {PREFERENCES_REQUEST_THEME_TYPE_0_VALUES!r}"
    )
