"""`qdash timetable`: creation, display, changes, pause, start and removal on the command line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from qdash_builtin.timetables.activities import get_activity
from qdash_builtin.timetables.feature import TIMETABLES
from qdash_cli.main import run
from qdash_core import open_qdash

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from qdash_builtin.timetables.activity import Activity
    from qdash_builtin.timetables.views.timetables import TimetableDocument

    from ...cli.conftest import InProcess

NIGHTLY = ("--flow", "Measure", "--cron", "0 2 * * *")


def create_timetable(lab: InProcess, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = lab.read_json("timetable", "add", "nightly", "a", *NIGHTLY, *arguments)
    return found


def test_a_timetable_is_made_listed_and_shown(lab: InProcess) -> None:
    assert "no timetables yet" in lab.does("timetable", "list")
    said = lab.does("timetable", "add", "nightly", "a", *NIGHTLY, "--qids", "0,1", "--begin-within", "2h")
    assert said.startswith("timetable nightly: Measure on a, cron 0 2 * * * (Asia/Tokyo), as admin\n")
    assert "02:00:00+09:00" in said
    assert "begins within: 2 h" in said
    listed = lab.does("timetable", "list")
    assert "next start (JST)" in listed
    assert "nightly" in listed
    shown = lab.read_json("timetable", "show", "nightly")
    assert lab.read_json("timetable", "list") == [shown]
    assert shown["request"]["targets"]["qubits"] == ["0", "1"]
    assert (shown["begin_within_s"], shown["missed"], len(shown["next_starts"])) == (7200.0, "skip", 3)


def test_what_is_not_named_stays_when_it_is_edited(lab: InProcess) -> None:
    before = create_timetable(lab, "--qids", "0,1", "--tag", "night", "--until", "2099-01-01")
    after = lab.read_json(
        "timetable", "edit", "nightly", "--every", "6h", "--exclude", "3", "--missed", "once"
    )
    assert after["when"]["every_s"] == 21_600.0
    assert after["request"]["targets"] == {"exclude": ["3"]}
    assert after["request"]["tags"] == ["night"]
    assert (after["missed"], after["until"]) == ("once", before["until"])
    assert "until" not in lab.read_json("timetable", "edit", "nightly", "--until", "none")


def test_a_run_by_condition_is_added_and_edited(lab: InProcess) -> None:
    assert create_timetable(lab, "--only", "failed,stale")["request"]["only"] == ["failed", "stale"]
    assert "  only targets that are: failed or stale\n" in lab.does("timetable", "show", "nightly")
    edited = lab.read_json("timetable", "edit", "nightly", "--only", "disputed")
    assert edited["request"]["only"] == ["disputed"]
    assert not lab.read_json("timetable", "edit", "nightly", "--only", "none")["request"].get("only")


def test_it_waits_for_a_cooldown_of_its_chip(lab: InProcess) -> None:
    said = lab.does("timetable", "add", "cold", "a", "--flow", "Measure", "--after-cooldown")
    assert said.startswith("timetable cold: Measure on a, after each cool-down, as admin\n  state: active\n")
    assert "next: the first cool-down of chip a" in said
    lab.does("cryostat", "create", "K")
    lab.does("cooldown", "create", "1", "--cryostat", "K", "--chip", "a")
    assert "cold since: 2099" in lab.does("cooldown", "cold", "1", "--at", "2099-01-01")
    shown = lab.read_json("timetable", "show", "cold")
    assert shown["next_starts"] == [shown["when"]["at"]]
    assert shown["when"]["at"].startswith("2098-12-31T15"), "midnight in Tokyo"
    assert "use one of --cron" in lab.run_refused(
        "timetable", "edit", "cold", "--after-cooldown", "--every", "6h"
    )


def test_it_is_paused_and_goes_on(lab: InProcess) -> None:
    create_timetable(lab)
    assert "state: paused" in lab.does("timetable", "pause", "nightly")
    assert "paused" in lab.does("timetable", "list")
    assert len(lab.read_json("timetable", "resume", "nightly")["next_starts"]) == 3


def test_it_is_started_by_hand_for_a_worker(lab: InProcess) -> None:
    create_timetable(lab)
    execution_id = lab.does("timetable", "start", "nightly").strip()
    assert lab.read_json("queue", "list")[0]["execution_id"] == execution_id
    assert f"started {execution_id}: by admin, by hand" in lab.does("timetable", "show", "nightly")


def test_a_moment_may_be_said_by_how_long_it_is_until_then(lab: InProcess) -> None:
    before = datetime.now(UTC)
    found = lab.read_json("timetable", "add", "soon", "a", "--flow", "Measure", "--at", "2h", "--until", "3h")
    until_then = datetime.fromisoformat(found["next_starts"][0]) - before
    assert timedelta(hours=2) <= until_then < timedelta(hours=3)


def test_the_time_of_the_last_start_names_its_zone(lab: InProcess) -> None:
    create_timetable(lab)
    lab.does("timetable", "start", "nightly")
    assert "last start (" in lab.does("timetable", "list")
    (last,) = [line for line in lab.does("timetable", "show", "nightly").splitlines() if "last:" in line]
    assert re.search(r":\d\d[+-]\d\d:\d\d started", last)


def test_it_is_removed(lab: InProcess) -> None:
    create_timetable(lab)
    assert lab.does("timetable", "remove", "nightly") == "timetable nightly was removed\n"
    assert lab.read_json("timetable", "list") == []


def test_times_are_those_of_its_zone(lab: InProcess) -> None:
    at = ("--at", "2099-06-01 02:00", "--timezone", "Europe/Berlin")
    found = lab.read_json("timetable", "add", "once", "a", "--flow", "Measure", *at)
    assert found["next_starts"] == ["2099-06-01T00:00:00Z"]
    assert "once, 2099-06-01 02:00:00+02:00" in lab.does("timetable", "show", "once")


def test_what_cannot_be_is_refused_in_one_line(lab: InProcess, subtests: pytest.Subtests) -> None:
    for given, message in [
        (
            ("--flow", "Measure"),
            "use one of --cron, --every, --at and --after-cooldown to set the start times",
        ),
        (("--flow", "Measure", "--cron", "0 2 * * *", "--every", "6h"), "use one of --cron"),
        (("--cron", "0 2 * * *"), "Missing option '--flow'"),
        (("--flow", "Measure", "--every", "often"), "--every: 'often' is not a length of time"),
        (("--flow", "Measure", "--every", "10s"), "--every: it has to be greater than or equal to 60"),
        (("--flow", "Measure", "--cron", "0" * 300), "--cron: "),
        (
            ("--flow", "Measure", "--at", "someday"),
            "2026-11-20T18:30 or tomorrow, or in how long, as in '24h'",
        ),
        ((*NIGHTLY, "--timezone", "Tokyo"), "did you mean 'Asia/Tokyo'?"),
        (("--flow", "Measure", "--at", "2001-01-01"), "no such moment is left"),
        (
            ("--flow", "Measure", "--at", "2001-01-01", "--timezone", "Mars"),
            "'Mars' is not a known time zone",
        ),
        ((*NIGHTLY, "--begin-within", "soon"), "--begin-within: 'soon'"),
        ((*NIGHTLY, "--qids", "99"), "99"),
    ]:
        with subtests.test(str(given)):
            assert message in lab.run_refused("timetable", "add", "nightly", "a", *given)
            assert lab.read_json("timetable", "list") == []


def test_an_edit_that_names_nothing_is_refused(lab: InProcess) -> None:
    create_timetable(lab)
    assert "nothing to change" in lab.run_refused("timetable", "edit", "nightly")


def test_an_edit_does_not_overwrite_one_of_another_user(
    lab: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_timetable(lab)

    def edit_meanwhile(timetable: TimetableDocument) -> Activity[Any]:
        with open_qdash() as qdash:
            qdash.get(TIMETABLES).edit(qdash.access("admin"), "nightly", missed="once")
        return get_activity(timetable)

    with monkeypatch.context() as patch:
        patch.setattr("qdash_builtin.timetables.commands.timetables.get_activity", edit_meanwhile)
        refused = lab.run_refused("timetable", "edit", "nightly", "--qids", "0")
    assert "timetable nightly was changed" in refused
    shown = lab.read_json("timetable", "show", "nightly")
    assert (shown["missed"], "qubits" in shown["request"]["targets"]) == ("once", False)


def test_a_digest_is_planned_shown_and_edited(lab: InProcess) -> None:
    morning = ("--digest", "--since", "18:00", "--cron", "0 8 * * *")
    said = lab.does("timetable", "add", "morning", "a", *morning)
    assert said.startswith(
        "timetable morning: digest of a since 18:00, cron 0 8 * * * (Asia/Tokyo), as admin\n"
    )
    assert "missed: no digest" in said
    shown = lab.read_json("timetable", "show", "morning")
    assert shown["digest"] == {"chip_id": "a", "since": "18:00"}
    assert "request" not in shown
    assert re.search(r"morning\s+digest\s+a\s", lab.does("timetable", "list"))
    edited = lab.read_json("timetable", "edit", "morning", "--since", "12h", "--missed", "once")
    assert (edited["digest"]["since"], edited["missed"]) == ("12h", "once")


def test_a_removal_of_old_data_is_planned_shown_and_edited(lab: InProcess) -> None:
    said = lab.does(
        "timetable", "add", "clean", "--keep", "raw=90d", "--keep", "events=4w", "--cron", "0 4 * * 0"
    )
    assert said.startswith(
        "timetable clean: removes data of the project that are older than raw 90 d, events 28 d, cron 0 4 * * 0 (Asia/Tokyo), as admin\n"
    )
    assert "missed: no removal" in said
    assert lab.read_json("timetable", "show", "clean")["keep"] == {"raw": 90.0, "events": 28.0}
    assert re.search(r"clean\s+removal\s", lab.does("timetable", "list"))
    assert lab.read_json("timetable", "edit", "clean", "--keep", "raw=30d")["keep"] == {"raw": 30.0}


def test_a_removal_with_other_options_is_refused(lab: InProcess, subtests: pytest.Subtests) -> None:
    for arguments, message in [
        (("--keep", "raw"), "write one of raw, executions, events with an age, such as raw=90d"),
        (("--keep", "all=90d"), "write one of raw, executions, events"),
        (("--keep", "raw=1h"), "raw: it has to be greater than or equal to 1"),
        (
            ("--keep", "raw=90d", "--flow", "Measure"),
            "--flow cannot be used for a timetable that removes old data",
        ),
        (("a", "--keep", "raw=90d"), "CHIP cannot be used"),
        (("--keep", "raw=90d", "--digest"), "--digest cannot be used"),
        (("--keep", "3"), "write one of raw, executions, events"),
        ((), "Missing argument 'CHIP'"),
    ]:
        with subtests.test(str(arguments)):
            assert message in lab.run_refused("timetable", "add", "clean", *arguments, "--every", "6h")


def test_a_digest_without_a_notifier_is_added_with_a_warning(
    lab: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add(name: str, *arguments: str) -> str:
        assert run(["timetable", "add", name, "a", "--cron", "0 8 * * *", *arguments]) == 0
        return lab.capture.readouterr().err

    warning = "no notifier is configured here: set QDASH_NOTIFY_WEBHOOK_URL"
    assert warning in add("unheard", "--digest")
    assert warning not in add("nightly", "--flow", "Measure")
    monkeypatch.setenv("QDASH_NOTIFY_WEBHOOK_URL", "https://hooks.example.org/secret")
    assert warning not in add("morning", "--digest")


def test_options_of_other_activities_are_refused(lab: InProcess, subtests: pytest.Subtests) -> None:
    create_timetable(lab)
    lab.does("timetable", "add", "morning", "a", "--digest", "--cron", "0 8 * * *")
    for arguments, message in [
        (
            ("add", "x", "a", "--digest", "--flow", "Measure", "--every", "6h"),
            "--flow cannot be used for a timetable that sends digests",
        ),
        (
            ("add", "x", "a", "--digest", "--qids", "0", "--every", "6h"),
            "the options of a run cannot be used",
        ),
        (
            ("add", "x", "a", "--flow", "Measure", "--since", "12h", "--every", "6h"),
            "--since cannot be used for a timetable that starts runs",
        ),
        (("add", "x", "a", "--digest", "--since", "", "--every", "6h"), "since"),
        (("add", "x", "a", "--backup", ".", "--every", "6h"), "CHIP cannot be used"),
        (("add", "x", "--backup", ".", "--flow", "Measure", "--every", "6h"), "--flow cannot be used"),
        (("add", "x", "--backup", ".", "--keep", "raw=90d", "--every", "6h"), "write the number of backups"),
        (("add", "x", "--backup", ".", "--keep", "0", "--every", "6h"), "keep: it has to be greater"),
        (
            ("add", "x", "a", "--flow", "Measure", "--keep", "3", "--every", "6h"),
            "--flow and CHIP cannot be used",
        ),
        (("add", "x", "--flow", "Measure", "--every", "6h"), "Missing argument 'CHIP'"),
        (("edit", "nightly", "--keep", "3"), "--keep cannot be used for a timetable that starts runs"),
        (("edit", "nightly", "--since", "12h"), "starts runs"),
        (("edit", "morning", "--flow", "Measure"), "sends digests"),
        (("start", "morning"), "qdash digest a --send"),
    ]:
        with subtests.test(str(arguments)):
            assert message in lab.run_refused("timetable", *arguments)


def test_a_timetable_of_backups_is_added_shown_and_edited(lab: InProcess, tmp_path: Path) -> None:
    made = lab.does("timetable", "add", "backup", "--backup", str(tmp_path), "--cron", "0 4 * * *")
    assert made.startswith(f"timetable backup: backups in {tmp_path}, cron 0 4 * * * (Asia/Tokyo), as admin")
    assert "  missed: no backup" in made
    edited = lab.read_json("timetable", "edit", "backup", "--keep", "3")
    assert edited["backup"] == {"folder": str(tmp_path), "keep": 3}
    assert "of which 3 are kept" in lab.does("timetable", "show", "backup")
    assert "backup" in lab.does("timetable", "list")
    assert "makes backups" in lab.run_refused("timetable", "edit", "backup", "--flow", "Measure")
    assert "qdash store backup" in lab.run_refused("timetable", "start", "backup")
    assert "there is no folder" in lab.run_refused(
        "timetable", "edit", "backup", "--backup", str(tmp_path / "missing")
    )
