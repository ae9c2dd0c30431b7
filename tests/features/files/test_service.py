"""Changes of files keep the former contents, and no path leaves a root."""

from __future__ import annotations

import errno
import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.files import service
from qdash_builtin.files.confined_folder import ConfinedFolder, parse_path
from qdash_builtin.files.feature import FILES
from qdash_builtin.files.validation import CheckedFile, FileProblem
from qdash_builtin.files.versions import VersionedFiles
from qdash_core.errors import (
    AccessDeniedError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    StaleError,
    StoreUnavailableError,
)
from qdash_core.hooks.formats import Format
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.parsing.text_error import TextError
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import Settings

from ...access import ADMIN, access_of
from ...core.bench import Bench, make_task
from ...file_paths import ESCAPES, plant_escapes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path, PurePosixPath

    from qdash_core.chips.chip import Chip

    from ...core.conftest import MakeBench


T1 = "params/t1.yaml"
EDITOR = access_of("ed", role=ProjectRole.EDITOR)


def read(bench: Bench, path: str = T1, version: str | None = None) -> bytes:
    return b"".join(bench.qdash.get(FILES).open(ADMIN, "config", path, version=version).pieces)


def list_versions(bench: Bench, path: str = T1) -> list[tuple[str, str, str]]:
    found = bench.qdash.get(FILES).list_versions(ADMIN, "config", path, PageRequest()).items
    return [(one.version, str(one.change), one.username) for one in found]


@pytest.mark.every_store
def test_contents_before_and_after_each_change_stay(bench: Bench, folder: Path) -> None:
    files = bench.qdash.get(FILES)
    first = files.write(EDITOR, "config", T1, b"Q00: 33\n", seen="*", reason="warmer")
    assert (first.version, first.username, first.reason) == ("2", "ed", "warmer")
    (folder / T1).write_text("Q00: 34\n")
    files.delete(EDITOR, "config", T1, reason="gone")
    assert list_versions(bench) == [
        ("4", "deleted", "ed"),
        ("3", "found", ""),
        ("2", "written", "ed"),
        ("1", "found", ""),
    ]
    assert [read(bench, version=one) for one in "123"] == [b"Q00: 31.5\n", b"Q00: 33\n", b"Q00: 34\n"]
    with pytest.raises(NotFoundError, match="was deleted in version 4"):
        read(bench, version="4")
    assert files.restore(EDITOR, "config", T1, "1").restored_from == "1"
    assert read(bench) == b"Q00: 31.5\n"
    events = [one.data["version"] for one in bench.list_events() if one.kind == "file.changed"]
    assert events == ["2", "4", "5"]


def test_a_file_keeps_its_permissions_and_a_new_one_has_those_of_its_folder(
    bench: Bench, folder: Path
) -> None:
    (folder / T1).chmod(0o751)
    (folder / "params").chmod(0o750)
    bench.qdash.get(FILES).write(ADMIN, "config", T1, b"a: 1\n", seen="*")
    bench.qdash.get(FILES).write(ADMIN, "config", "params/new/t2.yaml", b"a: 1\n")
    modes = [(folder / one).stat().st_mode & 0o777 for one in (T1, "params/new", "params/new/t2.yaml")]
    assert modes == [0o751, 0o750, 0o640]
    assert sorted(one.name for one in folder.rglob("*")) == ["new", "params", "t1.yaml", "t2.yaml"]


def test_a_difference_is_unified(bench: Bench) -> None:
    bench.qdash.get(FILES).write(ADMIN, "config", T1, b"Q00: 33\nQ01: 2", seen="*")
    found = bench.qdash.get(FILES).compare(ADMIN, "config", T1, "1")
    assert found.splitlines() == [
        f"--- {T1} (1)",
        f"+++ {T1} (present)",
        "@@ -1 +1,2 @@",
        "-Q00: 31.5",
        "+Q00: 33",
        "+Q01: 2",
        "\\ No newline at end of file",
    ]
    assert bench.qdash.get(FILES).compare(ADMIN, "config", T1, "2", "2") == ""


def test_no_path_leaves_its_root(
    bench: Bench, folder: Path, outside: Path, subtests: pytest.Subtests
) -> None:
    private = plant_escapes(folder, outside)
    before = [one.read_bytes() for one in private]
    files = bench.qdash.get(FILES)
    attempts: list[Callable[[str], Any]] = [
        lambda path: read(bench, path),
        lambda path: files.preview(ADMIN, "config", path),
        lambda path: files.list_files(ADMIN, "config", path, PageRequest()),
        lambda path: files.write(ADMIN, "config", path, b"changed", seen="*"),
        lambda path: files.delete(ADMIN, "config", path),
        lambda path: files.compare(ADMIN, "config", path, "1"),
    ]
    for path in (*ESCAPES, "\udcff.yaml"):
        with subtests.test(repr(path)):
            for attempt in attempts:
                with pytest.raises(InvalidInputError):
                    attempt(path)
            assert [one.read_bytes() for one in private] == before
    assert not (outside / "new.txt").exists()


def test_links_are_listed_and_reserved_names_are_not(bench: Bench, folder: Path, outside: Path) -> None:
    plant_escapes(folder, outside)
    (folder / "qdash.toml").touch()
    found = bench.qdash.get(FILES).list_files(ADMIN, "config", "", PageRequest()).items
    assert [(one.path, one.kind) for one in found if one.kind != "other"] == [("params", "folder")]
    assert "link.txt" in [one.path for one in found]
    assert not {".git", "qdash.toml"} & {one.path for one in found}


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_folder_that_is_replaced_by_a_link_during_a_write_leads_nowhere(
    folder: Path, outside: Path, monkeypatch: pytest.MonkeyPatch, moment: str, number: int
) -> None:
    """The folder `params` is opened twice: for the missing folder `new`, and for the file."""
    elsewhere = outside / "elsewhere"
    elsewhere.mkdir()
    real = os.open
    opened = []

    def swap() -> None:
        (folder / "params").rename(folder / "aside")
        (folder / "params").symlink_to(elsewhere)

    def open_and_swap(path: Any, *given: Any, **options: Any) -> int:
        if path != "params":
            return real(path, *given, **options)
        opened.append(path)
        if moment == "before" and len(opened) == number:
            swap()
        descriptor = real(path, *given, **options)
        if moment == "after" and len(opened) == number:
            swap()
        return descriptor

    monkeypatch.setattr(os, "open", open_and_swap)
    with suppress(InvalidInputError):
        ConfinedFolder(folder, "config").write(parse_path("params/new/a.txt"), b"mine")
    assert len(opened) >= number
    assert (folder / "params").is_symlink()
    assert [*elsewhere.iterdir()] == []


def test_an_invalid_edit_names_line_and_column(bench: Bench, folder: Path) -> None:
    with pytest.raises(TextError, match=r"config:params/t1\.yaml, line 3, column") as caught:
        bench.qdash.get(FILES).write(ADMIN, "config", T1, b"Q00: 1\nQ01: [1, 2\nQ02: 3\n", seen="*")
    assert caught.value.line == 3
    assert (folder / T1).read_text() == "Q00: 31.5\n"
    assert list_versions(bench) == []


class LifetimeFile(Format):
    """Format whose check knows `t1.yaml`, refuses units, and fails for words."""

    name = "lifetimes"
    title = "T1 by qubit"

    def write(self, chip: Chip, folder: Path) -> list[Path]:
        raise NotImplementedError

    def check_file(self, path: PurePosixPath, text: str) -> bool:
        if path.as_posix() != T1:
            return False
        for line in text.splitlines():
            qubit, value = line.split(": ")
            if value.endswith("us"):
                raise InvalidInputError(f"{qubit} is not a number")
            float(value)
        return True


def test_an_edit_that_violates_the_format_of_a_plugin_is_refused_at_its_line(
    make_bench: MakeBench, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = make_bench(
        make_task(),
        formats=[LifetimeFile()],
        file_roots={"config": {"path": folder, "projects": ["default"]}},
    ).qdash.get(FILES)
    wrong = b"Q00: 31.5\nQ01: 28us\n"
    assert files.check(ADMIN, "config", T1, wrong) == CheckedFile(
        "lifetimes", FileProblem("Q01 is not a number", 2)
    )
    with pytest.raises(TextError, match=r"config:params/t1\.yaml, line 2: Q01 is not a number"):
        files.write(ADMIN, "config", T1, wrong, seen="*")
    assert (folder / T1).read_text() == "Q00: 31.5\n"
    files.write(ADMIN, "config", "params/t2.yaml", wrong)
    assert not caplog.records
    files.write(ADMIN, "config", T1, b"Q00: not parsed\n", seen="*")
    assert (folder / T1).read_text() == "Q00: not parsed\n"
    assert "params/t1.yaml is not checked by format lifetimes: format lifetimes cannot check" in caplog.text


def test_an_edit_of_contents_that_were_changed_meanwhile_is_refused(bench: Bench, folder: Path) -> None:
    files = bench.qdash.get(FILES)
    seen = files.preview(ADMIN, "config", T1).sha256
    (folder / T1).write_text("Q00: 40\n")
    with pytest.raises(StaleError, match="was changed since it was read"):
        files.write(ADMIN, "config", T1, b"Q00: 33\n", seen=seen)
    with pytest.raises(ConflictError, match="is there already"):
        files.write(ADMIN, "config", T1, b"Q00: 33\n")
    (folder / T1).unlink()
    with pytest.raises(StaleError):
        files.write(ADMIN, "config", T1, b"Q00: 33\n", seen=seen)
    assert not (folder / T1).exists()


@pytest.mark.every_store
def test_of_two_editors_with_the_same_contents_one_is_refused(bench: Bench) -> None:
    files = bench.qdash.get(FILES)
    seen = files.preview(ADMIN, "config", T1).sha256

    def edit(number: int) -> bool:
        try:
            files.write(access_of(f"editor{number}"), "config", T1, f"Q00: {number}\n".encode(), seen=seen)
        except StaleError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(edit, range(8))) == [False] * 7 + [True]
    assert [one[1] for one in list_versions(bench)] == ["written", "found"]


def test_a_full_disk_leaves_the_file_whole(
    bench: Bench, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(
        StoreUnavailableError, match=r"config:params/t1\.yaml cannot be written: no space left"
    ):
        bench.qdash.get(FILES).write(ADMIN, "config", T1, b"Q00: 33\n", seen="*")
    monkeypatch.undo()
    assert (folder / T1).read_text() == "Q00: 31.5\n"
    assert [one.name for one in (folder / "params").iterdir()] == ["t1.yaml"]
    assert ("written") not in [one[1] for one in list_versions(bench)]


def test_a_change_without_its_version_is_taken_back(
    bench: Bench, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailableError("the store is full")

    monkeypatch.setattr(VersionedFiles, "_record", fail)
    for path, contents in ((T1, b"Q00: 33\n"), ("new.txt", b"new")):
        with pytest.raises(StoreUnavailableError):
            bench.qdash.get(FILES).write(ADMIN, "config", path, contents, seen="*")
    with pytest.raises(StoreUnavailableError):
        bench.qdash.get(FILES).delete(ADMIN, "config", T1)
    assert (folder / T1).read_text() == "Q00: 31.5\n"
    assert not (folder / "new.txt").exists()


def change_before(
    monkeypatch: pytest.MonkeyPatch, method: str, file: Path, *, error: Exception | None = None
) -> None:
    """Let another program write a file before a method of VersionedFiles, which then may fail."""
    real = getattr(VersionedFiles, method)

    def change_first(self: VersionedFiles, *given: Any) -> Any:
        file.write_text("Q00: 99\n")
        if error is not None:
            raise error
        return real(self, *given)

    monkeypatch.setattr(VersionedFiles, method, change_first)


@pytest.mark.parametrize(
    "change",
    [
        lambda files: files.write(ADMIN, "config", T1, b"Q00: 33\n", seen="*"),
        lambda files: files.delete(ADMIN, "config", T1),
    ],
    ids=["write", "delete"],
)
def test_a_change_by_another_program_while_the_former_contents_are_stored_is_not_lost(
    bench: Bench, folder: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], Any]
) -> None:
    change_before(monkeypatch, "_record_found", folder / T1)
    with pytest.raises(StaleError):
        change(bench.qdash.get(FILES))
    assert (folder / T1).read_text() == "Q00: 99\n"


def test_a_change_that_is_taken_back_leaves_one_by_another_program(
    bench: Bench, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_before(monkeypatch, "_record", folder / T1, error=StoreUnavailableError("the store is full"))
    with pytest.raises(StoreUnavailableError, match="the store is full"):
        bench.qdash.get(FILES).write(ADMIN, "config", T1, b"Q00: 33\n", seen="*")
    assert (folder / T1).read_text() == "Q00: 99\n"


def write_until_killed(settings: Settings, place: str, acknowledged: Any) -> None:
    """Write versions 1 to 8 of a file, and die after the 4th, or between the 5th file and its version."""
    real = VersionedFiles._record

    def die_later(self: VersionedFiles, *given: Any) -> Any:
        if place == "before the version" and acknowledged.value == 4:
            os._exit(9)
        return real(self, *given)

    VersionedFiles._record = die_later  # type: ignore[method-assign]
    with open_qdash(settings, load_plugins(blocked=())) as qdash:
        for number in range(1, 9):
            qdash.get(FILES).write(ADMIN, "config", T1, f"Q00: {number}\n".encode(), seen="*")
            acknowledged.value = number
            if place == "after the version" and number == 4:
                os._exit(9)


@pytest.mark.parametrize(
    ("place", "kept"), [("before the version", b"Q00: 5\n"), ("after the version", b"Q00: 4\n")]
)
def test_no_acknowledged_edit_is_lost_if_the_process_dies(
    no_settings: None, folder: Path, tmp_path: Path, place: str, kept: bytes
) -> None:
    settings = Settings(home=tmp_path, file_roots={"config": {"path": folder, "projects": ["default"]}})
    context = multiprocessing.get_context("fork")
    acknowledged = context.Value("i", 0)
    child = context.Process(target=write_until_killed, args=(settings, place, acknowledged))
    child.start()
    child.join(60)
    assert (child.exitcode, acknowledged.value) == (9, 4)
    assert (folder / T1).read_bytes() == kept
    with open_qdash(settings, load_plugins(blocked=())) as qdash:
        again = Bench(qdash)
        contents = [read(again, version=str(one)) for one in range(1, 6)]
        assert contents == [b"Q00: 31.5\n", *(f"Q00: {one}\n".encode() for one in range(1, 5))]
        qdash.get(FILES).write(ADMIN, "config", T1, b"Q00: 9\n", seen="*")
        newest, before, *_ = list_versions(again)
    assert newest[1:] == ("written", "admin")
    assert (before[1] == "found") is (place == "before the version")


def test_a_root_that_vanished_is_unavailable_and_comes_back(bench: Bench, folder: Path) -> None:
    folder.rename(folder.with_name("moved"))
    [config, _] = bench.qdash.get(FILES).list_roots(ADMIN)
    assert not config.is_available
    with pytest.raises(StoreUnavailableError, match="root config cannot be opened"):
        bench.qdash.get(FILES).write(ADMIN, "config", T1, b"a: 1\n", seen="*")
    folder.with_name("moved").rename(folder)
    assert read(bench) == b"Q00: 31.5\n"


def test_a_read_only_root_can_be_read(bench: Bench, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refuse(path: Any, flags: int, *given: Any, **options: Any) -> int:
        if flags & os.O_CREAT and "dir_fd" in options:
            raise OSError(errno.EROFS, "Read-only file system")
        return real(path, flags, *given, **options)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(InvalidInputError, match="cannot be written by QDash on this machine: Read-only"):
        bench.qdash.get(FILES).write(ADMIN, "config", T1, b"a: 1\n", seen="*")
    assert read(bench) == b"Q00: 31.5\n"


def test_files_whose_former_contents_would_be_too_large_to_keep_are_not_changed(
    bench: Bench, folder: Path
) -> None:
    large = folder / "large.bin"
    with large.open("wb") as file:
        file.truncate(5 * 2**20)
    for change in (
        lambda: bench.qdash.get(FILES).write(ADMIN, "config", "large.bin", b"small", seen="*"),
        lambda: bench.qdash.get(FILES).delete(ADMIN, "config", "large.bin"),
    ):
        with pytest.raises(InvalidInputError, match="whose former contents it keeps"):
            change()
    assert large.stat().st_size == 5 * 2**20
    assert len(read(bench, "large.bin")) == 5 * 2**20


def test_a_root_is_for_its_projects_and_for_administrators(bench: Bench) -> None:
    other = access_of("olga", project_id="other")
    for access in (other, access_of("vera", project_id="other", role=ProjectRole.VIEWER)):
        with pytest.raises(NotFoundError, match="there is no root 'config' for project other"):
            bench.qdash.get(FILES).preview(access, "config", T1)
    viewer = access_of("vera", role=ProjectRole.VIEWER)
    assert bench.qdash.get(FILES).preview(viewer, "config", T1).preview.text == "Q00: 31.5\n"
    with pytest.raises(AccessDeniedError):
        bench.qdash.get(FILES).write(viewer, "config", T1, b"a: 1\n", seen="*")


def test_an_owner_of_default_has_no_access_to_roots_of_other_projects(
    make_bench: MakeBench, folder: Path, outside: Path
) -> None:
    for name in ("lab", "maintenance"):
        (outside / name).mkdir()
        (outside / name / "plan.txt").write_text("soon")
    roots = {
        "config": {"path": folder, "projects": ["default"]},
        "lab": {"path": outside / "lab", "projects": ["lab"]},
        "maintenance": {"path": outside / "maintenance"},
    }
    files = make_bench(make_task(), file_roots=roots).qdash.get(FILES)
    assert [one.name for one in files.list_roots(ADMIN)] == ["config", "maintenance", "executions"]
    for use in (
        lambda: files.preview(ADMIN, "lab", "plan.txt"),
        lambda: files.write(ADMIN, "lab", "plan.txt", b"now", seen="*"),
        lambda: files.pull(ADMIN, "lab"),
    ):
        with pytest.raises(NotFoundError, match="there is no root 'lab' for project default"):
            use()
    assert (outside / "lab/plan.txt").read_text() == "soon"
    owner = access_of("olga", project_id="lab", role=ProjectRole.OWNER)
    assert [one.name for one in files.list_roots(owner)] == ["lab", "executions"]
    assert files.preview(owner, "lab", "plan.txt").preview.text == "soon"
    editor = access_of("ed", role=ProjectRole.EDITOR)
    assert [one.name for one in files.list_roots(editor)] == ["config", "executions"]


def test_a_root_in_whose_path_a_link_to_the_home_appears_is_refused(bench: Bench, folder: Path) -> None:
    folder.rename(folder.with_name("moved"))
    folder.symlink_to(bench.qdash.settings.home)
    bench.qdash.settings.home.mkdir(exist_ok=True)
    with pytest.raises(InvalidInputError, match="root config is refused: it contains the home of QDash"):
        bench.qdash.get(FILES).list_files(ADMIN, "config", "", PageRequest())


def test_a_preview_of_a_file_that_is_changed_meanwhile_has_the_checksum_of_its_text(
    bench: Bench, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the next save would replace a text that its author has not seen."""
    real = service.make_preview

    def change_first(*given: Any) -> Any:
        (folder / T1).write_text("Q00: 99\n")
        return real(*given)

    monkeypatch.setattr(service, "make_preview", change_first)
    found = bench.qdash.get(FILES).preview(ADMIN, "config", T1)
    assert found.preview.text is not None
    assert found.sha256 == sha256(found.preview.text.encode()).hexdigest()


def test_events_are_for_the_projects_of_the_root_only(make_bench: MakeBench, folder: Path) -> None:
    bench = make_bench(make_task(), file_roots={"config": {"path": folder}})
    bench.qdash.get(FILES).write(ADMIN, "config", T1, b"a: 1\n", seen="*")
    assert [one for one in bench.list_events() if one.kind == "file.changed"] == []


def test_a_private_folder_that_is_mounted_below_a_root_is_not_opened(folder: Path) -> None:
    (folder / "params/new").mkdir()
    state = (folder / "params").stat()
    confined = ConfinedFolder(folder, "config", excluded=frozenset({(state.st_dev, state.st_ino)}))
    for path in (("params",), ("params", "new")):
        with pytest.raises(InvalidInputError, match="config:params is not opened: QDash keeps its own data"):
            confined.list(path)
    with pytest.raises(InvalidInputError, match="is not opened"):
        confined.write(parse_path(T1), b"mine")


MOUNTED = """
import sys
from pathlib import Path
from qdash_core.errors import InvalidInputError
from qdash_core.settings import Settings
for place in sys.argv[1:]:
    try:
        Settings(home=Path("home"), file_roots={"config": {"path": place}})
    except InvalidInputError as error:
        print(str(error).split(": ")[2])
"""


def can_mount() -> bool:
    return subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(sys.platform != "linux" or not can_mount(), reason="needs a mount namespace")
def test_the_home_is_no_root_where_it_is_mounted_a_second_time(no_settings: None, outside: Path) -> None:
    for name in ("home/part", "second", "third"):
        (outside / name).mkdir(parents=True)
    script = 'mount --bind home second && mount --bind . third && exec "$@"'
    command = ["unshare", "-rm", "sh", "-c", script, "sh", sys.executable, "-c", MOUNTED]
    places = ["second", "second/part", "third"]
    done = subprocess.run([*command, *places], cwd=outside, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "it contains the home of QDash",
        "it is in the home of QDash",
        "it contains the home of QDash",
    ]
