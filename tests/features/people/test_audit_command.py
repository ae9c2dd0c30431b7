"""`qdash audit`: the audit log of the host, filtered, as a table, JSON and CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from qdash_builtin.people.feature import AUDIT_LOG
from qdash_builtin.people.models.audit import AuditModel, FieldChange
from qdash_core import open_qdash
from qdash_core.process.clock import close_clock, open_clock

if TYPE_CHECKING:
    from pathlib import Path

    from ...cli.conftest import InProcess


def test_the_audit_log_is_listed(command: InProcess) -> None:
    command.does("init")
    assert "no requests to the host match" in command.does("audit")
    change = FieldChange(field="role", before="viewer", after="editor")
    fields = {"project_id": "default", "operation": "change_role", "method": "PATCH"}
    with open_qdash() as qdash:
        for name, path in (("ann", "/projects/default/members/bob"), ("=1+2", "/users/bob")):
            row = AuditModel(request_id="r", username=name, path=path, changes=[change], **fields)
            qdash.get(AUDIT_LOG).record_request(row)
    assert [one["username"] for one in command.read_json("audit")] == ["=1+2", "ann"]
    [found] = command.read_json("audit", "--by", "ann", "--action", "role", "--subject", "bob")
    assert found["changes"] == [{"field": "role", "before": "viewer", "after": "editor"}]
    assert "role: viewer → editor" in command.does("audit", "--by", "ann")
    rows = [*csv.DictReader(io.StringIO(command.does("audit", "--csv")))]
    assert [row["username"] for row in rows] == ["'=1+2", "ann"]
    assert rows[1]["changes"] == "role: viewer → editor"
    assert command.read_json("audit", "--until", "2020-01-01") == []


def test_durations_are_those_of_the_machine_also_in_a_home_with_a_simulated_clock(
    command: InProcess, tmp_path: Path
) -> None:
    command.does("init", "--simulated-clock", "2999-01-01")
    with open_qdash() as qdash:
        qdash.get(AUDIT_LOG).record_request(
            AuditModel(request_id="r", username="ann", path="/auth/login", method="POST")
        )
    try:
        assert len(command.read_json("audit", "--since", "1h")) == 1
        assert command.read_json("audit", "--until", "1h") == []
    finally:
        close_clock(open_clock(tmp_path))  # this process has the clock of the machine again
