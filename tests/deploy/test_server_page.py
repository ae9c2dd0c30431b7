"""Page of a server: it shows or links the files of `deploy/`, and these name existing commands and settings."""

from __future__ import annotations

import re
import tarfile
from typing import TYPE_CHECKING

import click

from qdash_cli.app import app
from qdash_core.settings import Settings, list_settings
from release.folder import pack_server_files

from .server_files import FOLDER, ROOT, SERVICES, list_commands, read_file, read_settings

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs/server.md").read_text(encoding="utf-8")
_SHOWN = re.compile(r"^<!-- shows: deploy/(\S+) -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TO_IMPORT = {"grafana-dashboard.json"}
"""Files that are imported on a page of another program."""
ELSEWHERE = {"mongo-set-up.js"}
"""Files of containers."""


def list_files() -> set[str]:
    """Return the names of the files of a server."""
    files = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}
    return files - ELSEWHERE


def test_the_page_links_each_file_and_shows_some_as_they_are() -> None:
    assert {name for name in list_files() if f"](../deploy/{name})" not in PAGE} == set()
    shown = dict(_SHOWN.findall(PAGE))
    assert shown == {name: read_file(name) for name in shown}


def test_its_commands_install_each_file_where_the_file_says() -> None:
    commands = _SHOWN.sub("", PAGE)
    assert "cp -r qdash-*.service qdash-backup.timer qdash-.service.d /etc/systemd/system/\n" in commands
    for name in list_files() - TO_IMPORT:
        text = read_file(name)
        if text.startswith("# A part of "):
            continue
        place = re.search(r"^# (/[^\s:]+)", text, re.MULTILINE)
        assert place is not None, name
        if place[1].startswith("/etc/systemd/system/"):
            assert place[1] == f"/etc/systemd/system/{name}"
        else:
            assert place[1] in commands


def test_a_release_brings_the_files(tmp_path: Path) -> None:
    packed = tmp_path / "deploy.tar.gz"
    pack_server_files(packed)
    with tarfile.open(packed) as archive:
        assert "deploy/mongo-set-up.js" in archive.getnames()
    assert f'tar -xzf "$RELEASE/{packed.name}"' in PAGE


def test_commands_and_their_options_exist() -> None:
    for program, *arguments in list_commands():
        assert program == "/opt/qdash/bin/qdash"
        command: click.Command = app
        context = click.Context(app)
        while isinstance(command, click.Group):
            found = command.get_command(context, arguments.pop(0))
            assert found is not None
            command = found
        command.make_context(command.name, arguments)


def test_settings_of_qdash_exist() -> None:
    known = {f"QDASH_{name.upper()}" for name in list_settings()}
    assert set(re.findall(r"^#?(QDASH_\w+)=", read_file("qdash.env"), re.MULTILINE)) <= known


def test_one_path_is_named_for_the_installation() -> None:
    pages = {page.name: page.read_text(encoding="utf-8") for page in (ROOT / "docs").rglob("*.md")}
    assert [name for name, text in pages.items() if "/opt/qdash/.venv" in text] == []


def test_a_service_is_kept_up_by_its_user_and_given_time_to_end() -> None:
    common = read_settings("qdash-.service.d/hardening.conf")
    assert (common["User"], common["KillMode"], common["ProtectSystem"]) == (["qdash"], ["mixed"], ["strict"])
    for name in set(SERVICES) - {"qdash-backup.service"}:
        assert read_settings(name)["Restart"] == ["always"]
    grace_s = Settings.model_fields["cancel_grace_s"].default
    assert int(read_settings("qdash-worker.service")["TimeoutStopSec"][0]) > 3 * grace_s


def test_only_services_with_a_home_can_write_it() -> None:
    writable = {name: read_settings(name).get("ReadWritePaths", []) for name in SERVICES}
    assert writable.pop("qdash-backup.service") == ["/srv/qdash /var/backups/qdash"]
    assert writable == {
        "qdash-dashboard.service": [],
        "qdash-host.service": ["/srv/qdash"],
        "qdash-worker.service": ["/srv/qdash"],
    }
