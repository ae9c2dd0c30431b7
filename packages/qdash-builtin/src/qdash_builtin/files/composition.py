"""Services of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.chips.feature import CALIBRATION_NOTES, CHIPS
from qdash_builtin.comparisons.feature import COMPARISONS
from qdash_builtin.exchange.feature import EXCHANGE
from qdash_builtin.reports.feature import REPORTS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.runs.feature import EXECUTIONS

if TYPE_CHECKING:
    from qdash_builtin.files.configuration.service import ConfigurationService
    from qdash_builtin.files.service import FileService
    from qdash_core.runtime.application import QDash


def open_configuration(qdash: QDash) -> ConfigurationService:
    """Open the service for the configuration folder of the laboratory and its git remote."""
    from qdash_builtin.files.configuration.service import ConfigurationService

    return ConfigurationService(
        qdash.settings,
        qdash.registry,
        chips=qdash.get(CHIPS),
        exchange=qdash.get(EXCHANGE),
        notes=qdash.get(CALIBRATION_NOTES),
    )


def open_files(qdash: QDash) -> FileService:
    """Open the service for files below the configured roots, and those of executions."""
    from qdash_builtin.files.execution_files import ExecutionFiles
    from qdash_builtin.files.service import FileService

    def open_execution_files() -> ExecutionFiles:
        return ExecutionFiles(
            executions=qdash.get(EXECUTIONS),
            results=qdash.get(RESULTS),
            comparisons=qdash.get(COMPARISONS),
            reports=qdash.get(REPORTS),
        )

    return FileService(qdash.settings, qdash.store, executions=open_execution_files, registry=qdash.registry)
