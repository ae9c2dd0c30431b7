"""Age of the last backup over HTTP and for Prometheus, and timetables of backups."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_builtin.home.backup_checks import record_backup
from qdash_builtin.home.model import BackupRequest
from qdash_builtin.timetables.feature import TIMETABLES
from qdash_builtin.timetables.models.timetable import Cron
from qdash_core.process.clock import utc_now

from ...access import access_of

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from ...api.conftest import Host


def test_the_age_of_the_last_backup_is_told(host: Host, viewer: TestClient) -> None:
    assert viewer.get("/backups/last").json() == {"restored": False, "overdue": False}
    assert "qdash_backup_age_seconds" not in viewer.get("/prometheus").text
    record_backup(host.qdash.store, Path("/backups/qdash-1.tar"), utc_now() - timedelta(hours=2))
    told = viewer.get("/backups/last").json()
    assert (told["file"], told["overdue"]) == ("qdash-1.tar", False)
    assert 7200 <= told["age_s"] < 7300
    found = re.search(r"^qdash_backup_age_seconds (\S+)$", viewer.get("/prometheus").text, re.MULTILINE)
    assert found is not None
    assert 7200 <= float(found[1]) < 7300
    record_backup(host.qdash.store, Path("/backups/qdash-0.tar"), utc_now() - timedelta(days=9))
    assert viewer.get("/backups/last").json()["file"] == "qdash-1.tar", "an older one changes nothing"


def test_a_timetable_of_backups_is_read_by_members_and_changed_by_administrators(
    host: Host, owner: TestClient, editor: TestClient, tmp_path: Path
) -> None:
    backup = {"folder": str(tmp_path), "keep": 3}
    wanted = {"name": "backup", "backup": backup, "when": {"kind": "cron", "expression": "0 4 * * *"}}
    assert owner.post("/timetables", json=wanted).status_code == 422, "a folder is named on its machine only"
    host.qdash.get(TIMETABLES).add(
        access_of("owner"),
        "backup",
        None,
        Cron(expression="0 4 * * *"),
        backup=BackupRequest(folder=str(tmp_path), keep=3),
    )
    shown = editor.get("/timetables/backup")
    assert shown.json()["backup"] == backup
    changes = {"headers": {"If-Match": shown.headers["etag"]}, "json": {"paused": True}}
    assert editor.patch("/timetables/backup", **changes).status_code == 403
    assert owner.patch("/timetables/backup", **changes).json()["paused"] is True
    assert editor.delete("/timetables/backup").status_code in (403, 428)
    assert owner.post("/timetables/backup/start").status_code == 422
