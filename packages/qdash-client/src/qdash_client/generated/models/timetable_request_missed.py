from typing import Literal

TimetableRequestMissed = Literal["once", "skip"]

TIMETABLE_REQUEST_MISSED_VALUES: set[TimetableRequestMissed] = {
    "once",
    "skip",
}


def check_timetable_request_missed(value: str) -> TimetableRequestMissed:
    if value in TIMETABLE_REQUEST_MISSED_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TIMETABLE_REQUEST_MISSED_VALUES!r}")
