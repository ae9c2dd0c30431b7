"""`qdash audit`: the audit log of the host, filtered, as a table, JSON and CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from qdash_core import open_qdash
from qdash_core.models.audit import AuditModel, FieldChange

if TYPE_CHECKING:
    from .conftest import InProcess


def test_the_audit_log_is_listed(command: InProcess) -> None:
    command.does("init")
    assert "no requests to the host match" in command.does("audit")
    change = FieldChange(field="role", before="viewer", after="editor")
    fields = {"project_id": "default", "operation": "change_role", "method": "PATCH"}
    with open_qdash() as qdash:
        for name, path in (("ann", "/projects/default/members/bob"), ("=1+2", "/users/bob")):
            row = AuditModel(request_id="r", username=name, path=path, changes=[change], **fields)
            qdash.audit.record_request(row)
    assert [one["username"] for one in command.read_json("audit")] == ["=1+2", "ann"]
    [found] = command.read_json("audit", "--by", "ann", "--action", "role", "--subject", "bob")
    assert found["changes"] == [{"field": "role", "before": "viewer", "after": "editor"}]
    assert "role: viewer → editor" in command.does("audit", "--by", "ann")
    rows = [*csv.DictReader(io.StringIO(command.does("audit", "--csv")))]
    assert [row["username"] for row in rows] == ["'=1+2", "ann"]
    assert rows[1]["changes"] == "role: viewer → editor"
    assert command.read_json("audit", "--until", "2020-01-01") == []
