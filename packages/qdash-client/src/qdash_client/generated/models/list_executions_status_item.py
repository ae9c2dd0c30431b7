from typing import Literal

ListExecutionsStatusItem = Literal["cancelled", "completed", "failed", "interrupted", "running", "scheduled"]

LIST_EXECUTIONS_STATUS_ITEM_VALUES: set[ListExecutionsStatusItem] = {
    "cancelled",
    "completed",
    "failed",
    "interrupted",
    "running",
    "scheduled",
}


def check_list_executions_status_item(value: str) -> ListExecutionsStatusItem:
    if value in LIST_EXECUTIONS_STATUS_ITEM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {LIST_EXECUTIONS_STATUS_ITEM_VALUES!r}")
