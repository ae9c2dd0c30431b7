"""Reports over HTTP: files that a viewer downloads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...api.shared_host import clients, editor, host, project, viewer
from ..values.test_routes import QUBIT, measured, registry

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from qdash_core.models.task import TaskResultModel

__all__ = ["clients", "editor", "host", "measured", "project", "registry", "viewer"]

CHIP = QUBIT.removesuffix("/qubits/0")


def test_reports_are_files_that_no_browser_opens_as_a_page_of_the_host(
    editor: TestClient, viewer: TestClient, measured: TaskResultModel
) -> None:
    editor.post(f"{CHIP}/releases", json={"name": "friday"})
    for path in (CHIP, f"/executions/{measured.execution_id}", f"{CHIP}/releases/friday"):
        answer = viewer.get(f"{path}/report")
        assert answer.status_code == 200, answer.text
        assert answer.text.startswith("<!doctype html>")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith('attachment; filename="report-')
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_tables_come_as_markdown(viewer: TestClient, measured: TaskResultModel) -> None:
    answer = viewer.get(f"/executions/{measured.execution_id[:-1]}/report", params={"format": "markdown"})
    assert answer.text.startswith(f"# Execution {measured.execution_id} of chip ")
    assert answer.headers["content-disposition"].endswith('.md"')


@pytest.mark.parametrize("path", ["/chips/nothing", "/executions/20200101-000", f"{CHIP}/releases/nothing"])
def test_there_is_no_report_on_what_there_is_not(
    viewer: TestClient, measured: TaskResultModel, path: str
) -> None:
    assert measured.execution_id
    assert viewer.get(f"{path}/report").status_code == 404
