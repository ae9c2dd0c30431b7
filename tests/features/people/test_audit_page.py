"""Audit page: for owners and administrators; filters, differences, file."""

from __future__ import annotations

from functools import partial

import pytest

from qdash_builtin.people.feature import AUDIT_LOG
from qdash_builtin.people.models.audit import AuditModel, FieldChange
from qdash_builtin.people.pages import audit

from ...ui.tables import read_rows
from ..journal import SPITEFUL, Journal, join_html, join_texts

pytestmark = pytest.mark.slow


def test_entries_show_what_was_changed(journal: Journal) -> None:
    change = FieldChange(field="description", before="cold", after=SPITEFUL)
    made = partial(AuditModel, request_id="q", method="PATCH")
    rows = [
        made(username="owner", operation="edit_project", path="/projects/default", project_id="default"),
        made(username="editor", operation="edit_timetable", path="/timetables/t", project_id="default"),
        made(username="editor", operation="set_preferences", path="/auth/me"),
    ]
    for row in rows:
        journal.pages.qdash.get(AUDIT_LOG).record_request(row.model_copy(update={"changes": [change]}))
    assert "Owners of the project" in join_texts(journal.pages.page(audit.render, "editor"))
    page = partial(journal.pages.page, audit.render, "owner")
    shown = read_rows(page(), "Audit log")
    assert [row["action"] for row in shown] == ["Set preferences", "Edit timetable", "Edit project"]
    assert len(read_rows(page(of="project"), "Audit log")) == 2
    for address, expected in (
        ({"user": "editor", "action": "role"}, 0),
        ({"user": "editor", "action": "timetable"}, 1),
        ({"subject": "/PROJECTS"}, 1),
        ({"until": "2020-01-01"}, 0),
    ):
        assert len(read_rows(page(**address), "Audit log")) == expected
    text = join_html(page(entry=shown[1]["address"].rpartition("=")[2], action="timetable"))
    assert "<del>cold</del>" in text
    assert "<ins>&lt;img src=x onerror=alert(1)&gt;" in text
    assert "audit/file?action=timetable" in text
