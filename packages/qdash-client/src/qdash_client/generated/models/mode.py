from typing import Literal

Mode = Literal["average", "best", "latest", "median"]

MODE_VALUES: set[Mode] = {
    "average",
    "best",
    "latest",
    "median",
}


def check_mode(value: str) -> Mode:
    if value in MODE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {MODE_VALUES!r}")
