"""File modes: new homes are private or shared with a group under any umask; existing files keep their mode."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.flows.user_flows import UserFlow
from qdash_builtin.home.views.home import get_group_name
from qdash_cli.main import run
from qdash_cli.rendering.output import write_file
from qdash_core.artifacts.atomic import write_atomically
from qdash_core.artifacts.storage import FilesystemCalibDataSaver
from qdash_core.process.file_modes import (
    create_file,
    ensure_file,
    inherit_mode,
    is_shared,
    make_folder,
)
from qdash_sqlite.file import make_url
from qdash_sqlite.store import SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.usefixtures("no_settings", "known_installation")


OPEN = pytest.mark.parametrize(
    "umask",
    [0o000, pytest.param(0o022, marks=pytest.mark.release), pytest.param(0o077, marks=pytest.mark.slow)],
    indirect=True,
    ids=["000", "022", "077"],
)
"""The umask that would leave everything open; the others are no quick tests."""


@pytest.fixture(
    params=[0o000, pytest.param(0o022, marks=pytest.mark.release), 0o077],
    ids=["000", "022", "077"],
    autouse=True,
)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Each umask in turn: that of most users is between the others."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Path of a home to be created."""
    monkeypatch.setenv("QDASH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def get_mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def list_modes(folder: Path) -> dict[str, set[int]]:
    """Return the modes of files and folders, including the folder itself."""
    found = [folder, *folder.rglob("*")]
    return {
        "folders": {get_mode(path) for path in found if path.is_dir()},
        "files": {get_mode(path) for path in found if not path.is_dir()},
    }


def make_existing_folder(folder: Path, as_mode: int) -> Path:
    folder.mkdir()
    folder.chmod(as_mode)
    return folder


@pytest.mark.parametrize("options", [("init",), ("chip", "list"), ("doctor",)], ids=" ".join)
def test_the_first_command_makes_a_home_for_its_owner(home: Path, options: tuple[str, ...]) -> None:
    assert run(options) == 0
    assert list_modes(home) == {"folders": {0o700}, "files": {0o600}}


def test_init_shared_makes_a_home_for_owner_and_group(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "--shared"]) == 0
    assert f"shared with group {get_group_name(home)}" in capsys.readouterr().out
    assert list_modes(home) == {"folders": {0o2770}, "files": {0o660}}
    assert run(["init", "--shared"]) == 0
    capsys.readouterr()
    assert run(["init", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["group"] == get_group_name(home)


def test_init_shared_changes_no_folder_that_exists(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_existing_folder(home, 0o755)
    assert run(["init", "--shared"]) == 2
    assert f"chmod -R g+rwX,o-rwx {home} && find {home} -type d -exec chmod g+s" in " ".join(
        capsys.readouterr().err.split()
    )
    assert (get_mode(home), [*home.iterdir()]) == (0o755, [])


@OPEN
@pytest.mark.parametrize("folder_mode", [0o700, 0o750, 0o755, 0o777, 0o1777])
def test_what_is_made_in_a_folder_that_its_group_may_not_write_to_is_for_its_owner(
    home: Path, folder_mode: int
) -> None:
    make_existing_folder(home, folder_mode)
    assert run(["init"]) == 0
    FilesystemCalibDataSaver(home / "artifacts").write("a/b.npz", io.BytesIO(b"1"))
    assert (get_mode(home), get_mode(home / "qdash.db")) == (folder_mode, 0o600)
    assert list_modes(home / "artifacts") == {"folders": {0o700}, "files": {0o600}}


@pytest.mark.parametrize("folder_mode", [0o770, 0o2770, 0o775, 0o2775])
def test_what_is_made_in_a_folder_that_its_group_may_write_to_is_for_owner_and_group(
    home: Path, folder_mode: int
) -> None:
    make_existing_folder(home, folder_mode)
    assert run(["init"]) == 0
    FilesystemCalibDataSaver(home / "artifacts").write("a/b.npz", io.BytesIO(b"1"))
    assert (get_mode(home), get_mode(home / "qdash.db")) == (folder_mode, 0o660)
    assert list_modes(home / "artifacts") == {"folders": {0o2770}, "files": {0o660}}


@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o700, 0o600), (0o2770, 0o660)])
def test_the_files_beside_a_store_that_is_in_use_have_its_mode(
    tmp_path: Path, folder_mode: int, file_mode: int
) -> None:
    folder = make_existing_folder(tmp_path / "home", folder_mode)
    store = SQLiteStore.open(make_url(folder / "qdash.db"))
    with store.transaction() as transaction:
        transaction.append("event", {"project_id": "p"})
        found = {path.name: get_mode(path) for path in folder.iterdir()}
    store.close()
    assert found == dict.fromkeys(("qdash.db", "qdash.db-wal", "qdash.db-shm"), file_mode)


def test_a_store_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "qdash.db"
    path.touch()
    path.chmod(0o644)
    SQLiteStore.open(make_url(path)).close()
    assert get_mode(path) == 0o644


def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "twin.json"
    path.touch()
    path.chmod(0o640)
    write_atomically(path, lambda file: file.write(b"new"))
    assert (get_mode(path), path.read_bytes()) == (0o640, b"new")


def test_a_file_that_the_user_names_has_the_mode_that_the_umask_leaves(tmp_path: Path, umask: int) -> None:
    write_file(tmp_path / "chip.json", "{}")
    assert get_mode(tmp_path / "chip.json") == 0o666 & ~umask


@OPEN
@pytest.mark.parametrize("above", [0o755, 0o2775, 0o1777])
def test_a_backup_is_for_its_owner_wherever_it_lies(home: Path, tmp_path: Path, above: int) -> None:
    folder = make_existing_folder(tmp_path / "backups", above)
    assert run(["init", "--shared"]) == 0
    assert run(["store", "backup", str(folder)]) == 0
    assert run(["store", "backup", str(tmp_path / "new" / "b.tar")]) == 0
    found = [*folder.rglob("*"), tmp_path / "new" / "b.tar"]
    assert {(path.is_dir(), get_mode(path)) for path in found} == {(True, 0o700), (False, 0o600)}


@OPEN
@pytest.mark.parametrize(
    "options", [("restore", "b.tar"), ("migrate", "sqlite:///one/qdash.db", "sqlite:///home/qdash.db")]
)
def test_a_home_that_is_restored_or_migrated_to_is_for_its_owner(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    with monkeypatch.context() as other:
        other.setenv("QDASH_HOME", str(tmp_path / "one"))
        assert run(["init", "--shared"]) == 0
        assert run(["store", "backup", "b.tar"]) == 0
    assert run(["store", *options]) == 0
    assert list_modes(home) == {"folders": {0o700}, "files": {0o600}}


@OPEN
def test_a_home_is_for_its_owner_also_in_a_folder_that_a_group_may_write_to(home: Path) -> None:
    home.parent.chmod(0o2775)
    assert run(["init"]) == 0
    assert run(["store", "backup", "b.tar"]) == 0
    assert get_mode(home) == 0o700
    shutil.rmtree(home)
    assert run(["store", "restore", "b.tar"]) == 0
    assert list_modes(home) == {"folders": {0o700}, "files": {0o600}}


@OPEN
def test_what_can_be_read_of_a_store_is_saved_for_its_owner(home: Path, tmp_path: Path) -> None:
    assert run(["init"]) == 0
    saved = make_existing_folder(tmp_path / "elsewhere", 0o755) / "saved.db"
    assert run(["store", "recover", str(saved)]) == 0
    assert get_mode(saved) == 0o600


def test_a_flow_leaves_no_bytecode_in_its_folder(tmp_path: Path) -> None:
    folder = make_existing_folder(tmp_path / "flows", 0o700)
    (folder / "night.py").write_text("def night(username):\n    return 1\n")
    UserFlow(f"{folder / 'night.py'}:night")
    assert [path.name for path in folder.iterdir()] == ["night.py"]


def test_what_is_made_by_other_means_is_given_the_mode_of_its_folder(tmp_path: Path) -> None:
    for folder_mode, expected in ((0o755, 0o700), (0o2770, 0o2770)):
        folder = make_existing_folder(tmp_path / f"{folder_mode:o}", folder_mode)
        made = Path(tempfile.mkdtemp(dir=folder))
        inherit_mode(made)
        assert get_mode(made) == expected
        ensure_file(folder / "twin.lock")
        ensure_file(folder / "twin.lock")
        assert get_mode(folder / "twin.lock") == (0o660 if is_shared(folder) else 0o600)
        with pytest.raises(FileExistsError):
            create_file(folder / "twin.lock")


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "home")


GROUP, ANN, BEN, EVE = 61_000, 61_001, 61_002, 61_003
"""Numeric ids without accounts. Ann and Ben belong to the group."""


def run_as_user(user: int, action: Callable[[], object]) -> bool:
    """Run a function in a child process, of another user if this one is root; return whether it succeeded."""
    child = os.fork()
    if not child:
        try:
            if os.getuid() == 0:
                os.setgroups([] if user == EVE else [GROUP])
                os.setgid(user)
                os.setuid(user)
            action()
        except BaseException:  # noqa: BLE001  a child must not return into the test
            traceback.print_exc()
            os._exit(1)
        os._exit(0)  # without any cleanup
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.fixture
def shared_home() -> Iterator[Path]:
    """A shared home of Ann, with the group of both, in a folder that every user can enter."""
    with tempfile.TemporaryDirectory() as above:
        Path(above).chmod(0o777)
        home = Path(above) / "home"
        make_folder(home, shared=True)
        if os.getuid() == 0:
            os.chown(home, ANN, GROUP)
            home.chmod(0o2770)  # chown by root clears the bit
        yield home


def test_two_users_of_a_shared_home_write_to_one_store_and_to_each_others_folders(shared_home: Path) -> None:
    url, artifacts = make_url(shared_home / "qdash.db"), FilesystemCalibDataSaver(shared_home / "artifacts")

    def write(text: str) -> None:
        store = SQLiteStore.open(url)
        with store.transaction() as transaction:
            transaction.append("event", {"project_id": "p", "text": text})
        artifacts.write(f"chip/{text}.npz", io.BytesIO(text.encode()))
        write_atomically(shared_home / "twin.json", lambda file: file.write(text.encode()))
        for path in shared_home.rglob("*"):
            assert path.stat().st_gid == shared_home.stat().st_gid, path
            assert get_mode(path) == (0o2770 if path.is_dir() else 0o660), path

    # Neither closes the store: the next one finds the log and the shared memory of the previous one.
    for user, text in ((ANN, "a"), (BEN, "b"), (ANN, "c"), (BEN, "d")):
        assert run_as_user(user, lambda text=text: write(text))  # type: ignore[misc]
    store = SQLiteStore.open(url)
    with store.read() as snapshot:
        assert [event["text"] for event in snapshot.find("event", {})] == ["a", "b", "c", "d"]
    store.close()


@OPEN
def test_somebody_else_reads_neither_a_private_nor_a_shared_home(shared_home: Path) -> None:
    private = shared_home.parent / "private"
    assert run_as_user(ANN, lambda: make_folder(private, shared=False))
    for home in (private, shared_home):
        assert run_as_user(ANN, lambda home=home: SQLiteStore.open(make_url(home / "qdash.db")))  # type: ignore[misc]
        assert not get_mode(home) & 0o007
        assert not get_mode(home / "qdash.db") & 0o007
        # Only root can change the user; otherwise the home stays the same.
        can_list = run_as_user(EVE, lambda home=home: [*home.iterdir()])  # type: ignore[misc]
        assert can_list is (os.getuid() != 0)
