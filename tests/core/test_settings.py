"""Settings: sources, precedence, and error messages."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from pydantic import ValidationError

from qdash_builtin.files.settings import FileSettings
from qdash_core.errors import InvalidInputError
from qdash_core.settings import list_settings, load_settings
from qdash_notify.settings import NotifierSettings

from ..user_settings import remove_settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder and an environment without settings."""
    remove_settings(monkeypatch, tmp_path)
    return tmp_path


def _load_refused(**overrides: object) -> str:
    with pytest.raises(InvalidInputError) as caught:
        load_settings(**overrides)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_the_defaults_are_those_of_the_contract(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    settings = load_settings()
    assert settings.home.name == "qdash"
    assert settings.home.is_absolute()
    assert settings.store_url.startswith("sqlite:///")
    assert settings.artifacts_url.startswith("file:///")
    assert settings.runner == "local"
    assert settings.lease_ttl_s == 30
    assert settings.timezone is None, "the zone is that of the home"
    assert settings.api_url == "http://127.0.0.1:8000"


def test_store_and_artifacts_lie_in_the_home_whatever_its_name(folder: Path) -> None:
    home = folder / "my lab #1 50%?ü"
    settings = load_settings(home=home)
    assert unquote(settings.store_url) == f"sqlite:///{home}/qdash.db"
    assert unquote(urlsplit(settings.artifacts_url).path) == f"{home}/artifacts"
    assert urlsplit(settings.store_url).fragment == urlsplit(settings.store_url).query == ""


def test_a_home_is_made_absolute(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder / "people"))
    assert load_settings(home="data").home == folder / "data"
    assert load_settings(home="~/data").home == folder / "people" / "data"


def test_an_argument_wins_over_the_environment_and_that_over_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "qdash.toml").write_text('runner = "file"\ntimezone = "UTC"\nlease_ttl_s = 5\n')
    monkeypatch.setenv("QDASH_TIMEZONE", "Europe/Berlin")
    monkeypatch.setenv("QDASH_LEASE_TTL_S", "7")
    settings = load_settings(lease_ttl_s=9, runner=None)
    assert (settings.runner, settings.timezone, settings.lease_ttl_s) == ("file", "Europe/Berlin", 9)


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QDASH_TIMEZONE", "")
    assert load_settings().timezone is None


def test_a_variable_that_is_no_setting_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QDASH_BLOCK_PLUGINS", "a,b")
    assert load_settings().runner == "local"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        load_settings().runner = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("QDASH_TIMEZONE", "Asia/Tokio", "'Asia/Tokio' is not a known time zone; did you mean 'Asia/Tokyo'?"),
        ("QDASH_TIMEZONE", "Asia", "'Asia' is not a known time zone"),
        ("QDASH_TIMEZONE", "../etc", "'../etc' is not a known time zone"),
        ("QDASH_LEASE_TTL_S", "0", "is '0': it has to be greater than 0"),
        ("QDASH_LEASE_TTL_S", "-3", "is '-3': it has to be greater than 0"),
        ("QDASH_LEASE_TTL_S", "inf", "is 'inf': it has to be a finite number"),
        ("QDASH_LEASE_TTL_S", "soon", "is 'soon': it has to be a valid number"),
        ("QDASH_HOME", "~nobody-of-that-name/data", "names the home folder of a user that does not exist"),
    ],
)
def test_a_wrong_value_is_refused_with_the_setting_and_where_it_was_set(
    variable: str, value: str, message: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = variable.removeprefix("QDASH_").lower()
    monkeypatch.setenv(variable, value)
    from_environment = _load_refused()
    assert from_environment.startswith(f"setting {name} (environment variable {variable})")
    assert message in from_environment

    monkeypatch.delenv(variable)
    assert _load_refused(**{name: value}).startswith(f"setting {name} (given as an argument)")

    (folder / "qdash.toml").write_text(f'{name} = "{value}"')
    assert _load_refused().startswith(f"setting {name} (qdash.toml in {folder})")


def test_a_url_without_a_scheme_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QDASH_STORE_URL", "user:secret@host")
    message = _load_refused()
    assert message == (
        "setting store_url (environment variable QDASH_STORE_URL): "
        "a URL begins with a scheme, as in sqlite:// or file://"
    )


def test_an_unknown_key_of_the_file_is_refused_with_the_nearest_one(folder: Path) -> None:
    (folder / "qdash.toml").write_text('QDASH_HOM = "x"')
    assert _load_refused() == f"unknown setting 'QDASH_HOM' (qdash.toml in {folder}); did you mean 'home'?"


def test_an_unknown_argument_is_refused_with_those_that_are_known() -> None:
    known = ", ".join(sorted(list_settings()))
    assert (
        _load_refused(colour="red") == f"unknown setting 'colour' (given as an argument); known are {known}"
    )


@pytest.mark.parametrize("contents", [b'home = "x', b"\xff", b"= 3"])
def test_a_broken_file_is_refused(contents: bytes, folder: Path) -> None:
    (folder / "qdash.toml").write_bytes(contents)
    assert _load_refused().startswith(f"qdash.toml in {folder} cannot be read: ")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"notify_webhook_url": "ftp://host/secret"}, "a webhook has the form https://host/path"),
        ({"notify_webhook_url": "https:///secret"}, "a webhook has the form https://host/path"),
        ({"notify_mail_url": "imap://me:secret@host"}, "a mail server has the form smtp://"),
        (
            {"notify_mail_url": "smtp://me:secret@host:port", "notify_mail_to": "a@b"},
            "a mail server has the form smtp://",
        ),
        ({"notify_mail_url": "smtp://me:secret@host"}, "required with notify_mail_url"),
        ({"notify_mail_url": ["secret"]}, "has to be text"),
        ({"notify_mail_to": "a@b, nobody"}, "'nobody' is not an e-mail address"),
        ({"notify_on": "execution.failed, Tasks!"}, "'Tasks!' is not a kind of event"),
    ],
)
def test_where_notices_go_is_looked_at_and_no_secret_is_repeated(given: dict[str, str], told: str) -> None:
    refusal = _load_refused(**given)
    assert told in refusal
    assert "secret" not in refusal


def test_lists_of_words_are_taken_apart_and_secrets_are_not_shown() -> None:
    loaded = load_settings(
        notify_on=" task.* ,execution.failed,",
        notify_mail_url="smtp://me:secret@host",
        notify_mail_to="a@b.c, d@e.f",
        notify_webhook_url="https://hooks.example.org/secret",
    )
    settings = loaded.of(NotifierSettings)
    assert settings.notified_kinds == ("task.*", "execution.failed")
    assert settings.mail_addresses == ("a@b.c", "d@e.f")
    assert "secret" not in repr(settings)
    assert "secret" not in repr(loaded)


def test_the_address_of_the_dashboard_is_one() -> None:
    assert load_settings(dashboard_url="http://lab:8501/").dashboard_url == "http://lab:8501"
    assert "'lab' is not the URL of a dashboard, such as http://host:8501" in _load_refused(
        dashboard_url="lab"
    )


def _set_roots(monkeypatch: pytest.MonkeyPatch, **roots: object) -> None:
    monkeypatch.setenv("QDASH_FILE_ROOTS", json.dumps(roots))


def test_roots_of_files_come_from_the_environment_or_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = folder / "home"
    assert load_settings(home=home).of(FileSettings).file_roots == {}
    (folder / "work").mkdir()
    monkeypatch.chdir(folder / "work")
    (folder / "work/qdash.toml").write_text(f'[file_roots.config]\npath = "{folder}/a"\nprojects = ["lab"]\n')
    assert load_settings(home=home).of(FileSettings).file_roots["config"].projects == ("lab",)
    _set_roots(monkeypatch, notes={"path": f"{folder}/b"})
    found = load_settings(home=home).of(FileSettings).file_roots
    assert [(name, root.path, root.projects) for name, root in found.items()] == [("notes", folder / "b", ())]


@pytest.mark.parametrize(
    ("name", "path", "said"),
    [
        ("a", "/", "it is the whole file system"),
        ("a", "~", "it contains the home folder of the user"),
        ("a", "{folder}", "it contains the home of QDash"),
        ("a", "{folder}/home", "it contains the home of QDash"),
        ("a", "{folder}/home/artifacts/x", "it is in the home of QDash"),
        ("a", "{folder}/link", "it contains the home of QDash"),
        ("a", "{folder}/data", "it contains the store"),
        ("a", "{folder}/raw/sub", "it is in the raw data"),
        ("a", "{folder}/work", "it contains qdash.toml"),
        ("a", sys.prefix, "the installation of Python"),
        ("a", "{folder}/b/sub", "it overlaps root b"),
        ("A", "{folder}/a", "'A' is not the name of a root"),
        ("executions", "{folder}/a", "'executions' is not the name of a root"),
    ],
)
def test_unsafe_roots_are_refused_with_the_reason(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, path: str, said: str
) -> None:
    monkeypatch.setenv("HOME", str(folder / "people"))
    (folder / "work").mkdir()
    (folder / "work/qdash.toml").touch()
    (folder / "link").symlink_to(folder / "home")
    monkeypatch.chdir(folder / "work")
    _set_roots(monkeypatch, **{name: {"path": path.format(folder=folder)}, "b": {"path": f"{folder}/b"}})
    refusal = _load_refused(
        home=folder / "home",
        store_url=f"sqlite:///{folder}/data/qdash.db",
        artifacts_url=f"file://{folder}/raw",
    )
    assert said in refusal


def test_errors_of_roots_name_the_place_and_no_token(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _set_roots(monkeypatch, a={"path": f"{folder}/a", "remote_token": ["secret"]})
    refusal = _load_refused(home=folder / "home")
    assert refusal.startswith("setting file_roots.a.remote_token (environment variable QDASH_FILE_ROOTS)")
    assert "secret" not in refusal
    _set_roots(monkeypatch, a={"path": f"{folder}/a", "remote_url": "https://me:secret@host/x.git"})
    assert "secret" not in _load_refused(home=folder / "home")
    _set_roots(monkeypatch, a={"path": f"{folder}/a", "remote_token": "secret"})
    assert "secret" not in repr(load_settings(home=folder / "home"))


def test_a_file_in_the_home_counts_after_that_in_the_working_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = folder / "home"
    home.mkdir()
    (home / "qdash.toml").write_text('timezone = "Asia/Tokyo"\nrunner = "prefect"\nlease_ttl_s = 60\n')
    (folder / "qdash.toml").write_text(f'home = "{home}"\nrunner = "mine"\n')
    monkeypatch.setenv("QDASH_LEASE_TTL_S", "45")
    found = load_settings()
    assert (found.home, found.timezone, found.runner, found.lease_ttl_s) == (
        home,
        "Asia/Tokyo",
        "mine",
        45,
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('home = "/elsewhere"', "is in the home and cannot name another one: remove `home` from it"),
        ("runner = ", "cannot be read"),
        ('timezone = "Tokyo"', "setting timezone (qdash.toml in the home): 'Tokyo' is not a known time zone"),
        ("wrong = 1", "unknown setting 'wrong' (qdash.toml in the home)"),
    ],
)
def test_a_wrong_file_in_the_home_is_named(folder: Path, text: str, said: str) -> None:
    home = folder / "home"
    home.mkdir()
    (home / "qdash.toml").write_text(text)
    assert said in _load_refused(home=home)
