from typing import Literal

ChipScheduleKind = Literal["coupling", "qubit"]

CHIP_SCHEDULE_KIND_VALUES: set[ChipScheduleKind] = {
    "coupling",
    "qubit",
}


def check_chip_schedule_kind(value: str) -> ChipScheduleKind:
    if value in CHIP_SCHEDULE_KIND_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {CHIP_SCHEDULE_KIND_VALUES!r}")
