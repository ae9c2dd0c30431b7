"""Settings of the assistant from the environment: endpoint, model, key, time limit and prices."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from qdash_core.errors import InvalidInputError
from qdash_core.models.error_messages import find_first_error
from qdash_core.parsing.remote_urls import is_address
from qdash_core.parsing.urls import is_loopback

_PREFIX = "QDASH_ASSISTANT_"
_LONGEST_KEY = 4096


def _check_url(url: str | None) -> str | None:
    # Do not repeat the URL: a user may have put a key into it.
    if url is None:
        return None
    if not is_address(url, ("http", "https")):
        raise ValueError("it has to be the address of an OpenAI-compatible API, such as https://host/v1")
    parts = urlsplit(url)
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError(
            "the address is shown in messages: it has no credentials and no query; set QDASH_ASSISTANT_KEY"
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError(
            "questions and values would be readable on the network: use https://, or an address on 127.0.0.1"
        )
    return url.rstrip("/")


def _check_key(key: SecretStr | None) -> SecretStr | None:
    if key is not None and not _is_key(key.get_secret_value()):
        raise ValueError("a key consists of letters, digits and . _ ~ + / = : - without spaces")
    return key


def _is_key(text: str) -> bool:
    return len(text) <= _LONGEST_KEY and re.fullmatch(r"[A-Za-z0-9._~+/=:-]+", text) is not None


class AssistantSettings(BaseSettings):
    """Frozen settings; `load_assistant_settings` creates them and explains errors in one line."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    url: Annotated[str | None, AfterValidator(_check_url)] = None
    """Address of the API, to which `/chat/completions` is appended, or None if there is no endpoint."""
    model: Annotated[str, Field(pattern=r"^[!-~]{1,200}$")] | None = None
    """Name of the model, as the endpoint knows it."""
    key: Annotated[SecretStr | None, AfterValidator(_check_key)] = None
    """Key of the endpoint, or None if it needs none or is in `key_file`."""
    key_file: Path | None = None
    """File with the key, which only its owner may read."""
    timeout_s: Annotated[float, Field(gt=0, le=600)] = 60.0
    """Time without a sign of the endpoint after which an answer ends, in seconds."""
    output_tokens: Annotated[int, Field(ge=256, le=1_000_000)] = 4096
    """Maximum number of tokens that the model writes at once; endpoints refuse more than their model can write."""
    pictures: bool = False
    """True if the model accepts images (vision): its tools then show figures of results."""
    input_price: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Price of a million tokens read by the model, or None if unknown."""
    output_price: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Price of a million tokens written by the model, or None if unknown."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    """Currency of the prices."""

    @property
    def missing(self) -> list[str]:
        """Environment variables without which there is no assistant."""
        return [f"{_PREFIX}{name.upper()}" for name in ("url", "model") if getattr(self, name) is None]

    def read_key(self) -> SecretStr | None:
        """Return the key from the environment or its file, or None if there is none.

        Raises InvalidInputError if the file cannot be read, others may read it, or it holds no key.
        """
        if self.key_file is None:
            return self.key
        if self.key is not None:
            raise InvalidInputError(f"{_PREFIX}KEY and {_PREFIX}KEY_FILE are both set: unset one")
        return _read_key_file(self.key_file)

    def compute_cost(self, input_tokens: int, output_tokens: int) -> float | None:
        """Return the cost of a request in `currency`, or None if a price is unknown."""
        if self.input_price is None or self.output_price is None:
            return None
        return (input_tokens * self.input_price + output_tokens * self.output_price) / 1e6


def load_assistant_settings() -> AssistantSettings:
    """Return the settings in force; raise InvalidInputError naming an invalid variable."""
    try:
        return AssistantSettings()
    except ValidationError as error:
        name, message = find_first_error(error)
        raise InvalidInputError(f"environment variable {_PREFIX}{name.upper()}: {message}") from None


def _read_key_file(path: Path) -> SecretStr:
    # All members see the messages: they do not repeat the path, which the operator has set.
    place = f"the file of {_PREFIX}KEY_FILE"
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise InvalidInputError(f"{place} is not a file")
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise InvalidInputError(f"{place} may be read by other users: run `chmod 600` on it")
        with path.open("rb") as file:
            content = file.read(_LONGEST_KEY + 1)
    except OSError as error:
        raise InvalidInputError(f"{place} cannot be read: {error.strerror}") from None
    key = content.decode("ascii", errors="replace").strip()
    if not _is_key(key):
        raise InvalidInputError(f"{place} does not hold one key of letters, digits and . _ ~ + / = : -")
    return SecretStr(key)
