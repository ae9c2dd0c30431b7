"""`qdash user`, `project` and `member`: three users with three roles, embedded and not, and the removal of
one.
"""

from __future__ import annotations

import io
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.people.feature import LOGINS, TOKENS
from qdash_cli.main import run
from qdash_core import open_qdash
from qdash_core.access.authenticator import AUTHENTICATOR
from qdash_core.errors import LoginError

from ...user_settings import without_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ...cli.conftest import InProcess


Said = tuple[int, str, str]
PASSWORD = "correct horse"


@pytest.fixture
def qdash(
    shared_plugins: None,
    no_settings: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Said]:
    """Function that runs a command, given as one string or several words, with input in `typed`."""
    monkeypatch.setenv("QDASH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QDASH_TIMEZONE", "UTC")

    def command(line: str, *more: str, typed: str = "") -> Said:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        status = run([*line.split(), *more])
        return status, *capsys.readouterr()

    return command


@pytest.fixture
def does(qdash: Callable[..., Said]) -> Callable[..., str]:
    """Function that runs a command that must succeed and returns its output."""

    def done(line: str, *more: str, typed: str = "") -> str:
        status, out, complaint = qdash(line, *more, typed=typed)
        assert (status, complaint) == (0, "")
        return out

    return done


@pytest.fixture
def refused(qdash: Callable[..., Said]) -> Callable[..., str]:
    """Function that runs a command that must be refused and returns its error line."""

    def not_done(line: str, *more: str, typed: str = "") -> str:
        status, out, complaint = qdash(line, *more, typed=typed)
        assert (status, out, complaint.count("\n")) == (2, "", 1)
        return complaint

    return not_done


@pytest.fixture(scope="module")
def made_lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with project `lab` of olga, with the editor ed and the viewer vera. Read-only."""
    folder = tmp_path_factory.mktemp("made")
    home = folder / "home"
    lines = [f"user create {name}".split() for name in ("olga", "ed", "vera")]
    create = "project create lab --tag cold --user olga --description"
    lines.append([*create.split(), "Everything below 4 K"])
    for name, role in (("ed", "editor"), ("vera", "viewer")):
        lines.append(f"member invite {name} --role {role} --project lab --user olga".split())
        lines.append(f"member accept --user {name}".split())
    with without_settings(folder) as patch:
        patch.setenv("QDASH_HOME", str(home))
        assert [run(line) for line in lines] == [0] * len(lines)
    return home


@pytest.fixture
def lab(made_lab: Path, qdash: Callable[..., Said], tmp_path: Path) -> None:
    """Project `lab` of olga, with the editor ed and the viewer vera."""
    shutil.copytree(made_lab, tmp_path / "home")


MAY = {
    "project show lab": {"olga", "ed", "vera"},
    "member list --project lab": {"olga", "ed", "vera"},
    "chip list --project lab": {"olga", "ed", "vera"},
    "executions list --project lab": {"olga", "ed", "vera"},
    "chip create {who} --topology linear-16 --project lab": {"olga", "ed"},
    "project edit lab --name {who}": {"olga"},
    "member role ed editor --project lab": {"olga"},
    "member invite admin --role viewer --project lab": {"olga"},
}


@pytest.mark.parametrize("embedded", [True, False], ids=["embedded", "with a password"])
def test_what_three_people_may(
    lab: None, embedded: bool, does: Callable[..., str], refused: Callable[..., str]
) -> None:
    if not embedded:
        does("user password admin", typed=f"{PASSWORD}\n")
    foreign = "'admin' is not a member of project 'lab'" if embedded else "there is no project 'lab'"
    for line, allowed in MAY.items():
        assert foreign in refused(f"{line.format(who='x')} --user admin")
        for who in ("olga", "ed", "vera"):
            asked = f"{line.format(who=who)} --user {who}"
            if who in allowed:
                does(asked)
            else:
                assert f"user '{who}' is" in refused(asked)
    if embedded:
        does("chip list --user olga")
        does("user create yuki --user vera")
        does("chip create guests --topology linear-16 --user guest")
    else:
        assert "'vera' does not administer this store" in refused("user create yuki --user vera")
        assert "there is no user 'guest'" in refused("chip create guests --topology linear-16 --user guest")
        does("user create yuki --user admin")


def test_what_people_see(lab: None, does: Callable[..., str]) -> None:
    assert does("member list --project lab --user vera").splitlines()[2:] == [
        "ed    editor  member  olga",
        "olga  owner   member",
        "vera  viewer  member  olga",
    ]
    assert does("project list --user vera").splitlines()[2:] == [
        "lab      lab             olga   viewer   cold",
        "vera     vera's project  vera   owner",
    ]
    shown = does("project show lab --user vera")
    assert shown.startswith(
        "lab: lab, owned by olga\n  Everything below 4 K\n  tags: cold\n  you are: viewer\n"
    )
    assert "holds: nothing yet" in shown
    seen, own = json.loads(does("project list --user vera --json"))
    assert (own["project_id"], own["role"]) == ("vera", "owner")
    assert (seen["owner"], seen["role"], seen["status"], "contents" in seen) == (
        "olga",
        "viewer",
        "active",
        False,
    )
    assert "olga   enabled  no        lab (owner), olga (owner)" in does("user list")
    assert "user yuki was created, with project yuki of their own: invite them" in does("user create yuki")
    does("project delete yuki --user yuki")
    assert does("project list --user yuki") == (
        "you are in no project: create one with `qdash project create`, or ask an owner for an invitation\n"
    )


def test_somebody_is_off_boarded(lab: None, does: Callable[..., str], refused: Callable[..., str]) -> None:
    with open_qdash() as opened:
        secret, _ = opened.get(TOKENS).create("olga", "laptop")
    assert "'olga' owns project lab: `--to NAME` names who takes over" in refused(
        "user off-board olga --force"
    )
    ends = "project lab handed over to ed, project olga deleted, membership of project lab revoked, 1 token ended"
    assert does("user off-board olga --to ed") == (
        f"user olga would be disabled, {ends}\nnothing was changed: repeat the command with --force\n"
    )
    preview = json.loads(does("user off-board olga --to ed --json"))
    assert preview == {
        "username": "olga", "transferred": ["lab"], "transferred_to": "ed", "deleted": ["olga"], "revoked": ["lab"], "n_tokens": 1,
        "applied": False,
    }  # fmt: skip
    does("project show lab --user olga")
    assert json.loads(does("user off-board olga --to ed --force --json")) == {**preview, "applied": True}
    assert "user 'olga' is disabled" in refused("project show lab --user olga")
    with open_qdash() as opened:
        assert opened.get(AUTHENTICATOR).authenticate(secret) is None
    does("project edit lab --no-tags --user ed")
    listed = does("member list --project lab --user ed"), does("member list --all --project lab --user ed")
    assert ["\nolga" in table for table in listed] == [False, True]


def test_a_project_is_handed_over_left_and_deleted(
    lab: None, does: Callable[..., str], refused: Callable[..., str]
) -> None:
    assert "`qdash project transfer lab --to NAME` first" in refused("member leave --project lab --user olga")
    assert does("project transfer lab --to ed --user olga") == "project lab now belongs to ed\n"
    without = refused("member leave --user olga")
    assert "Missing option '--project'" in without
    assert "only an owner can invite you again" in without
    does("member leave --project lab --user olga")
    does("member revoke vera --project lab --user ed")
    does("chip create line --topology linear-16 --project lab --user ed")
    assert "not empty (chips: 1" in refused("project delete lab --user ed")
    does("chip delete line --project lab --user ed")
    assert json.loads(does("project delete lab --user ed --json")) == {"project_id": "lab", "deleted": True}
    assert "there is no project 'lab'" in refused("project show lab --user ed")


def test_a_password_is_typed_never_an_argument(
    lab: None, does: Callable[..., str], refused: Callable[..., str]
) -> None:
    assert "first password is that of an owner" in refused("user password olga", typed=PASSWORD)
    assert "0 characters" in refused("user password admin")
    assert json.loads(does("user password admin --json", typed=f"{PASSWORD}\n"))["has_password"] is True
    with open_qdash() as opened:
        assert opened.get(LOGINS).log_in("admin", PASSWORD)
    told = [does("user list --json"), does("user show admin"), does("user show admin --json")]
    assert not [one for one in told if "scrypt" in one or PASSWORD in one]


def test_a_link_stands_alone_and_sets_a_password_once(
    lab: None,
    qdash: Callable[..., Said],
    does: Callable[..., str],
    refused: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def make_link() -> list[str]:
        status, out, note = qdash("user link olga")
        assert (status, note.startswith("olga can set a password with this link once, until ")) == (0, True)
        return out.strip().split("#")

    assert "first password is that of an owner" in refused("user link olga")
    does("user password admin", typed=f"{PASSWORD}\n")
    host, code = make_link()
    assert host == "http://127.0.0.1:8000/auth/setup"
    monkeypatch.setenv("QDASH_DASHBOARD_URL", "https://lab.example/")
    page, newer = make_link()
    assert page == "https://lab.example/setup?user=olga"
    made = json.loads(does("user link ed --json"))
    assert made["url"] == f"https://lab.example/setup?user=ed#{made['code']}"
    with open_qdash() as opened:
        with pytest.raises(LoginError):
            opened.get(LOGINS).set_up(code, PASSWORD)
        assert opened.get(LOGINS).set_up(newer, PASSWORD)
        assert opened.get(LOGINS).set_up(made["code"], PASSWORD)
    assert "does not administer this store" in refused("user link ed --user olga")
    assert "there is no user 'nobody'" in refused("user link nobody")


def test_users_change_what_is_theirs(
    lab: None, does: Callable[..., str], refused: Callable[..., str]
) -> None:
    does("user prefer --theme dark --time-zone Europe/Zurich --default-project lab --user vera")
    does("user edit vera --user vera --full-name", "Vera Rubin")
    assert "default project: lab\n  time zone: Europe/Zurich, theme: dark" in does("user show --user vera")
    assert does("user show vera").startswith("vera (Vera Rubin): enabled")
    shown = json.loads(does("user prefer --user vera --json --time-zone", ""))
    assert "time_zone" not in shown
    for line in ("user prefer", "project edit lab --user olga"):
        assert "nothing to change" in refused(line)
    assert "use --tag or --no-tags" in refused("project edit lab --tag a --no-tags --user olga")


def test_a_disabled_user_may_act_once_enabled(
    lab: None, does: Callable[..., str], refused: Callable[..., str]
) -> None:
    assert does("user disable ed") == "user ed is disabled: undo with `qdash user enable ed`\n"
    assert "user 'ed' is disabled" in refused("project show lab --user ed")
    assert does("user enable ed") == "user ed is enabled, in ed (owner), lab (editor)\n"
    does("project show lab --user ed")
    assert "last who administers" in refused("user disable admin")


@pytest.mark.parametrize(
    "command",
    ["calibrate A --flow CheckResonatorSpectroscopy", "task run CheckResonatorSpectroscopy --chip A --qid 0"],
)
def test_whoever_opens_an_embedded_store_may_submit_under_any_name(
    qdash: Callable[..., Said], command: str
) -> None:
    assert qdash("twin create A --device linear-4")[0] == 0
    status, _, said = qdash(f"{command} --detach --user bob")
    assert status == 0, said


def test_members_are_listed_by_status(command: InProcess) -> None:
    assert "admin" in command.does("member", "list", "--status", "active")
    assert "admin" not in command.does("member", "list", "--status", "pending")
