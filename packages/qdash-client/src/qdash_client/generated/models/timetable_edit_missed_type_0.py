from typing import Literal

TimetableEditMissedType0 = Literal["once", "skip"]

TIMETABLE_EDIT_MISSED_TYPE_0_VALUES: set[TimetableEditMissedType0] = {
    "once",
    "skip",
}


def check_timetable_edit_missed_type_0(value: str) -> TimetableEditMissedType0:
    if value in TIMETABLE_EDIT_MISSED_TYPE_0_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TIMETABLE_EDIT_MISSED_TYPE_0_VALUES!r}")
