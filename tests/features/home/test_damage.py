"""Damage of a home: the doctor finds it and gives advice, and no command reports an unexpected error."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.home import raw_data
from qdash_builtin.home.store_integrity import map_models
from qdash_cli.main import run
from qdash_core.repositories.memory import MemoryStore

from ...core.bench import Bench, make_task

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_settings", "known_installation")


@pytest.fixture(scope="module")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made")
    bench = Bench.open(home, f"sqlite:///{home}/qdash.db", make_task())
    for qid in ("0", "1"):
        bench.run(qid=qid)
    bench.qdash.close()
    return home


@pytest.fixture
def home(made_home: Path, tmp_path: Path, no_settings: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with two measurements."""
    home = shutil.copytree(made_home, tmp_path / "home")
    monkeypatch.setenv("QDASH_HOME", str(home))
    return home


def run_checks(
    capsys: pytest.CaptureFixture[str], *options: str, status: int = 0
) -> dict[str, dict[str, str]]:
    capsys.readouterr()
    assert run(["doctor", "--json", *options]) == status
    return {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}


def find_raw_file(home: Path) -> Path:
    return min((home / "artifacts").rglob("*.npz"))


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def make_truncation(by: int) -> Callable[[Path], None]:
    """Return a function that truncates the end of the store, or appends bytes."""

    def change(home: Path) -> None:
        contents = (home / "qdash.db").read_bytes()
        (home / "qdash.db").write_bytes(
            contents[:-by] if by > 0 else contents + bytes(range(250)) * (-by // 250)
        )

    return change


def flip(file: Path) -> None:
    """Flip one bit of a compressed array: the file keeps its length, and remains a readable archive."""
    contents = bytearray(file.read_bytes())
    contents[contents.index(b".npy") + 40] ^= 1
    file.write_bytes(contents)


def spoil_pages(home: Path) -> None:
    """Overwrite the beginnings of pages, except for the first ones."""
    with (home / "qdash.db").open("r+b") as file:
        for page in range(12, 30):
            file.seek(page * 4096)
            file.write(b"\xff" * 64)


def execute(*statements: str) -> Callable[[Path], None]:
    def change(home: Path) -> None:
        with closing(sqlite3.connect(home / "qdash.db")) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    return change


def write_foreign_file(home: Path) -> None:
    (home / "qdash.db").unlink()
    execute("CREATE TABLE notes (text)", "PRAGMA application_id = 7")(home)


@dataclass(frozen=True)
class Damage:
    do: Callable[[Path], Any]
    check: str
    says: str
    deep: bool = False


DAMAGES = {
    "the store is of zero length": Damage(
        lambda home: (home / "qdash.db").write_bytes(b""), "store", "raw data beside it"
    ),
    "the store is gone": Damage(lambda home: (home / "qdash.db").unlink(), "store", "raw data beside it"),
    "the store was begun anew": Damage(
        execute(*(f"DELETE FROM {name}" for name in ("project", "user", "execution_history"))),
        "store",
        "holds nothing",
    ),
    "the store was cut": Damage(lambda home: cut(home / "qdash.db"), "store", "the file is truncated"),
    "the store lost 1,000 bytes": Damage(make_truncation(1000), "store", "the file is truncated"),
    "the store lost a page": Damage(make_truncation(4096), "store", "the file is truncated"),
    "something follows the store": Damage(
        make_truncation(-5000), "store", "5000 bytes that do not belong to the store"
    ),
    "pages of the store were overwritten": Damage(spoil_pages, "store", "error code 11"),
    "the store is another file": Damage(
        lambda home: (home / "qdash.db").write_text("shopping list\n" * 50), "store", "not an SQLite database"
    ),
    "the store is of another program": Damage(write_foreign_file, "store", "of another program"),
    "the store is a folder": Damage(
        lambda home: [(home / "qdash.db").unlink(), (home / "qdash.db").mkdir()], "store", "not a file"
    ),
    "the store is of a newer version": Damage(execute("PRAGMA user_version = 99"), "store", "newer QDash"),
    "a document is of another kind": Damage(
        execute("UPDATE qubit SET doc = json_set(doc, '$.status', 7) WHERE qid = '0'"),
        "documents",
        "qubit default/chip/0: status",
        deep=True,
    ),
    "a document is no document": Damage(
        execute("UPDATE qubit SET doc = substr(doc, 1, 40) WHERE qid = '0'"),
        "documents",
        "qubit cannot be read",
        deep=True,
    ),
    "raw data were moved away": Damage(
        lambda home: shutil.move(home / "artifacts", home / "elsewhere"), "artifacts", "2 files"
    ),
    "raw data are a file": Damage(
        lambda home: [shutil.rmtree(home / "artifacts"), (home / "artifacts").write_text("")],
        "artifacts",
        "cannot be written",
    ),
    "a raw file is missing": Damage(lambda home: find_raw_file(home).unlink(), "artifacts", "1 file"),
    "a raw file was cut": Damage(lambda home: cut(find_raw_file(home)), "artifacts", "altered", deep=True),
    "an array was altered": Damage(lambda home: flip(find_raw_file(home)), "artifacts", "altered", deep=True),
}


SHOWN_BY_OTHERS = {
    "the store lost 1,000 bytes",
    "the store lost a page",
    "the store is of another program",
    "the store is a folder",
    "a raw file was cut",
}
"""Kinds of damage that others of the table, or tests of the store, show quickly."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=pytest.mark.slow) if one in SHOWN_BY_OTHERS else one for one in DAMAGES],
)
def test_the_doctor_finds_damage_and_says_what_to_do(
    home: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    damage = DAMAGES[name]
    damage.do(home)
    found = run_checks(capsys, *(["--deep"] if damage.deep else []), status=1)
    assert found[damage.check]["status"] == "failed"
    assert damage.says in found[damage.check]["detail"]
    assert "restore" in found[damage.check]["advice"] or "permissions" in found[damage.check]["advice"]
    assert {check["name"] for check in found.values() if check["status"] == "failed"} <= {
        damage.check,
        "artifacts",  # paths in results are unknown without a readable store
        "runs",
        "instruments",
        "sharing",
        "units",
    }


@pytest.mark.parametrize("name", [name for name, damage in DAMAGES.items() if damage.check != "artifacts"])
def test_no_command_takes_damage_for_something_unexpected(
    home: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    DAMAGES[name].do(home)
    capsys.readouterr()
    assert run(["chip", "show", "chip"]) in (0, 2)
    told = capsys.readouterr().err
    assert "unexpected" not in told
    assert told.count("\n") <= 1


@pytest.mark.parametrize("name", ["the store is of zero length", "the store is gone"])
def test_a_store_that_is_gone_is_not_made_anew_beside_raw_data(
    home: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    DAMAGES[name].do(home)
    before = sorted((path, path.stat().st_size) for path in home.rglob("*"))
    assert run(["chip", "list"]) == 2
    told = capsys.readouterr().err
    for way_out in ("qdash store restore", "QDASH_STORE_URL", "qdash init --new"):
        assert way_out in told
    assert sorted((path, path.stat().st_size) for path in home.rglob("*")) == before

    assert run(["init", "--new"]) == 0
    assert run(["chip", "list"]) == 0
    assert run_checks(capsys)["store"]["status"] == "warning", "raw data of another store are beside it"


@pytest.mark.parametrize(
    ("name", "status"), [("", 0), ("a raw file is missing", 1), ("an array was altered", 1)]
)
def test_a_backup_that_is_not_whole_is_made_and_ends_with_another_status(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, status: int
) -> None:
    if name:
        DAMAGES[name].do(home)
    backup = tmp_path / "backup.tar"
    assert run(["store", "backup", str(backup)]) == status
    assert (" was made" in capsys.readouterr().err) is bool(status)
    assert run(["store", "verify", str(backup)]) == status
    assert run(["store", "verify", str(backup), "--json"]) == status


def test_a_sound_home_is_found_sound(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quick, deep = run_checks(capsys), run_checks(capsys, "--deep")
    assert {check["status"] for check in (*quick.values(), *deep.values())} == {"ok"}
    assert "holds the 2 files that results name" in quick["artifacts"]["detail"]
    assert "2 checksums are right" in deep["artifacts"]["detail"]


def test_a_metrics_file_that_is_wrong_is_found(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = home / "metrics.yaml"
    monkeypatch.setenv("QDASH_METRICS_FILE", str(file))
    file.write_text("qubit_metrics: {t1: {title: Lifetime}}")
    assert run_checks(capsys)["metrics"]["status"] == "ok"
    file.write_text("qubit_metrics: {t1: {colour: red}}")
    found = run_checks(capsys, status=1)["metrics"]
    assert "colour" in found["detail"]
    assert "QDASH_METRICS_FILE" in found["advice"]


def test_every_collection_has_a_kind_of_document() -> None:
    with MemoryStore.open("memory://").read() as snapshot:
        assert map_models(snapshot.collections).keys() == snapshot.collections.keys()


def test_a_file_that_nothing_names_is_told_and_is_no_failure(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(find_raw_file(home), find_raw_file(home).with_name("stray.npz"))
    for options in ([], ["--deep"]):
        found = run_checks(capsys, *options)["artifacts"]
        assert found["status"] == "ok"
        assert "1 file (" in found["detail"]
        assert "stray.npz) that no result names" in found["detail"]


def test_a_look_at_raw_data_that_ran_out_of_time_says_what_it_left(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(find_raw_file(home), find_raw_file(home).with_name("stray.npz"))
    for readings, said in (
        ((0.0, 9.0), "1 file that results name; 1 of 2 results were looked at, --deep looks at all"),
        ((0.0, 0.0, 9.0), "2 files that results name; --deep looks for files that no result names"),
    ):
        left = iter(readings)
        monkeypatch.setattr(raw_data, "time", SimpleNamespace(monotonic=lambda left=left: next(left)))
        assert run_checks(capsys)["artifacts"]["detail"].endswith(f"holds the {said}")


def test_results_from_before_checksums_are_read_instead(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    execute("UPDATE task_result_history SET doc = json_remove(doc, '$.raw_data_sha256')")(home)
    assert "0 checksums are right" in run_checks(capsys, "--deep")["artifacts"]["detail"]
    flip(find_raw_file(home))
    assert "altered" in run_checks(capsys, "--deep", status=1)["artifacts"]["detail"]


def test_what_can_be_read_of_a_damaged_store_is_saved_into_a_new_one(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    new = home / "new.db"
    spoil_pages(home)
    damaged = (home / "qdash.db").read_bytes()
    capsys.readouterr()
    assert run(["store", "recover", str(new), "--json"]) == 0
    saved = json.loads(capsys.readouterr().out)["collections"]
    assert saved["project"] == {"saved": 1, "lost": 0}
    assert (home / "qdash.db").read_bytes() == damaged
    monkeypatch.setenv("QDASH_STORE_URL", f"sqlite:///{new}")
    assert run_checks(capsys, "--deep")["documents"]["status"] == "ok"
    assert run(["store", "recover", str(new)]) == 2, "it is there already"


def test_a_run_whose_process_died_is_a_warning(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench.open(home / "other", f"sqlite:///{home}/other.db", make_task())
    session = bench.start_session()
    died = bench.abandon(session)
    bench.qdash.close()
    (home / "qdash.db").unlink()
    (home / "other.db").rename(home / "qdash.db")
    shutil.rmtree(home / "artifacts")
    found = run_checks(capsys)["runs"]
    assert (found["status"], died in found["detail"]) == ("warning", True)
