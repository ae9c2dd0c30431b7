"""Settings: from the environment (`QDASH_*`), from `qdash.toml` in the working folder, and from that in the home."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from contextlib import redirect_stdout, suppress
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, Any, Final, Self, TypeVar, cast
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from platformdirs import user_data_dir
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
)

from qdash_core.errors import InvalidInputError
from qdash_core.features.declarations import list_settings_places, make_settings_prefix
from qdash_core.models.claims import LockScope
from qdash_core.models.error_messages import describe_error
from qdash_core.parsing.paths import make_absolute
from qdash_core.parsing.remote_urls import is_address
from qdash_core.parsing.similar_names import suggest, suggest_zone

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pydantic.config import JsonDict
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails
    from pydantic_settings import BaseSettings

TOML_FILE = "qdash.toml"
REPORTED: Final[JsonDict] = {"reported": True}
"""Mark (`json_schema_extra`) of a setting whose valid values are names that QDash defines: bug reports repeat them."""
_PREFIX = "QDASH_"
_NO_SETTINGS = {"QDASH_BLOCK_PLUGINS", "QDASH_LOG_LEVEL", "QDASH_PROFILE", "QDASH_TOKEN"}
"""Variables that are often set and are no settings: features are not imported for them."""


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


def _check_dashboard_url(url: str | None) -> str | None:
    if url and not is_address(url, ("http", "https")):
        raise ValueError(f"{url!r} is not the URL of a dashboard, such as http://host:8501")
    return url.rstrip("/") if url else None


def _find_default_home() -> Path:
    return Path(user_data_dir("qdash"))


def _read_sources(given: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return the settings of all sources, those of `names` and of features: arguments, environment, and both files."""
    found = {**read_variables(_PREFIX, names), **given}
    ours = {f"{_PREFIX}{name}".upper() for name in names}
    found = _merge(found, _read_feature_variables(_list_variables().keys() - ours - _NO_SETTINGS))
    found = _merge(found, _read_file(Path(TOML_FILE)))
    return _merge(found, _read_home_file(found.get("home")))


def read_variables(prefix: str, names: Iterable[str]) -> dict[str, str]:
    """Return the settings of these names in the environment, where an empty variable counts as unset."""
    variables = _list_variables()
    found = {name: variables.get(f"{prefix}{name}".upper()) for name in names}
    return {name: text for name, text in found.items() if text is not None}


def _list_variables() -> dict[str, str]:
    return {name.upper(): text for name, text in os.environ.items() if text}


def _merge(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of two sources; the first one counts, also in tables that both have."""
    merged = {**second, **first}
    for name in first.keys() & second.keys():
        if isinstance(first[name], dict) and isinstance(second[name], dict):
            merged[name] = _merge(first[name], second[name])
    return merged


def _read_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}


def _read_home_file(home: Any) -> dict[str, Any]:
    """Return the settings in `qdash.toml` in the home that the other sources name."""
    try:
        file = make_absolute(Path(home or _find_default_home())) / TOML_FILE
    except (ValueError, TypeError):
        return {}  # the field says what is wrong with it
    try:
        found = _read_file(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
        raise InvalidInputError(f"{file} cannot be read: {error}") from error
    if "home" in found and file != Path(TOML_FILE).absolute():
        raise InvalidInputError(f"{file} is in the home and cannot name another one: remove `home` from it")
    return found


def _read_feature_variables(variables: Collection[str]) -> dict[str, Any]:
    """Return the settings of features in the environment, whose models are imported only if one may be among these variables."""
    found: dict[str, Any] = {}
    if any(name.startswith(_PREFIX) for name in variables):
        for prefix, model in load_models():
            below = {name for name in variables if prefix and name.startswith(f"{_PREFIX}{prefix}".upper())}
            unread = {
                name.removeprefix(_PREFIX).lower(): "" for name in below
            }  # refused if no model knows it
            found = unread | found | _read_settings_of_feature(prefix, model)
    return found


def _read_settings_of_feature(prefix: str, model: type[FeatureSettings]) -> dict[str, Any]:
    from pydantic_settings import EnvSettingsSource, SettingsError  # their import takes long

    source = EnvSettingsSource(
        cast("type[BaseSettings]", model), env_prefix=f"{_PREFIX}{prefix}", env_ignore_empty=True
    )
    try:
        return {f"{prefix}{name}": value for name, value in source().items()}
    except SettingsError as error:
        raise InvalidInputError(f"a variable {_PREFIX}{prefix.upper()}* is not JSON: {error}") from error


class FeatureSettings(BaseModel):
    """Settings of a feature, as a frozen value, which `Settings.of` returns.

    Those of a plugin are named after it: `port` of `cold-heads` is `QDASH_COLD_HEADS_PORT`, or `port` in the table `[cold-heads]`.
    Validators find the settings of QDash in the context.
    """

    model_config = ConfigDict(frozen=True, validate_default=True, hide_input_in_errors=True, defer_build=True)


def load_models() -> Iterator[tuple[str, type[FeatureSettings]]]:
    """Yield the models of the settings of all features, each after the prefix of its names; those that cannot be imported are left out."""
    for prefix, place in list_settings_places():
        with suppress(Exception, SystemExit), redirect_stdout(sys.stderr):  # the check of the plugin tells
            model = resolve_name(place)
            if isinstance(model, type) and issubclass(model, FeatureSettings):
                yield prefix, model


def _find_prefix(model: type[FeatureSettings]) -> str:
    return next((prefix for prefix, one in load_models() if one is model), "")


def list_settings() -> dict[str, FieldInfo]:
    """Return every setting by name: those of QDash, then those of features."""
    fields = dict(Settings.model_fields)
    for prefix, model in load_models():
        fields |= {f"{prefix}{name}": field for name, field in model.model_fields.items()} | fields
    return fields


Url = Annotated[str, AfterValidator(_check_url)]
F = TypeVar("F", bound=FeatureSettings)


class Settings(BaseModel):
    """Settings, as a frozen value. `load_settings` creates it and explains errors in one line.

    Arguments take precedence over the environment, that over `qdash.toml` in the working folder, and that over `qdash.toml` in the
    home, which cannot name another home. An empty environment variable counts as unset.
    """

    model_config = ConfigDict(
        extra="allow",  # settings of features, which are validated by their models
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
    runner: str = Field(default="local", min_length=1)
    """Name of the runner: `local`, each run in its own process, `prefect`, on workers of Prefect, or that of a plugin."""
    lease_ttl_s: float = Field(default=30.0, gt=0, le=86_400.0, allow_inf_nan=False)
    """Lifetime of an instrument lock, and of the registration of a worker or waiting command, without a renewal, in seconds."""
    lock_scope: LockScope = Field(default="chip", json_schema_extra=REPORTED)
    """Scope of a lock: the instrument of a `chip`, or also every other instrument that the `project` uses."""
    store_patience_s: float = Field(default=300.0, ge=0, le=86_400.0, allow_inf_nan=False)
    """Time that a run waits for an unavailable or full store before it stops, in seconds."""
    cancel_grace_s: float = Field(default=10.0, ge=0, le=3_600.0, allow_inf_nan=False)
    """Time for a task to stop before its process is killed, in seconds."""
    event_days: float = Field(default=30.0, gt=0, le=36_500.0, allow_inf_nan=False)
    """Events and logs of a project older than this are removed when a run of it begins, at most 10,000 and 1,000 at a time, in days."""
    timezone: Annotated[str | None, AfterValidator(_check_time_zone)] = Field(
        default=None, json_schema_extra=REPORTED
    )
    """Time zone of displayed times, of dates in execution ids and of daily histories, in place of the home's; stored times are in UTC. A home has the zone of the machine that made it, UTC if that has none, and `Asia/Tokyo` if no zone is stored."""
    metrics_file: Annotated[Path, AfterValidator(make_absolute)] | None = None
    """Metrics file of the laboratory, which overrides the built-in one: thresholds, age limits, selection in tables."""
    api_url: Url = "http://127.0.0.1:8000"
    """URL of the host, for the dashboard and other clients."""
    dashboard_url: Annotated[str | None, AfterValidator(_check_dashboard_url)] = None
    """URL of the dashboard, to which set-up links lead; `qdash up` sets it for its host."""

    _given: dict[type[FeatureSettings], FeatureSettings] = PrivateAttr(default_factory=dict)

    def __init__(self, **given: Any) -> None:
        """Read the settings, and validate those of features if one is set."""
        super().__init__(**_read_sources(given, type(self).model_fields))
        extra, names = self.__pydantic_extra__ or {}, self.__pydantic_fields_set__
        if not extra:
            return
        models = [*load_models()]
        prefixes = {prefix for prefix, _ in list_settings_places() if prefix}
        values = _flatten(extra, prefixes)
        broken = tuple(prefixes - {prefix for prefix, _ in models})
        _refuse_unknown((name for name in values if not name.startswith(broken)), given)
        names.difference_update(extra)
        names.update(values)
        extra.clear()
        extra.update(values)
        for prefix, model in models:
            if chosen := {name for name in model.model_fields if f"{prefix}{name}" in values}:
                found = self._given[model] = self._validate(prefix, model, given)
                extra.update((f"{prefix}{name}", _reveal(getattr(found, name))) for name in chosen)

    def of(self, model: type[F]) -> F:
        """Return the settings of a feature, such as `of(NotifierSettings)`.

        Raises
        ------
        InvalidInputError
            If one that has no default is not set.
        """
        if (found := self._given.get(model)) is not None:
            return cast("F", found)
        return self._validate(_find_prefix(model) if self.model_extra else "", model, {})

    def _validate(self, prefix: str, model: type[F], given: Mapping[str, Any]) -> F:
        extra = self.model_extra or {}
        values = {name: extra[prefix + name] for name in model.model_fields if prefix + name in extra}
        try:
            return model.model_validate(values, context=self)
        except ValidationError as error:
            described = _describe_error(error.errors()[0], given, prefix or _find_prefix(model))
            raise InvalidInputError(described) from error

    def list_values(self) -> dict[str, object]:
        """Return every setting by name with its value, those of features too."""
        values: dict[str, object] = {name: getattr(self, name) for name in type(self).model_fields}
        for prefix, model in load_models():
            with suppress(InvalidInputError):  # one without a default is not set
                found = self.of(model)
                values |= {f"{prefix}{name}": getattr(found, name) for name in model.model_fields}
        return values

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with other values, which are not validated."""
        copied = super().model_copy(update=update, deep=deep)
        copied._given = {}
        return copied

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Yield the settings of QDash: those of features may be secret."""
        return (one for one in super().__repr_args__() if one[0] in type(self).model_fields)


def load_settings(**overrides: Any) -> Settings:
    """Return the settings in force.

    Overrides, by name, take precedence over environment and file; None counts as not given.

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


def _flatten(extra: Mapping[str, Any], prefixes: Collection[str]) -> dict[str, Any]:
    """Return settings of features by their full names, also those in the tables of plugins."""
    values = dict[str, Any]()
    for key, value in extra.items():
        prefix = make_settings_prefix(key)
        if prefix in prefixes and isinstance(value, Mapping):
            values = {f"{prefix}{name}": one for name, one in value.items()} | values
        else:
            values[key] = value
    return values


def _refuse_unknown(values: Iterable[str], given: Mapping[str, Any]) -> None:
    known = list_settings()
    for name in values:
        if name not in known:
            hint = (
                suggest(name.lower().removeprefix(_PREFIX.lower()), known)
                or f"; known are {', '.join(sorted(known))}"
            )
            raise InvalidInputError(f"unknown setting {name!r} ({_describe_source(name, given)}){hint}")


def _reveal(value: object) -> object:
    """Return a validated value as another process reads it."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _describe_error(error: ErrorDetails, given: Mapping[str, Any], prefix: str = "") -> str:
    name = f"{prefix}{error['loc'][0]}"
    if error["type"] == "missing" and len(error["loc"]) == 1:
        variable = f"{_PREFIX}{name}".upper()
        return f"setting {name} has no default: set the environment variable {variable}, or set it in {TOML_FILE}"
    source = _describe_source(name, given)
    place = ".".join([name, *map(str, error["loc"][1:])])
    if error["type"] == "value_error":
        return f"setting {place} ({source}): {describe_error(error)}"
    # A URL may hold a password, and a token is one; a root may have both.
    shown = "" if prefix or name.endswith(("_url", "_token", "_roots")) else f" is {error['input']!r}"
    return f"setting {place} ({source}){shown}: {describe_error(error)}"


def _describe_source(name: str, given: Mapping[str, Any]) -> str:
    if name in given:
        return "given as an argument"
    variable = f"{_PREFIX}{name}".upper()
    if any(key.upper() == variable and value for key, value in os.environ.items()):
        return f"environment variable {variable}"
    with suppress(OSError, ValueError):
        document = tomllib.loads(Path(TOML_FILE).read_text(encoding="utf-8"))
        if name in _flatten(document, {make_settings_prefix(key) for key in document}) or name in document:
            return f"{TOML_FILE} in {Path.cwd()}"
    return f"{TOML_FILE} in the home"
