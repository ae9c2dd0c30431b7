"""Conformance kit: abstract pytest classes that plugin authors subclass.

Importing this package is cheap; pytest is imported with the first requested class.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qdash_core.testing.assistant import AssistantContract as AssistantContract
    from qdash_core.testing.backend import BackendContract as BackendContract
    from qdash_core.testing.format import FormatContract as FormatContract
    from qdash_core.testing.operations import OperationCall as OperationCall
    from qdash_core.testing.operations import OperationContract as OperationContract
    from qdash_core.testing.perform_contract import PerformContract as PerformContract
    from qdash_core.testing.runner import RunnerContract as RunnerContract
    from qdash_core.testing.scheduler import SchedulerContract as SchedulerContract
    from qdash_core.testing.storage import StorageContract as StorageContract
    from qdash_core.testing.store import StoreContract as StoreContract
    from qdash_core.testing.task import TaskContract as TaskContract

_HOME_OF = {
    "AssistantContract": "assistant",
    "BackendContract": "backend",
    "FormatContract": "format",
    "OperationCall": "operations",
    "OperationContract": "operations",
    "PerformContract": "perform_contract",
    "RunnerContract": "runner",
    "SchedulerContract": "scheduler",
    "StorageContract": "storage",
    "StoreContract": "store",
    "TaskContract": "task",
}

__all__ = [
    "AssistantContract",
    "BackendContract",
    "FormatContract",
    "OperationCall",
    "OperationContract",
    "PerformContract",
    "RunnerContract",
    "SchedulerContract",
    "StorageContract",
    "StoreContract",
    "TaskContract",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = f"{__name__}.{_HOME_OF[name]}"
    for module in (f"{__name__}.contract", home):
        if module not in sys.modules:
            import pytest

            # Before the import: a failed assertion of the kit then shows the values it compared.
            pytest.register_assert_rewrite(module)
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return [*__all__]
