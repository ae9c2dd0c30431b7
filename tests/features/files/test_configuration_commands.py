"""`qdash configuration` pulls and pushes the configuration folder of the laboratory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .remotes import make_remote

if TYPE_CHECKING:
    from pathlib import Path

    from ...cli.conftest import InProcess


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    return make_remote(tmp_path / "remote.git", {b"params/t1.yaml": b"Q00: 31.5\n"})


@pytest.fixture
def lab(command: InProcess, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """Return the command line with a chip `lab` and a configuration folder."""
    command.does("chip", "create", "lab", "--topology", "linear-3")
    monkeypatch.setenv("QDASH_CONFIG_FOLDER", str(tmp_path / "config"))
    monkeypatch.setenv("QDASH_CONFIG_REMOTE_URL", bare.as_uri())
    return command


def test_a_pull_tells_the_commit_and_the_changed_files(lab: InProcess, tmp_path: Path) -> None:
    assert lab.does("configuration", "pull").startswith(f"{tmp_path / 'config'} is at commit ")
    assert lab.read_json("configuration", "pull")["files"] == []
    assert (tmp_path / "config/params/t1.yaml").read_text() == "Q00: 31.5\n"


def test_a_push_of_a_chip_without_results_tells_what_was_left_out(lab: InProcess) -> None:
    pushed = lab.read_json("configuration", "push", "lab")
    assert pushed == {
        "files": [],
        "left_out": [
            "note: chip lab has no calibration note: no run of it has left one",
            "parameters: backend fake has no parameter files",
        ],
    }
    assert "nothing was pushed" in lab.does("configuration", "push", "lab", "--only", "note")


def test_missing_settings_are_named(command: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = command.run_refused("configuration", "pull")
    assert "set QDASH_CONFIG_FOLDER and QDASH_CONFIG_REMOTE_URL" in refusal
    monkeypatch.setenv("QDASH_CONFIG_FOLDER", "config")
    monkeypatch.setenv("QDASH_CONFIG_REMOTE_URL", "https://git.example.org/lab/config.git")
    refusal = command.run_refused("configuration", "pull")
    assert "set QDASH_CONFIG_REMOTE_USER and QDASH_CONFIG_REMOTE_TOKEN" in refusal


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://me:secret@git.example.org/config.git", "credentials do not belong in the URL"),
        ("http://git.example.org/config.git", "a git remote has the form https://host/path"),
        ("secret", "a git remote has the form https://host/path"),
    ],
)
def test_urls_with_credentials_or_without_encryption_are_refused(
    command: InProcess, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    monkeypatch.setenv("QDASH_CONFIG_REMOTE_URL", url)
    refusal = command.run_refused("configuration", "pull")
    assert said in refusal
    assert "secret" not in refusal


def test_bad_names_of_branches_are_refused(lab: InProcess, subtests: pytest.Subtests) -> None:
    for name in ["../main", "-x", "a b", "main.lock"]:
        with subtests.test(name):
            assert "is not the name of a git branch" in lab.run_refused(
                "configuration", "pull", f"--branch={name}"
            )


def test_a_chip_that_does_not_exist_is_refused_before_anything_is_written(
    lab: InProcess, tmp_path: Path
) -> None:
    lab.run_refused("configuration", "push", "other")
    assert not (tmp_path / "config").exists()
