"""`qdash issue`, from a failed result to a closed issue, and its storage."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.models.task import TaskResultModel, TaskStatus
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.runtime.application import open_qdash

from ...access import ADMIN
from ...core.bench import SIGNAL
from ...notify.servers import run_web_server
from ...photographs import PLACE, make_photograph

if TYPE_CHECKING:
    from pathlib import Path

    from ...cli.conftest import InProcess

SOON_S = 30.0


def record_failure(task_id: str) -> str:
    """Record a failed result with raw data, and return its id."""
    with open_qdash() as qdash:
        result = TaskResultModel(
            project_id="default", username="admin", chip_id="a", task_id=task_id, name="Measure", qid="0",
            execution_id=qdash.get(EXECUTIONS).resolve_id(ADMIN, "last"), status=TaskStatus.FAILED,
            message="no decay in the trace", output_parameter_names=["t1"],
        )  # fmt: skip
        qdash.artifacts.save_raw_data(result.raw_data_file, SIGNAL)
        saved = {
            "raw_data_path": [result.raw_data_file],
            "raw_data_sha256": [qdash.artifacts.checksum(result.raw_data_file)],
        }
        qdash.repositories.of(TaskResultHistoryRepository).add(result.model_copy(update=saved))
    return task_id


@pytest.fixture
def failed(lab: InProcess) -> InProcess:
    """Commands in a home with two people, an execution and a failed result `7f31-aa`."""
    lab.does("calibrate", "a", "--flow", "Measure", "--qids", "0")
    lab.does("user", "create", "bob")
    lab.does("member", "invite", "bob")
    lab.does("member", "accept", "--user", "bob")
    record_failure("7f31-aa")
    return lab


def test_an_issue_goes_from_a_failed_result_to_its_end_and_is_found_at_the_next_failure(
    failed: InProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    none = "no matching issues"
    assert failed.does("issue", "list") == f"{none}: with --all, others are searched, too\n"
    assert "no issues yet: `qdash issue open TITLE` opens one" in failed.does("issue", "list", "--all")
    assert f"{none}: with --all" in failed.does("issue", "list", "--search", "pump")
    assert failed.does("issue", "list", "--all", "--search", "pump") == f"{none}\n"
    text = tmp_path / "body.md"
    text.write_text("The trace is flat:\n![trace](result:7f31-aa)\n")
    told = failed.does(
        "issue", "open", "Q00: no decay", "--result", "7f31", "--file", str(text), "--label", "Readout"
    )  # fmt: skip
    assert told.startswith("issue 1: Q00: no decay\n  state: open\n  opened: admin, ")
    for line in ("  labels: readout\n", "  chip: a\n", "  targets: 0\n", "  result: 7f31-aa (Measure)\n"):
        assert line in told
    assert told.endswith("\nThe trace is flat:\n![trace](result:7f31-aa)\n")
    assert "assignees: bob\n" in failed.does("issue", "assign", "#1", "bob")
    assert "state: in progress\n" in failed.does(
        "issue", "edit", "1", "--state", "in progress", "--user", "bob"
    )
    monkeypatch.setattr("sys.stdin", io.StringIO("The pump is off.\n"))
    assert (
        failed.read_json("issue", "comment", "1", "-", "--user", "bob")["comments"][0]["text"]
        == "The pump is off."
    )
    assert "labels: cryo\n" in failed.does("issue", "label", "1", "cryo", "--remove", "readout")
    closed = failed.read_json("issue", "close", "1", "--comment", "The pump is on again.", "--user", "bob")
    assert (closed["state"], closed["closed_by"], closed["pictures"][0]["exists"]) == ("closed", "bob", True)
    assert "(bob, " in failed.does("issue", "show", "1")

    record_failure("8a00-bb")
    told = failed.does("issue", "similar", "8a00")
    assert told.startswith("issue 1: Q00: no decay (closed)\n  same: target 0; task Measure; metric t1")
    assert "  comment: The pump is on again. (bob)\n" in told
    failed.does("issue", "open", "decay again", "--result", "8a00-bb")
    assert [one["issue"]["issue_id"] for one in failed.read_json("issue", "similar", "#2")] == ["1"]
    assert failed.read_json("issue", "similar", "1") == []
    assert failed.read_json("issue", "reopen", "1")["state"] == "open"
    assert [one["kind"] for one in failed.read_json("issue", "events", "1")] == [
        "opened", "assigned", "state changed", "commented", "labelled", "commented", "state changed",
        "state changed",
    ]  # fmt: skip
    assert "state: closed → open" in failed.does("issue", "events", "1")


def list_ids(command: InProcess, *options: str) -> list[str]:
    return [one["issue_id"] for one in command.read_json("issue", "list", *options)]


def test_open_issues_are_listed_by_filters(failed: InProcess) -> None:
    failed.does("issue", "open", "no decay", "--result", "7f31", "--assign", "bob", "--label", "night run")
    failed.does(
        "issue", "open", "coupler", "--chip", "a", "--target", "1-0", "--metric", "t1", "--user", "bob"
    )
    failed.does("issue", "open", "door")
    failed.does("issue", "close", "3")
    assert list_ids(failed) == ["2", "1"]
    for options, found in (
        (("--all",), ["3", "2", "1"]),
        (("--state", "closed"), ["3"]),
        (("--label", "Night  run"), ["1"]),
        (("--assignee", "bob"), ["1"]),
        (("--author", "bob"), ["2"]),
        (("--target", "Q00-Q01", "--chip", "a"), ["2"]),
        (("--metric", "t1"), ["2", "1"]),
        (("--result", "7f31", "--task", "Measure", "--execution", "last"), ["1"]),
        (("--cooldown", "cd"), []),
        (("--search", "Decay"), ["1"]),
    ):
        assert list_ids(failed, *options) == found, options
    printed = failed.does("issue", "list", "--limit", "1")
    cursor = printed.split("--after ")[1].split()[0]
    assert "and more" in printed
    assert list_ids(failed, "--limit", "1", "--after", cursor) == ["1"]
    assert "use --state or --all, not both" in failed.run_refused("issue", "list", "--all", "--state", "open")


def test_links_are_cleared_by_an_empty_text_and_lists_by_a_flag(failed: InProcess) -> None:
    failed.does("issue", "open", "no decay", "--result", "7f31")
    cleared = failed.read_json(
        "issue", "edit", "1", "--result", "", "--execution", "", "--target", "", "--no-metrics"
    )  # fmt: skip
    assert not {"task_id", "task", "execution_id"} & cleared.keys()
    assert (cleared["targets"], cleared["metrics"], cleared["chip_id"]) == ([], [], "a")


def test_a_comment_is_edited_and_removed(failed: InProcess) -> None:
    failed.does("issue", "open", "a")
    failed.does("issue", "comment", "1", "secrret")
    assert "edited by admin):\nsecret\n" in failed.does("issue", "comment", "1", "secret", "--edit", "2")
    assert failed.read_json("issue", "comment", "1", "--remove", "2")["comments"] == []
    for wrong in (
        ("1",),
        ("1", "text", "--remove", "2"),
        ("1", "text", "--file", "x"),
        ("1", "--file", "no-such-file"),
        ("1", "--remove", "2"),
    ):
        failed.run_refused("issue", "comment", *wrong)


def test_a_deleted_issue_says_who_deleted_it(failed: InProcess) -> None:
    failed.does("issue", "open", "secret")
    assert "this takes owner" in failed.run_refused("issue", "delete", "1", "--user", "bob")
    assert "issue 1 was deleted: `qdash issue events 1` shows" in failed.does("issue", "delete", "#01")
    assert "issue 1 was deleted by admin at " in failed.run_refused("issue", "show", "1")
    told = failed.does("issue", "events", "1")
    assert "secret" not in told
    assert "deleted" in told.splitlines()[-1]


def test_what_is_missing_is_said_in_one_line(failed: InProcess) -> None:
    failed.does("issue", "open", "a")
    for wrong, message in (
        (("edit", "1"), "nothing to change: use an option such as --state open|in progress|closed"),
        (("assign", "1"), "nothing to change: name the assignees"),
        (("show", "x"), "'x' is not an issue: write its number, such as 12 or #12"),
        (("reopen", "1"), "issue 1 is open, and can become in progress or closed"),
        (("similar", "ffff"), "there is no result 'ffff'"),
        (("open", "b", "--assign", "bobb"), "'bobb' is not a member of project default; did you mean 'bob'?"),
    ):
        assert message in failed.run_refused("issue", *wrong)


def test_a_notifier_is_told_who_is_assigned_and_mentioned(
    failed: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run_web_server() as web:
        monkeypatch.setenv("QDASH_NOTIFY_WEBHOOK_URL", f"{web.url}/hook")
        failed.does("issue", "open", "no decay", "--chip", "a")
        assert web.posts.empty(), "the default kinds have no issues"
        monkeypatch.setenv("QDASH_NOTIFY_ON", "issue.*")
        failed.does("issue", "assign", "1", "bob")
        failed.does("issue", "comment", "1", "@bob the pump is off", "--user", "bob")
        assigned, commented = (web.posts.get(timeout=SOON_S)[2] for _ in range(2))
    assert assigned["text"] == "a: issue 1 (no decay) changed"
    assert commented["text"] == "a: issue 1 (no decay) commented: @bob the pump is off"
    fields = {one["title"]: one["value"] for one in commented["attachments"][0]["fields"]}
    assert (fields["assignees"], fields["mentioned"], fields["user"]) == ("bob", "bob", "bob")
    assert fields["look"] == "qdash issue show 1"


def read_issues(command: InProcess) -> list[Any]:
    return [
        command.read_json("issue", "show", "1"),
        command.read_json("issue", "events", "1"),
        command.read_json("issue", "list", "--all", "--search", "pump decay"),
        command.read_json("issue", "list", "--all", "--target", "0"),
        command.read_json("issue", "events", "2"),
    ]


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("mongodb", marks=pytest.mark.slow)])
def test_issues_are_kept_by_migration_backup_restore_and_verification(
    command: InProcess,
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    command.does("chip", "create", "a", "--topology", "linear-16")
    command.does("issue", "open", "no decay", "--chip", "a", "--target", "0", "--assign", "admin")
    command.does("issue", "close", "1", "--comment", "The pump is on again.")
    command.does("issue", "open", "x")
    command.does("issue", "delete", "2")
    before = read_issues(command)
    assert [len(one) for one in before[1:]] == [3, 1, 1, 2]
    first = f"sqlite:///{tmp_path}/home/qdash.db"
    second = (
        f"sqlite:///{tmp_path}/second.db" if kind == "sqlite" else request.getfixturevalue("new_mongo_url")
    )
    moved = command.read_json("store", "migrate", first, second)["collections"]
    assert [(moved[name]["copied"], moved[name]["verified"]) for name in ("issue", "issue_event")] == [
        (1, True),
        (5, True),
    ]
    monkeypatch.setenv("QDASH_STORE_URL", second)
    assert read_issues(command) == before
    command.does("store", "backup", str(tmp_path / "backup.tar"))
    command.does("store", "verify", str(tmp_path / "backup.tar"))
    monkeypatch.setenv("QDASH_STORE_URL", f"sqlite:///{tmp_path}/third.db")
    command.does("store", "restore", str(tmp_path / "backup.tar"))
    assert read_issues(command) == before
    command.does("store", "verify")
    assert command.read_json("issue", "open", "next")["issue_id"] == "3"


def test_a_project_with_issues_is_not_deleted(lab: InProcess) -> None:
    lab.does("project", "create", "other")
    lab.does("issue", "open", "a", "--project", "other")
    assert "project 'other' is not empty (issues: 1)" in lab.run_refused("project", "delete", "other")
    lab.does("issue", "delete", "1", "--project", "other")
    lab.does("project", "delete", "other")


def test_files_are_attached_listed_downloaded_detached_and_kept_by_backups(
    command: InProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command.does("issue", "open", "Loose cable")
    photo, data, copy = tmp_path / "IMG 1.JPG", tmp_path / "data.csv", tmp_path / "copy.jpg"
    photo.write_bytes(make_photograph())
    data.write_text("a,b\n")
    said = command.does("issue", "attach", "1", str(photo), str(data))
    assert "IMG-1.jpg: " in said
    assert "in a text: ![IMG-1.jpg](file:IMG-1.jpg)" in said
    assert "in a text: [data.csv](file:data.csv)" in said
    assert "files: IMG-1.jpg, data.csv" in command.does("issue", "show", "1")
    assert [one["name"] for one in command.read_json("issue", "files", "1")] == ["IMG-1.jpg", "data.csv"]
    assert command.read_json("issue", "list")[0]["n_files"] == 2
    assert "file: none → data.csv" in command.does("issue", "events", "1")
    command.does("issue", "download", "1", "IMG-1.jpg", "--output", str(copy))
    kept = copy.read_bytes()
    assert PLACE not in kept

    refused = command.run_refused("issue", "attach", "1", str(tmp_path / "missing.jpg"))
    assert "missing.jpg" in refused
    command.does("store", "backup", str(tmp_path / "backup.tar"))
    checks = {one["name"]: one for one in command.read_json("store", "verify")["checks"]}
    assert "2 checksums are right" in checks["artifacts"]["detail"]
    monkeypatch.setenv("QDASH_HOME", str(tmp_path / "other"))
    command.does("store", "restore", str(tmp_path / "backup.tar"))
    command.does("issue", "download", "1", "IMG-1.jpg", "--output", str(copy), "--force")
    assert copy.read_bytes() == kept
    assert command.does("issue", "detach", "1", "data.csv") == "file data.csv of issue 1 was deleted\n"
    assert [one["name"] for one in command.read_json("issue", "files", "1")] == ["IMG-1.jpg"]
