"""Settings: from the environment (`QDASH_*`), from `qdash.toml` in the working folder, and from that in the home."""

from __future__ import annotations

import os
import re
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from platformdirs import user_data_dir
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, ValidationInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from qdash_core.errors import InvalidInputError
from qdash_core.models.claims import LockScope
from qdash_core.models.error_messages import describe_error
from qdash_core.models.event_kinds import list_event_kinds
from qdash_core.models.file_root import FileRoot, check_root_name, find_danger, make_absolute
from qdash_core.parsing.branch_names import check_branch_name
from qdash_core.parsing.json_parser import parse_json
from qdash_core.parsing.remote_urls import check_git_remote, is_address
from qdash_core.parsing.wildcards import match_names
from qdash_core.similar_names import suggest, suggest_zone
from qdash_core.urls import find_folder

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

TOML_FILE = "qdash.toml"
_PREFIX = "QDASH_"
_NOTIFIED = "execution.completed, execution.failed, execution.cancelled, timetable.missed, timetable.failed"
"""Known kinds, for which the declarations of features are not imported."""


def _check_url(text: str) -> str:
    # Do not repeat the text: a database URL may contain a password.
    scheme, separator, _ = text.partition("://")
    if not scheme or not separator:
        raise ValueError("a URL begins with a scheme, as in sqlite:// or file://")
    return text


def _check_time_zone(name: str | None) -> str | None:
    try:
        ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is not a known time zone{suggest_zone(str(name), available_timezones())}"
        ) from None
    return name


def _split_list(text: str | None) -> tuple[str, ...]:
    return tuple(word for part in (text or "").split(",") if (word := part.strip()))


def _check_kinds(text: str) -> str:
    if text != _NOTIFIED:
        known = list_event_kinds()
        for kind in _split_list(text):
            if not match_names(kind, known):
                raise ValueError(f"{kind!r} is not a kind of event; known are {', '.join(known)}")
    return text


def _check_webhook(url: str | None) -> str | None:
    # Do not repeat the URL, which is a secret that permits posting.
    if url and not is_address(url, ("http", "https")):
        raise ValueError("a webhook has the form https://host/path")
    return url


def _check_mail_server(url: str | None) -> str | None:
    if url and not is_address(url, ("smtp", "smtps")):
        raise ValueError(
            "a mail server has the form smtp://user:password@host:587, or smtps:// with port 465"
        )
    return url


def _check_dashboard_url(url: str | None) -> str | None:
    if url and not is_address(url, ("http", "https")):
        raise ValueError(f"{url!r} is not the URL of a dashboard, such as http://host:8501")
    return url.rstrip("/") if url else None


def _check_addresses(text: str | None, info: ValidationInfo) -> str | None:
    if info.field_name == "notify_mail_to" and info.data.get("notify_mail_url") and not _split_list(text):
        raise ValueError("required with notify_mail_url: set the recipients of notices")
    for address in _split_list(text):
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
            raise ValueError(f"{address!r} is not an e-mail address")
    return text


def _parse_roots(roots: object) -> object:
    """Return roots, which the environment gives as JSON."""
    return parse_json(roots) if isinstance(roots, str) else roots


def _check_roots(roots: dict[str, FileRoot], info: ValidationInfo) -> dict[str, FileRoot]:
    if not {"home", "store_url", "artifacts_url"} <= info.data.keys():
        return roots  # another setting is refused
    private = list_private_paths(*(info.data[name] for name in ("home", "store_url", "artifacts_url")))
    for name in roots:
        if (danger := find_danger(check_root_name(name), roots, private)) is not None:
            raise ValueError(f"root {name} is refused: {danger}")
    return roots


def list_private_paths(home: Path, store_url: str, artifacts_url: str) -> dict[str, Path]:
    """Return the files and folders of QDash on this machine that no root of files may reach, by their names in messages."""
    private = {"the home of QDash": home}
    store = urlsplit(store_url)
    if store.scheme == "sqlite":
        private["the store"] = Path(unquote(store.path.removeprefix("/"))).absolute()
    if (raw_data := find_folder(artifacts_url)) is not None:
        private["the raw data"] = raw_data
    if Path(TOML_FILE).exists():
        private[TOML_FILE] = Path(TOML_FILE).absolute()
    return private


def _find_default_home() -> Path:
    return Path(user_data_dir("qdash"))


class _HomeFile(PydanticBaseSettingsSource):
    """`qdash.toml` in the home that the earlier sources name."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return nothing: the file is read as a whole."""
        raise NotImplementedError

    def __call__(self) -> dict[str, Any]:
        try:
            home = make_absolute(Path(self.current_state.get("home") or _find_default_home()))
        except (ValueError, TypeError):
            return {}  # the field says what is wrong with it
        file = home / TOML_FILE
        try:
            found = tomllib.loads(file.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
            raise InvalidInputError(f"{file} cannot be read: {error}") from error
        if "home" in found and file != Path(TOML_FILE).absolute():
            raise InvalidInputError(
                f"{file} is in the home and cannot name another one: remove `home` from it"
            )
        return found


Url = Annotated[str, AfterValidator(_check_url)]


class Settings(BaseSettings):
    """Settings, as a frozen value. `load_settings` creates it and explains errors in one line.

    Arguments take precedence over the environment, that over `qdash.toml` in the working folder, and that over `qdash.toml` in the
    home, which cannot name another home. An empty environment variable counts as unset.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    home: Annotated[Path, AfterValidator(make_absolute)] = Field(default_factory=_find_default_home)
    """Folder with all files that QDash writes."""
    store_url: Url = Field(
        default_factory=lambda data: f"sqlite:///{quote(data['home'].as_posix())}/qdash.db"
    )
    """URL of the store: `sqlite:///...`, `mongodb://...`, or `memory://`, which ends with the process; by default a SQLite file in the home."""
    artifacts_url: Url = Field(default_factory=lambda data: (data["home"] / "artifacts").as_uri())
    """URL of raw data; by default in the home."""
    metrics_file: Annotated[Path, AfterValidator(make_absolute)] | None = None
    """Metrics file of the laboratory, which overrides the built-in one: thresholds, age limits, selection in tables."""
    config_folder: Annotated[Path, AfterValidator(make_absolute)] | None = None
    """Configuration folder of the laboratory, which follows a git remote."""
    config_remote_url: Annotated[str | None, AfterValidator(check_git_remote)] = None
    """Git remote of the configuration folder, `https://`, `ssh://` or `file://`, without credentials."""
    config_remote_branch: Annotated[str, AfterValidator(check_branch_name)] = "main"
    """Branch of the git remote."""
    config_remote_user: str | None = Field(default=None, repr=False)
    """User at the git remote, for `https://`; `ssh://` uses the keys of the user."""
    config_remote_token: str | None = Field(default=None, repr=False)
    """Password or access token of this user, neither stored nor logged."""
    file_roots: Annotated[
        dict[str, FileRoot], NoDecode, BeforeValidator(_parse_roots), AfterValidator(_check_roots)
    ] = Field(default={}, repr=False)
    """Folders that users browse and edit, by name; in the environment as JSON."""
    runner: str = Field(default="local", min_length=1)
    """Name of the runner: `local`, each run in its own process, `prefect`, on workers of Prefect, or that of a plugin."""
    lease_ttl_s: float = Field(default=30.0, gt=0, le=86_400.0, allow_inf_nan=False)
    """Lifetime of an instrument lock, and of the registration of a worker or waiting command, without a renewal, in seconds."""
    lock_scope: LockScope = "chip"
    """Scope of a lock: the instrument of a `chip`, or also every other instrument that the `project` uses."""
    store_patience_s: float = Field(default=300.0, ge=0, le=86_400.0, allow_inf_nan=False)
    """Time that a run waits for an unavailable or full store before it stops, in seconds."""
    cancel_grace_s: float = Field(default=10.0, ge=0, le=3_600.0, allow_inf_nan=False)
    """Time for a task to stop before its process is killed, in seconds."""
    notify_on: Annotated[str, AfterValidator(_check_kinds)] = _NOTIFIED
    """Comma-separated kinds of events for notifiers; `*` matches anything."""
    notify_webhook_url: Annotated[str | None, AfterValidator(_check_webhook)] = Field(
        default=None, repr=False
    )
    """URL to which notices are posted as JSON, as for Slack."""
    notify_mail_url: Annotated[str | None, AfterValidator(_check_mail_server)] = Field(
        default=None, repr=False
    )
    """Mail server for notices, `smtp://user:password@host:587` (STARTTLS) or `smtps://user:password@host:465`."""
    notify_mail_to: Annotated[str | None, AfterValidator(_check_addresses)] = None
    """Comma-separated recipients of notices by e-mail."""
    notify_mail_from: Annotated[str | None, AfterValidator(_check_addresses)] = None
    """Sender of notices by e-mail; by default the user of the server."""
    event_days: float = Field(default=30.0, gt=0, le=36_500.0, allow_inf_nan=False)
    """Events and logs of a project older than this are removed when a run of it begins, at most 10,000 and 1,000 at a time, in days."""
    audit_days: float = Field(default=365.0, gt=0, le=36_500.0, allow_inf_nan=False)
    """Rows of the audit log older than this are removed when a run begins, at most 10,000 at a time, in days."""
    session_h: float = Field(default=12.0, gt=0, le=8_760.0, allow_inf_nan=False)
    """Lifetime of a login session at the host, in hours."""
    flow_authors: Literal["administrators", "editors"] = "administrators"
    """Users who may save, copy, restore and delete flows, which a worker runs with all its rights, including those on the store. `editors`: every editor of a project, so everybody who may create a project."""
    timezone: Annotated[str | None, AfterValidator(_check_time_zone)] = None
    """Time zone of displayed times, of dates in execution ids and of daily histories, in place of the home's; stored times are in UTC. A home has the zone of the machine that made it, UTC if that has none, and `Asia/Tokyo` if no zone is stored."""
    assistant: str | None = None
    """Name of the assistant that answers questions; by default the first that is configured, in the order of `qdash plugins list`."""
    assistant_tokens_per_question: int = Field(default=100_000, gt=0, le=100_000_000)
    """Tokens that the answer to one question may use, input and output."""
    assistant_tokens_per_user_day: int = Field(default=500_000, ge=0, le=10_000_000_000)
    """Tokens that the questions of a user in a project may use on one day; 0: none may be asked."""
    assistant_tokens_per_day: int = Field(default=2_000_000, ge=0, le=10_000_000_000)
    """Tokens that all questions in a project may use on one day; 0: none may be asked."""
    assistant_tool_calls: int = Field(default=20, gt=0, le=1_000)
    """Calls of tools that one answer may make."""
    assistant_answer_s: float = Field(default=180.0, gt=0, le=3_600.0, allow_inf_nan=False)
    """Longest duration of an answer, in seconds."""
    assistant_answers: int = Field(default=4, gt=0, le=100)
    """Answers that may run at the same time in one process."""
    assistant_answers_per_user: int = Field(default=2, gt=0, le=100)
    """Answers to one user that may run at the same time in one process."""
    api_url: Url = "http://127.0.0.1:8000"
    """URL of the host, for the dashboard and other clients."""
    dashboard_url: Annotated[str | None, AfterValidator(_check_dashboard_url)] = None
    """URL of the dashboard, to which set-up links lead; `qdash up` sets it for its host."""

    @property
    def notified_kinds(self) -> tuple[str, ...]:
        """Kinds of events that notifiers receive."""
        return _split_list(self.notify_on)

    @property
    def mail_addresses(self) -> tuple[str, ...]:
        """Recipients of notices by e-mail."""
        return _split_list(self.notify_mail_to)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  not a source of ours
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  not a source of ours
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources, in order of precedence."""
        working = TomlConfigSettingsSource(settings_cls, toml_file=TOML_FILE)
        return init_settings, env_settings, working, _HomeFile(settings_cls)


def load_settings(**overrides: Any) -> Settings:
    """Return the settings in force.

    Parameters
    ----------
    **overrides : value
        Settings by name that override environment and file. None counts as not given.

    Raises
    ------
    InvalidInputError
        If a value is invalid, a key is unknown, or `qdash.toml` cannot be read. One line that names the setting and
        its source.
    """
    if Path(TOML_FILE).exists() and not Path(TOML_FILE).is_file():
        raise InvalidInputError(f"{TOML_FILE} in {Path.cwd()} is not a file")
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise InvalidInputError(_describe_error(error.errors()[0], given)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
        raise InvalidInputError(f"{TOML_FILE} in {Path.cwd()} cannot be read: {error}") from error


def _describe_error(error: ErrorDetails, given: dict[str, Any]) -> str:
    name = str(error["loc"][0])
    source = _describe_source(name, given)
    if error["type"] == "extra_forbidden" and len(error["loc"]) == 1:
        known = set(Settings.model_fields)
        hint = (
            suggest(name.lower().removeprefix(_PREFIX.lower()), known)
            or f"; known are {', '.join(sorted(known))}"
        )
        return f"unknown setting {name!r} ({source}){hint}"
    place = ".".join(map(str, error["loc"]))
    if error["type"] == "value_error":
        return f"setting {place} ({source}): {describe_error(error)}"
    # A URL may hold a password, and a token is one; a root may have both.
    shown = "" if name.endswith(("_url", "_token", "_roots")) else f" is {error['input']!r}"
    return f"setting {place} ({source}){shown}: {describe_error(error)}"


def _describe_source(name: str, given: dict[str, Any]) -> str:
    if name in given:
        return "given as an argument"
    variable = f"{_PREFIX}{name}".upper()
    if any(key.upper() == variable and value for key, value in os.environ.items()):
        return f"environment variable {variable}"
    with suppress(OSError, ValueError):
        if name in tomllib.loads(Path(TOML_FILE).read_text(encoding="utf-8")):
            return f"{TOML_FILE} in {Path.cwd()}"
    return f"{TOML_FILE} in the home"
