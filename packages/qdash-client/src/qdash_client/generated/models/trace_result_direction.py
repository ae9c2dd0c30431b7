from typing import Literal

TraceResultDirection = Literal["back", "forward"]

TRACE_RESULT_DIRECTION_VALUES: set[TraceResultDirection] = {
    "back",
    "forward",
}


def check_trace_result_direction(value: str) -> TraceResultDirection:
    if value in TRACE_RESULT_DIRECTION_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TRACE_RESULT_DIRECTION_VALUES!r}")
