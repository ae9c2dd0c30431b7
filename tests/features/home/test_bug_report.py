"""`qdash doctor --report`: a text for a bug report, without secrets and without names of machine, user and folders."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.home.bug_report import write_bug_report
from qdash_builtin.home.health_findings import run_check
from qdash_builtin.home.redaction import redact
from qdash_cli.main import run
from qdash_core.models.health_findings import HealthFinding
from qdash_core.settings import list_settings, load_settings

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cret-7f"
UNPARSABLE = f"mongodb://ann:{SECRET}:x@[db/qdash"
FORMS = (
    SECRET,
    f"mongodb://ann:{SECRET}@db:27017/qdash",
    f"mongodb://{SECRET}:word@db/qdash",
    f"mongodb://db/qdash?tlsCertificateKeyFilePassword={SECRET}",
    f"mongodb://ann:{SECRET}/x@db/qdash",
    UNPARSABLE,
    f"https://hooks.example.org/services/{SECRET}",
    f"smtp://me:{SECRET}@mail.example.org:587",
    f"https://{SECRET}@git.example.org/lab.git",
    f"{SECRET}@example.org",
    f"/home/{SECRET}/qdash",
)
"""Values that hold a secret or a name, valid for some settings and refused for others."""
NESTED = {"bench": {"path": "/srv/lab", "remote_user": f"{SECRET}-user", "remote_token": SECRET}}
VARIABLES = (
    *(f"QDASH_{name}".upper() for name in list_settings()),
    *(
        "QDASH_ASSISTANT_KEY",
        "QDASH_ASSISTANT_URL",
        "QDASH_OF_A_PLUGIN",
        "PREFECT_API_AUTH_STRING",
        "OPENAI_API_KEY",
    ),
)


@pytest.fixture(autouse=True)
def home(
    tmp_path: Path, no_settings: None, known_installation: None, monkeypatch: pytest.MonkeyPatch
) -> Path:
    monkeypatch.setenv("QDASH_HOME", str(tmp_path / "cold lab"))
    return tmp_path / "cold lab"


def report_quoting(value: str) -> str:
    """Return the report with the finding on the settings, and a finding that repeats a value."""
    finding = run_check("settings", lambda: repr(load_settings()), "correct it")
    return write_bug_report([HealthFinding("store", "failed", f"cannot open {value!r}: {value}"), finding])


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(FORMS[0], marks=pytest.mark.release),
        UNPARSABLE,
        pytest.param(json.dumps(NESTED), marks=pytest.mark.slow),
    ],
)
def test_a_secret_in_any_variable_is_not_reported(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for name in VARIABLES:
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            if SECRET in report_quoting(value):
                told.append(name)

    assert told == []


@pytest.mark.parametrize("place", [pytest.param("environment", marks=pytest.mark.slow), "file"])
def test_a_secret_in_any_form_is_not_reported(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for value in FORMS:
        if place == "file":
            lines = [f"{name} = {json.dumps(value)}\n" for name in list_settings()]
            (tmp_path / "qdash.toml").write_text("".join(lines), "utf-8")
        else:
            for name in VARIABLES:
                monkeypatch.setenv(name, value)
        if SECRET in report_quoting(value):
            told.append(value)

    assert told == []


def test_a_secret_of_a_root_in_the_file_is_not_reported(tmp_path: Path) -> None:
    (tmp_path / "qdash.toml").write_text(
        f'[file_roots.bench]\nremote_token = "{SECRET}"\npath = 3\n', "utf-8"
    )

    assert SECRET not in report_quoting(SECRET)


def test_names_of_machine_user_and_folders_are_not_reported(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "fridge-pc.example.org")
    monkeypatch.setenv("LOGNAME", "olga")
    monkeypatch.setenv("HOME", "/home/o gorman")
    detail = f"olga on fridge-pc (fridge-pc.example.org): {home}/qdash.db, /home/o gorman/notes/x, see /srv/olga/lab.py:3"

    report = write_bug_report([HealthFinding("store", "failed", detail)])

    assert (
        "store: failed, <user> on <machine> (<machine>): <QDASH_HOME>, <home of the user>, see <path>"
        in report
    )
    assert not [
        word for word in ("olga", "fridge", "gorman", "cold", "srv", str(home.parent)) if word in report
    ]


@pytest.mark.parametrize(
    ("said", "left"),
    {
        "quel-03.rcqs.internal refused": "<address> refused",
        "no answer of 10.5.0.17:16384, 10.5.0.17 or [fe80::1f2e]:80": "no answer of <address>, <address> or [<address>]:80",
        "clock of rack:50051 and rack.kyoto.ac.jp": "clock of <address> and <address>",
        "sent to ann@example.org": "sent to <address>",
        "~alice/x, ~/y and C:\\Users\\alice": "<path>, <path> and <path>",
        r"in \\fileserver\share\alice": "in <path>",
        "cannot read '/home/Ann Mary Smith/secret.yaml': gone": "cannot read '<path>': gone",
        'cannot read "/o\'neil/a b": gone': 'cannot read "<path>": gone',
        "cannot read /home/Ann Smith/secret.yaml: gone": "cannot read <path> gone",
        "header Bearer abcdef.123 failed": "header <token> failed",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a": "<token>",
        f"qdash_{'aB3-_' * 8}xyz": "<token>",
    }.items(),
)
def test_addresses_paths_and_tokens_in_a_finding_are_removed(said: str, left: str) -> None:
    assert redact(said, known=()) == left


def test_what_tells_the_fault_remains() -> None:
    text = (
        "QDash 0.9.1, Python 3.11.2, Linux 6.1.0-18-amd64\n"
        "clock: ok, Simulated time: 2026-01-07 11:00+00:00 (18:00:05)\n"
        "plugin bench: failed, my_lab.plugin of my-lab 1.5.0rc4: qdash_core.errors.PluginError in lab.py, qdash.db\n"
        "runs: 2 of Q01-Q02, file.py::test, a/b, e.g. `qdash executions resume 20260107-001` or qdash_core\n"
    )
    assert redact(text, known=()) == text


def test_a_report_has_versions_settings_contents_findings_and_plugins(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QDASH_NOTIFY_WEBHOOK_URL", f"https://hooks.example.org/{SECRET}")
    monkeypatch.setenv("QDASH_LEASE_TTL_S", "20")
    monkeypatch.setenv("QDASH_RUNNER", "local")
    run(["init"])
    capsys.readouterr()

    assert run(["doctor", "--report"]) == 0

    first, settings, *findings = capsys.readouterr().out.splitlines()
    assert first.startswith("QDash 0")
    assert "Python 3" in first
    assert settings == (
        "settings: QDASH_HOME, QDASH_LEASE_TTL_S=20.0, QDASH_NOTIFY_WEBHOOK_URL=https://..., QDASH_RUNNER=local"
    )
    told = dict(line.split(": ", 1) for line in findings)
    assert told["contents"].startswith("ok, sqlite, version ")
    assert "1 project, " in told["contents"]
    assert told["runner"] == "ok, local, which needs nothing else"
    assert told["notifiers"].startswith("ok, webhook (<QDASH_NOTIFY_WEBHOOK_URL>) on execution.completed")
    assert told["plugin core"].startswith("ok, qdash-core ")


def test_a_report_of_invalid_settings_names_what_is_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QDASH_TIMEZONE", SECRET)

    assert run(["doctor", "--report"]) == 1

    out = capsys.readouterr().out
    assert "settings: QDASH_HOME, QDASH_TIMEZONE\n" in out
    assert SECRET not in out


def test_a_report_is_no_json() -> None:
    assert run(["doctor", "--report", "--json"]) == 2
