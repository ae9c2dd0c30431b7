"""Built-in root `executions`: raw data and exports of the executions of a project, read-only.

`ID/raw-data/TASK.TARGET.RESULT.npz` is the stored file of a result; `ID/chip.json` and `ID/chip.csv` are the values of the chip at the end of the
execution, `ID/report.html` is its report. Exports are made on demand.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_builtin.files.models.file_root import EXECUTIONS
from qdash_builtin.text_pages.csv_tables import make_csv
from qdash_core.errors import NotFoundError
from qdash_core.models.execution import EXECUTION_ENDS
from qdash_core.models.pages import Page, PageRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from qdash_builtin.comparisons.chip_state import ChipState
    from qdash_builtin.comparisons.service import ComparisonService
    from qdash_builtin.files.confined_folder import EntryKind, Parts
    from qdash_builtin.reports.service import ReportService
    from qdash_builtin.results.service import ResultService
    from qdash_builtin.runs.queries import ExecutionService
    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel

_RAW_DATA = "raw-data"
_STATES = ("chip.csv", "chip.json")
_REPORT = "report.html"
_COLUMNS = ("target", "parameter", "value", "error", "unit", "calibrated_at", "execution_id", "task_id")


@dataclass(frozen=True, slots=True)
class VirtualEntry:
    """An entry of the root.

    Parameters
    ----------
    kind : str
        `file` or `folder`.
    changed_at : datetime or None
        Time of its contents, or None if unknown.
    """

    name: str
    kind: EntryKind
    changed_at: datetime | None = None


class ExecutionFiles:
    """Files of executions."""

    def __init__(
        self,
        *,
        executions: ExecutionService,
        results: ResultService,
        comparisons: ComparisonService,
        reports: ReportService,
    ) -> None:
        self._executions = executions
        self._results = results
        self._comparisons = comparisons
        self._reports = reports

    def list_entries(self, access: Access, parts: Parts, request: PageRequest) -> Page[VirtualEntry]:
        """Return a page of the entries of a folder: executions and results newest first."""
        match parts:
            case ():
                page = self._executions.page(access, request)
                heads = [one.execution for one in page.items]
                return Page(
                    [VirtualEntry(one.execution_id, "folder", one.start_at) for one in heads], page.next
                )
            case (execution_id,):
                execution = self._executions.get_header(access, execution_id).execution
                return Page.from_all_items(self._make_entries(execution), request, lambda one: (one.name,))
            case (execution_id, name) if name == _RAW_DATA:
                from qdash_builtin.results.result_query import ResultQuery

                self._executions.get_header(access, execution_id)
                found = self._results.page(access, ResultQuery(execution_id=execution_id), request)
                entries = [
                    VirtualEntry(f"{one.name}.{one.qid}.{one.task_id}.npz", "file", one.end_at)
                    for one in found.items
                    if one.raw_data_path
                ]
                return Page(entries, found.next)
        raise _make_absence(parts)

    def open(self, access: Access, parts: Parts) -> Iterator[bytes]:
        """Return the contents of a file as pieces."""
        match parts:
            case (execution_id, folder, name) if folder == _RAW_DATA and name.endswith(".npz"):
                task_id = name.removesuffix(".npz").rpartition(".")[2]
                result = self._results.show(access, task_id)
                if result.execution_id == execution_id and result.raw_data_path:
                    return self._results.open_raw_data_file(access, task_id)
            case (execution_id, name) if name in _STATES or name == _REPORT:
                execution = self._executions.get_header(access, execution_id).execution
                if name in [one.name for one in self._make_entries(execution)]:
                    return self._export(access, execution, name)
        raise _make_absence(parts)

    def _make_entries(self, execution: ExecutionModel) -> list[VirtualEntry]:
        entries = [VirtualEntry(_RAW_DATA, "folder", execution.start_at)]
        if execution.chip_id and execution.status in EXECUTION_ENDS and execution.end_at is not None:
            entries += [VirtualEntry(name, "file", execution.end_at) for name in (*_STATES, _REPORT)]
        return entries

    def _export(self, access: Access, execution: ExecutionModel, name: str) -> Iterator[bytes]:
        if name == _REPORT:
            from qdash_builtin.reports.report_formats import ReportFormat, render_report

            subject = self._reports.resolve(access, f"execution:{execution.execution_id}")
            return iter(render_report(self._reports.make(access, subject), ReportFormat.HTML))
        state = self._comparisons.read_state(access, execution.execution_id)
        return iter([_write_csv(state) if name == "chip.csv" else _write_json(state)])


def _list_rows(state: ChipState) -> list[dict[str, Any]]:
    rows = []
    for qid, target in state.targets.items():
        for name, value in target.data.items():
            known = value.model_dump(mode="json")
            rows.append({"target": qid, "parameter": name, **{one: known.get(one) for one in _COLUMNS[2:]}})
    return rows


def _write_csv(state: ChipState) -> bytes:
    return make_csv(_COLUMNS, (row.values() for row in _list_rows(state))).encode()


def _write_json(state: ChipState) -> bytes:
    document = {
        "chip_id": state.chip_id,
        "at": None if state.at is None else state.at.isoformat(),
        "values": [{key: one for key, one in row.items() if one is not None} for row in _list_rows(state)],
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _make_absence(parts: Parts) -> NotFoundError:
    return NotFoundError(f"there is no {EXECUTIONS}:{'/'.join(parts)}")
