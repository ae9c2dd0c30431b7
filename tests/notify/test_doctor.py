"""Recipients of notices in `qdash doctor`, without secrets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from qdash_cli.main import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.usefixtures("no_settings")
def test_the_doctor_names_the_notifiers_that_are_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))

    def detail() -> str:
        run(["doctor", "--json"])
        told = capsys.readouterr().out
        assert "secret" not in told
        return str({check["name"]: check["detail"] for check in json.loads(told)["checks"]}["notifiers"])

    assert detail() == "none is configured"
    monkeypatch.setenv("QDASH_NOTIFY_WEBHOOK_URL", "https://hooks.example.org/secret")
    monkeypatch.setenv("QDASH_NOTIFY_MAIL_URL", "smtp://me:secret@mail.example.org")
    monkeypatch.setenv("QDASH_NOTIFY_MAIL_TO", "lab@example.org")
    monkeypatch.setenv("QDASH_NOTIFY_ON", "task.failed")
    assert detail() == (
        "webhook (hooks.example.org), mail (lab@example.org through mail.example.org) on task.failed"
    )
