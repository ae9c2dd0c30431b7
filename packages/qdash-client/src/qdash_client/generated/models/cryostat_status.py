from typing import Literal

CryostatStatus = Literal["active", "decommissioned", "maintenance"]

CRYOSTAT_STATUS_VALUES: set[CryostatStatus] = {
    "active",
    "decommissioned",
    "maintenance",
}


def check_cryostat_status(value: str) -> CryostatStatus:
    if value in CRYOSTAT_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {CRYOSTAT_STATUS_VALUES!r}")
