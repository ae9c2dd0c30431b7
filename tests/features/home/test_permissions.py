"""File permissions in the doctor: it reports files readable by others, and its command fixes them."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.home.permissions import check_permissions
from qdash_cli.main import run
from qdash_core.hooks.manager import load_plugins
from qdash_core.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_settings", "known_installation")


@pytest.fixture(params=["it's a home", pytest.param("home", marks=pytest.mark.slow)])
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A private home, under a name that a shell would misread, and under a plain one."""
    monkeypatch.setenv("QDASH_HOME", str(tmp_path / request.param))
    assert run(["init"]) == 0
    (tmp_path / request.param / "artifacts" / "chip").mkdir(0o700, parents=True)
    (tmp_path / request.param / "artifacts").chmod(0o700)
    return tmp_path / request.param


def read_finding(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    capsys.readouterr()
    assert run(["doctor", "--json"]) == 0
    [found] = [one for one in json.loads(capsys.readouterr().out)["checks"] if one["name"] == "permissions"]
    return {str(name): str(value) for name, value in found.items()}


@pytest.mark.parametrize(
    ("place", "mode", "told"),
    [
        ("", 0o755, "the folder itself 0755"),
        ("qdash.db", 0o644, "qdash.db 0644"),
        ("qdash.db", 0o660, "qdash.db 0660"),
        ("artifacts/chip", 0o750, "artifacts/chip 0750"),
        ("backups.tar", 0o604, "backups.tar 0604"),
    ],
)
def test_what_others_may_read_of_a_private_home_is_told_with_the_command_that_ends_it(
    home: Path, capsys: pytest.CaptureFixture[str], place: str, mode: int, told: str
) -> None:
    (home / "backups.tar").touch(0o600)
    (home / place).chmod(mode)
    found = read_finding(capsys)
    assert found["status"] == "warning"
    assert told in found["detail"]
    assert found["advice"].startswith("chmod -R go-rwx ")
    subprocess.run(found["advice"], shell=True, check=True)
    assert read_finding(capsys)["status"] == "ok"


def test_a_shared_home_is_closed_to_others_and_hands_on_its_group(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (home, home / "artifacts", home / "artifacts/chip"):
        folder.chmod(0o2770)
    (home / "qdash.db").chmod(0o660)
    assert read_finding(capsys)["status"] == "ok"
    (home / "qdash.db").chmod(0o664)
    (home / "artifacts/chip").chmod(0o0770)
    found = read_finding(capsys)
    assert "open to others than owner and group: 1 path (qdash.db 0664)" in found["detail"]
    assert "1 folder does not pass on its group" in found["detail"]
    subprocess.run(found["advice"], shell=True, check=True)
    assert read_finding(capsys)["status"] == "ok"
    assert (home / "qdash.db").stat().st_mode & 0o777 == 0o660


def test_a_store_and_raw_data_outside_the_home_are_looked_at_too(home: Path, tmp_path: Path) -> None:
    for name in ("stores", "raw data"):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o755)
    (tmp_path / "stores" / "lab.db").touch()
    (tmp_path / "stores" / "lab.db").chmod(0o644)
    (tmp_path / "stores" / "of somebody else").touch()
    settings = Settings(
        home=home,
        store_url=f"sqlite:///{tmp_path}/stores/lab.db",
        artifacts_url=(tmp_path / "raw data").as_uri(),
    )
    found = check_permissions(settings, load_plugins(), within_s=None)
    assert "lab.db 0644" in found.detail
    assert "somebody" not in found.detail
    assert f"chmod -R go-rwx '{tmp_path}/raw data'" in found.advice
    assert f"chmod go-rwx {tmp_path}/stores/lab.db" in found.advice
    subprocess.run(found.advice, shell=True, check=True)
    assert check_permissions(settings, load_plugins(), within_s=None).status == "ok"
    assert (tmp_path / "stores").stat().st_mode & 0o777 == 0o755


def test_links_are_left_out(home: Path, tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    (tmp_path / "public").chmod(0o755)
    (home / "link").symlink_to(tmp_path / "public")
    (home / "artifacts" / "dangling").symlink_to(tmp_path / "nowhere")
    assert check_permissions(Settings(home=home), load_plugins(), within_s=None).status == "ok"


def test_a_quick_look_ends_in_time_and_says_so(home: Path) -> None:
    found = check_permissions(Settings(home=home), load_plugins(), within_s=0.0)
    assert (found.status, found.detail.endswith("stopped after 0 s")) == ("ok", True)
