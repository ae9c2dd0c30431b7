"""Profiles: commands ask a host by name, with the same output as on its machine."""

from __future__ import annotations

import json
import re
import shutil
import stat
from typing import TYPE_CHECKING

import pytest
from certifi import where
from httpx import Request, Response

from qdash_builtin.people.feature import TOKENS
from qdash_core.errors import InvalidInputError
from qdash_core.settings import Settings
from qdash_remote import host_transport
from qdash_remote.profiles import Profile, Profiles

from ..api import sockets
from ..api.conftest import PASSWORD
from .commands_at_a_host import Commands, make_commands

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.hooks.manager import Registry


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> Iterator[sockets.Sockets]:
    home = tmp_path_factory.mktemp("served") / "home"
    with sockets.run_host(Settings(home=home, timezone="Asia/Tokyo"), registry) as host:
        yield host


@pytest.fixture
def commands(
    served: sockets.Sockets,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Commands:
    return make_commands(served, tmp_path, monkeypatch, capsys)


def test_commands_ask_the_host_of_the_last_login_until_the_logout(commands: Commands, tmp_path: Path) -> None:
    assert commands.log_in().startswith(f"editor is logged in at {commands.url}: commands ask this host")
    opened = json.loads(commands.does("issue", "open", "no decay", "--label", "readout", "--json"))
    number = opened["issue_id"]
    assert opened["username"] == "editor"
    assert f"issue {number}: no decay\n" in commands.does("issue", "show", number)
    assert "no decay" in commands.does("issue", "list")
    assert "no decay" not in commands.does("issue", "list", "--profile", "local")
    assert (
        commands.does("logout")
        == f"profile lab was forgotten; the token that it was given was not revoked at {commands.url}\n"
    )
    assert "no decay" not in commands.does("issue", "list")
    assert [*(tmp_path / "configuration" / "qdash").glob("*.token")] == []


def test_secrets_are_in_files_that_only_the_user_reads(commands: Commands, tmp_path: Path) -> None:
    commands.log_in()
    folder = tmp_path / "configuration" / "qdash"
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}
    assert "qdash_" not in (folder / "profiles.json").read_text()
    (folder / "lab.token").chmod(0o644)
    assert "other users can read the token" in commands.run("issue", "list")[2]


def test_invited_users_are_told_commands_that_work_at_their_host(commands: Commands) -> None:
    commands.log_in("admin", name="owner")
    commands.does("user", "create", "nora")
    invited = commands.does("member", "invite", "nora", "--project", "default")
    assert "they accept with `qdash member accept --project default`" in invited
    commands.log_in("nora", name="nora")
    status, _, refused = commands.run("issue", "list", "--project", "default")
    assert (status, "`qdash member accept --project default`" in refused) == (2, True), refused
    commands.does("member", "accept", "--project", "default")
    commands.does("issue", "list", "--project", "default")


def list_logins(commands: Commands) -> list[str]:
    """Return the names of the tokens of the administrator, in the order of their creation."""
    found = commands.host.host.qdash.get(TOKENS).list_by_user("admin", by="admin")
    assert [one for one in found if one.kind == "session"] == []
    return [one.name for one in sorted(found, key=lambda one: one.created_at)]


def test_a_password_makes_a_token_that_the_logout_revokes(commands: Commands) -> None:
    asked = ("login", commands.url, "--user", "admin", "--name", "lab")
    before = list_logins(commands)
    assert commands.run_with_password(PASSWORD, *asked)[0] == 0
    *others, made = list_logins(commands)
    assert (others, made.startswith("login-")) == (before, True)
    assert commands.run_with_password(PASSWORD, *asked)[0] == 0
    *others, again = list_logins(commands)
    assert (others, again != made) == (before, True), "a new login revokes the token of the earlier one"
    commands.does("logout")
    assert list_logins(commands) == before


def test_a_token_of_a_login_makes_tokens_that_end_with_it_at_the_latest(commands: Commands) -> None:
    commands.run_with_password(PASSWORD, "login", commands.url, "--user", "admin", "--name", "lab")
    (made,) = list_logins(commands)[-1:]
    known = json.loads(commands.does("token", "list", "--json"))
    (own,) = (one for one in known if one["name"] == made)
    status, out, said = commands.run("token", "create", "night")
    assert (status, out[:6], "like the token that made it" in said) == (0, "qdash_", True), said
    shorter = json.loads(commands.does("token", "create", "day", "--expires", "1d", "--json"))
    made_until = {
        one["name"]: one.get("expires_at") for one in json.loads(commands.does("token", "list", "--json"))
    }
    assert made_until["night"] == own["expires_at"] > shorter["token"]["expires_at"]
    for expires in ("31d", "never"):
        assert "makes no token that outlives it" in commands.run("token", "create", "--expires", expires)[2]
    for name in ("night", "day"):
        commands.does("token", "revoke", name)
    commands.does("logout")


def test_a_token_that_ended_is_replaced_by_the_login_that_the_error_names(commands: Commands) -> None:
    commands.log_in()
    qdash = commands.host.host.qdash
    for one in qdash.get(TOKENS).list_by_user("editor", by="editor"):
        qdash.get(TOKENS).revoke("editor", one.name, by="editor")
    told = (
        "error: the token of profile lab was revoked or has expired: "
        f"log in again by `qdash login {commands.url} --name lab`\n"
    )
    assert commands.run("issue", "list") == (2, "", told)


def test_the_advised_login_has_the_certificates_of_the_profile_and_the_consent_that_it_needs(
    commands: Commands, tmp_path: Path
) -> None:
    authority = shutil.copy(where(), tmp_path / "own authority.pem")
    asked = ("login", commands.url, "--name", "lab", "--ca", str(authority), "--token-stdin")
    commands.does(*asked, given=commands.make_token("editor"))
    (tmp_path / "configuration" / "qdash" / "lab.token").unlink()
    status, _, told = commands.run("issue", "list")
    assert (status, f"--name lab --ca '{authority}'`" in told) == (2, True), told
    elsewhere = Profile(name="far", url="http://qdash.example.org", username="editor")
    assert elsewhere.make_login_advice("is gone").endswith(
        "`qdash login http://qdash.example.org --name far --insecure`"
    )


def test_a_login_that_fails_after_its_token_was_made_revokes_it_and_keeps_the_earlier_login(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_disk(*_: object) -> None:
        raise InvalidInputError("profiles.json cannot be written: No space left on device")

    asked = ("login", commands.url, "--user", "admin", "--name", "lab")
    refused = (2, "", "error: profiles.json cannot be written: No space left on device\n")
    with monkeypatch.context() as patch:
        patch.setattr(Profiles, "_write_profiles", fill_disk)
        before = list_logins(commands)
        assert commands.run_with_password(PASSWORD, *asked) == refused
        assert list_logins(commands) == before
        assert commands.does("login") == "no profiles yet: log in by `qdash login URL`\n"
    commands.run_with_password(PASSWORD, *asked)
    kept = list_logins(commands)
    with monkeypatch.context() as patch:
        patch.setattr(Profiles, "_write_profiles", fill_disk)
        assert commands.run_with_password(PASSWORD, *asked) == refused
    assert list_logins(commands) == kept
    assert commands.does("issue", "list")
    commands.does("logout")
    assert list_logins(commands) == before


def test_a_token_that_a_failed_login_cannot_revoke_is_told(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = host_transport.connect_to

    def lose_host(url: str, token: str | None, **others: str | None) -> host_transport.HostTransport:
        return usual(url if token is None else "http://127.0.0.1:9", token, **others)

    monkeypatch.setattr("qdash_remote.logins.connect_to", lose_host)
    status, _, said = commands.run_with_password(PASSWORD, "login", commands.url, "--user", "admin")
    assert status == 2
    assert re.search(r"^token login-\S+ was not revoked \(.*cannot be reached", said)


def test_a_password_is_not_sent_unencrypted_to_another_machine_unasked(commands: Commands) -> None:
    status, _, said = commands.run("login", "http://qdash.invalid", "--token-stdin", given="t")
    assert (status, "would be readable on the way to qdash.invalid" in said) == (2, True)
    status, _, said = commands.run("login", "http://qdash.invalid", "--insecure", "--token-stdin", given="t")
    assert (status, "qdash.invalid/ cannot be reached" in said) == (2, True)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Response(200, text="<html>"), "is no host of QDash: correct the address"),
        (
            Response(301, headers={"location": "https://qdash.example.org/health"}),
            "leads to https://qdash.example.org/health",
        ),
    ],
)
def test_an_address_that_is_no_host_is_named(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, answer: Response, told: str
) -> None:
    def reply(*_: object, **_options: object) -> Response:
        return Response(
            answer.status_code, headers=answer.headers, text=answer.text, request=Request("GET", commands.url)
        )

    monkeypatch.setattr("httpx.Client.send", reply)
    status, _, said = commands.run("login", commands.url, "--token-stdin", given="t")
    assert (status, told in said) == (2, True), said


def test_a_host_on_this_machine_is_asked_without_a_proxy(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert commands.log_in().startswith("editor is logged in")


def test_several_profiles_are_listed_and_named(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    commands.log_in("viewer", name="watching")
    commands.log_in("editor", name="lab")
    listed = json.loads(commands.does("login", "--json"))
    assert [(one["name"], one["username"], one["current"]) for one in listed] == [
        ("lab", "editor", True),
        ("watching", "viewer", False),
    ]
    status, _, refused = commands.run("issue", "open", "x", "--profile", "watching")
    assert (status, "this takes editor" in refused) == (2, True)
    monkeypatch.setenv("QDASH_PROFILE", "watching")
    assert commands.run("issue", "open", "x")[0] == 2
    assert (
        "there is no profile 'labb'; did you mean 'lab'?"
        in commands.run("issue", "list", "--profile", "labb")[2]
    )


def test_a_logout_forgets_the_profile_that_commands_use_or_the_named_one(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands.log_in("viewer", name="watching")
    commands.log_in("editor", name="lab")
    monkeypatch.setenv("QDASH_PROFILE", "local")
    assert "commands use no profile" in commands.run("logout")[2]
    monkeypatch.setenv("QDASH_PROFILE", "watching")
    assert commands.does("logout").startswith("profile watching was forgotten")
    assert commands.does("logout", "lab").startswith("profile lab was forgotten")


def test_a_keyring_that_stores_nothing_is_not_used(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = pytest.importorskip("keyring")
    null = pytest.importorskip("keyring.backends.null")
    monkeypatch.setattr(keyring, "get_keyring", null.Keyring)
    for name in ("set_password", "get_password", "delete_password"):
        monkeypatch.setattr(keyring, name, getattr(null.Keyring(), name))
    commands.log_in()
    assert json.loads(commands.does("login", "--json"))[0]["token_in"] == "file"
    commands.does("issue", "list")


def test_a_command_on_the_home_of_the_machine_and_a_named_user_are_refused(commands: Commands) -> None:
    commands.log_in()
    status, _, refused = commands.run("doctor", "--json")
    assert (status, "profile lab names a host, and `qdash doctor` works on the home" in refused) == (2, True)
    status, _, refused = commands.run("issue", "list", "--user", "bob")
    assert (status, refused) == (
        2,
        "error: profile lab names a host, where the token says who you are: omit --user\n",
    )


def test_a_login_stays_while_commands_ask_another_profile(commands: Commands) -> None:
    commands.log_in("admin", name="first")
    commands.log_in("editor", name="second")

    def find_user() -> str:
        return str(json.loads(commands.does("user", "show", "--json"))["username"])

    assert find_user() == "editor"
    assert "first  " in commands.does("login", "--name", "first")
    assert find_user() == "admin"
    listed = json.loads(commands.does("login", "--name", "local", "--json"))
    assert [one["current"] for one in listed] == [False, False]
    assert json.loads(commands.does("plugins", "list", "--profile", "second", "--json"))
    token = commands.make_token("admin")
    again = commands.run(
        "login", commands.url.removeprefix("http://"), "--name", "second", "--token-stdin", given=token
    )
    assert (again[0], again[2]) == (0, "the login of editor was replaced\n")
    status, _, told = commands.run("logout", "second")
    assert (status, told) == (
        0,
        "commands ask the home of this machine now; other profiles: first (qdash login --name PROFILE)\n",
    )
    assert (
        "the address of the host is missing" in commands.run("login", "--name", "first", "--token-stdin")[2]
    )
    assert "there is no profile 'third'" in commands.run("login", "--name", "third")[2]


def test_errors_of_the_host_are_those_of_the_home(commands: Commands) -> None:
    commands.does("chip", "create", "own", "--topology", "linear-2", "--profile", "local")
    commands.log_in()
    for asked in (("issue", "show", "999"), ("cooldown", "show", "none"), ("issue", "show", "x")):
        there, here = commands.run(*asked), commands.run(*asked, "--profile", "local")
        assert there[0] == here[0] == 2
        assert there[2].partition(":")[0] == here[2].partition(":")[0]


@pytest.mark.parametrize(
    ("arguments", "given", "refused"),
    [
        (("http://user@host", "--token-stdin"), "t", "is no address of a host"),
        (("https://:pw@host", "--token-stdin"), "t", "is no address of a host"),
        (("https://host:99999", "--token-stdin"), "t", "is no address of a host"),
        (("URL", "--token-stdin"), "", "standard input has no token"),
        (("URL", "--token-stdin"), "wrong", "refuses the token: it is wrong, was revoked or has expired"),
        (("URL", "--token-stdin", "--name", "local"), "TOKEN", "a profile cannot have the name 'local'"),
        (("URL", "--token-stdin", "--ca", "no-such-file"), "t", "has no certificates"),
        (("http://127.0.0.1:9", "--token-stdin"), "t", "cannot be reached"),
        (("URL",), "", "give a token by --token-stdin"),
    ],
)
def test_a_failed_login_keeps_nothing(
    commands: Commands, arguments: tuple[str, ...], given: str, refused: str
) -> None:
    asked = [commands.url if one == "URL" else one for one in arguments]
    token = commands.make_token("editor") if given == "TOKEN" else given
    status, _, said = commands.run("login", *asked, given=token)
    assert status == 2
    assert refused in said
    assert commands.does("login") == "no profiles yet: log in by `qdash login URL`\n"


def test_the_versions_of_both_are_printed(commands: Commands) -> None:
    own = commands.does("--version")
    commands.log_in()
    assert commands.does("--version") == f"{own}host {own.removeprefix('qdash ')}"


def test_a_command_does_not_use_the_home_while_the_profiles_cannot_be_read(
    commands: Commands, tmp_path: Path
) -> None:
    commands.log_in()
    (tmp_path / "configuration" / "qdash" / "profiles.json").write_text('{"current": "la')
    status, out, said = commands.run("issue", "list")
    assert (status, out) == (2, "")
    assert "which may name a host, cannot be read" in said
