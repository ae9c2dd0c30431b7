"""Settings of Prefect from the environment, under Prefect's own names if it has them."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from qdash_core.errors import InvalidInputError
from qdash_core.models.error_messages import describe_error

DEFAULT_POOL = "qdash"


def _validate_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("it has to be the URL of a Prefect server, such as http://host:4200/api")
    if parts.username is not None or parts.password is not None:
        raise ValueError("the URL is shown in messages: set user and password in PREFECT_API_AUTH_STRING")
    return url.rstrip("/")


def _validate_certificates(path: Path) -> Path:
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:  # also if it contains no certificates
        raise ValueError(f"{path} cannot be read as a file of certificates: {error}") from error
    return path


class PrefectSettings(BaseSettings):
    """Frozen settings; `load_prefect_settings` creates them and explains errors in one line."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, validate_default=True
    )

    api_url: Annotated[str, AfterValidator(_validate_url)] = Field(
        default="http://127.0.0.1:4200/api", validation_alias="PREFECT_API_URL"
    )
    """Address of the server."""
    auth_string: SecretStr | None = Field(default=None, validation_alias="PREFECT_API_AUTH_STRING")
    """Credentials of the server, `user:password`, or None if it needs none."""
    certificates: Annotated[Path, AfterValidator(_validate_certificates)] | None = Field(
        default=None, validation_alias=AliasChoices("PREFECT_API_SSL_CERT_FILE", "SSL_CERT_FILE")
    )
    """File of the trusted certificate authorities, or None for the default ones."""
    pool: str = Field(
        default=DEFAULT_POOL,
        validation_alias="QDASH_PREFECT_POOL",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,60}$",
    )
    """Name of the work pool whose workers perform runs."""
    task_runner: bool = Field(default=False, validation_alias="QDASH_PREFECT_TASK_RUNNER")
    """True if Prefect's interface shows each calibration task as a task run."""


def load_prefect_settings() -> PrefectSettings:
    """Return the settings in force; raise InvalidInputError naming an invalid variable."""
    try:
        return PrefectSettings()
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInputError(f"environment variable {first['loc'][0]}: {describe_error(first)}") from error
