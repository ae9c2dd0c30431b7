from typing import Literal

Verdict = Literal["accepted", "flagged", "rejected"]

VERDICT_VALUES: set[Verdict] = {
    "accepted",
    "flagged",
    "rejected",
}


def check_verdict(value: str) -> Verdict:
    if value in VERDICT_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {VERDICT_VALUES!r}")
