from typing import Literal

TraceValueDirection = Literal["back", "forward"]

TRACE_VALUE_DIRECTION_VALUES: set[TraceValueDirection] = {
    "back",
    "forward",
}


def check_trace_value_direction(value: str) -> TraceValueDirection:
    if value in TRACE_VALUE_DIRECTION_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TRACE_VALUE_DIRECTION_VALUES!r}")
