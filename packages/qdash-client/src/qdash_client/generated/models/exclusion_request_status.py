from typing import Literal

ExclusionRequestStatus = Literal["dead", "excluded"]

EXCLUSION_REQUEST_STATUS_VALUES: set[ExclusionRequestStatus] = {
    "dead",
    "excluded",
}


def check_exclusion_request_status(value: str) -> ExclusionRequestStatus:
    if value in EXCLUSION_REQUEST_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {EXCLUSION_REQUEST_STATUS_VALUES!r}")
