"""Backup of a home during a run in another process, and its restoration to a new home."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .command_line import CommandLine

ROOT = Path(__file__).parents[2]


@pytest.fixture
def backups(qdash: CommandLine) -> Path:
    folder = qdash.folder / "backups"
    folder.mkdir()
    return folder


@pytest.fixture
def fsspec_site(qdash: CommandLine) -> str:
    """A folder that makes `examples/fsspec-storage` importable as if installed."""
    site = qdash.folder / "site"
    info = site / "fsspec_storage-0.1.0.dist-info"
    info.mkdir(parents=True)
    info.joinpath("METADATA").write_text("Metadata-Version: 2.4\nName: fsspec-storage\nVersion: 0.1.0\n")
    info.joinpath("entry_points.txt").write_text("[qdash]\nfsspec = fsspec_storage\n")
    site.joinpath("fsspec_storage").symlink_to(ROOT / "examples/fsspec-storage/src/fsspec_storage")
    return str(site)


def test_a_home_is_backed_up_verified_and_restored(qdash: CommandLine, backups: Path) -> None:
    qdash.does("twin", "create", "chip", "--device", "linear-4", "--seed", "7")

    made = qdash.read_json("store", "backup", backups)
    file = backups / str(made["backup"]).rpartition("/")[2]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (made["documents"]["chip"], made["missing"], made["problems"]) == (1, [], [])
    assert (made["chip_files"], made["left_out"]) == (1, [])
    assert qdash.read_json("store", "verify", file) == made

    other = qdash.with_home(qdash.folder / "other")
    restored = other.read_json("store", "restore", file)
    assert restored["documents"] == sum(made["documents"].values())
    assert {check["status"] for check in restored["checks"]} == {"ok"}
    assert [chip["chip_id"] for chip in other.read_json("chip", "list")] == ["chip"]
    assert other.read_json("twin", "list") == qdash.read_json("twin", "list")
    assert "lose all of that with --force" in other.run_refused("store", "restore", file)
    assert "restored" in other.does("store", "restore", file, "--force")
    assert "is there already" in qdash.run_refused("store", "backup", file)


def test_what_is_no_backup_or_was_cut_is_refused(qdash: CommandLine, backups: Path) -> None:
    file = backups / "one.tar"
    assert "there is no backup" in qdash.run_refused("store", "restore", file)
    qdash.does("init")
    qdash.does("store", "backup", file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    other = qdash.with_home(qdash.folder / "other")
    for command in ("restore", "verify"):
        assert "or is truncated" in other.run_refused("store", command, file)
    assert "exists only in this process" in qdash.with_settings(QDASH_STORE_URL="memory://").run_refused(
        "store", "backup", backups
    )


@pytest.mark.parametrize(
    ("store", "storage"),
    [
        pytest.param("sqlite", "local", marks=pytest.mark.slow),
        pytest.param("mongodb", "file", marks=pytest.mark.release),
        pytest.param("sqlite", "file", marks=pytest.mark.release),
        pytest.param("mongodb", "local", marks=pytest.mark.release),
    ],
)
def test_a_backup_during_a_run_of_another_process(
    qdash: CommandLine,
    backups: Path,
    store: str,
    storage: str,
    request: pytest.FixtureRequest,
    fsspec_site: str,
) -> None:
    settings = {"PYTHONPATH": fsspec_site}
    theirs = dict(settings)
    if storage == "local":
        settings["QDASH_ARTIFACTS_URL"] = f"local://{qdash.folder}/raw"
        theirs["QDASH_ARTIFACTS_URL"] = f"local://{qdash.folder}/other-raw"
    if store == "mongodb":
        settings["QDASH_STORE_URL"] = request.getfixturevalue("mongo_url")
        theirs["QDASH_STORE_URL"] = request.getfixturevalue("new_mongo_url")
    here = qdash.with_settings(**settings)
    other = qdash.with_home(qdash.folder / "other").with_settings(**theirs)
    here.does("twin", "create", "chip", "--device", "jakarta", "--seed", "1", "--fault", "slow=0.2")
    with here.start("calibrate", "chip", "--flow", "bring-up", "--qids", "0,1,2,3") as run:
        while not _count_completed(here):
            assert run.poll() is None, "it goes on until something has been measured"
        made = here.read_json("store", "backup", backups)
        assert run.poll() is None, "it still goes on"
    restored = other.read_json("store", "restore", made["backup"])
    [execution_id] = restored["interrupted"]
    assert {check["status"] for check in restored["checks"]} == {"ok"}
    [execution] = other.read_json("executions", "list")
    assert (execution["execution_id"], execution["status"]) == (execution_id, "failed")
    assert execution["reason"] == "interrupted"
    other.does("store", "verify")


def _count_completed(qdash: CommandLine) -> int:
    return sum(one["tasks"].get("completed", 0) for one in qdash.read_json("executions", "list"))
