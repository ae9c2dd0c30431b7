"""Host that commands ask instead of the home of this machine: by a profile, or by variables of the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import click

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from qdash_core.operations.transport import Transport

HOST_VARIABLES = ("QDASH_API_URL", "QDASH_TOKEN")
"""Variables that name a host and a user there, which together mean that the host is wanted."""
PROFILE_VARIABLE = "QDASH_PROFILE"
LOCAL = "local"
"""Name that means the home of this machine instead of a profile."""
PROFILES_FILE = "profiles.json"
_GROUP = "qdash_transports"


class ProfileOption(click.Option):
    """Option `--profile` of commands: the host that they ask."""


def get_configuration_folder() -> Path:
    """Return the folder with the user's profiles, which may not exist."""
    return Path(click.get_app_dir("qdash"))


def describe_host(profile: str | None) -> str | None:
    """Return in words how a host is named, or None if commands ask the home of this machine.

    A profile of a command comes first, then `QDASH_PROFILE`, then the variables of a host, then the profile of the last login.

    Parameters
    ----------
    profile : str or None
        Profile that the command names.
    """
    chosen = profile or os.environ.get(PROFILE_VARIABLE)
    if not chosen:
        if all(map(os.environ.get, HOST_VARIABLES)):
            return f"{' and '.join(HOST_VARIABLES)} name a host"
        chosen = _read_current_profile()
    return None if chosen in (None, LOCAL) else f"profile {chosen} names a host"


def choose_profile(profile: str | None) -> str:
    """Return the profile that names the host of a server for its whole life, or `local` for the setting `api_url`."""
    named = profile or os.environ.get(PROFILE_VARIABLE)
    if named:
        return named
    return (None if os.environ.get(HOST_VARIABLES[0]) else _read_current_profile()) or LOCAL


def refuse_host(profile: str | None = None) -> None:
    """Raise InvalidInputError for a command that works on the home of this machine only if a host is named.

    Parameters
    ----------
    profile : str or None
        Profile that the command names.
    """
    from qdash_core.errors import InvalidInputError

    named = describe_host(profile)
    if named is not None:
        _, _, command = click.get_current_context().command_path.partition(" ")
        raise InvalidInputError(
            f"{named}, and `qdash {command}` works on the home of this machine only: run it there, or here with {PROFILE_VARIABLE}={LOCAL}"
        )


@overload
def open_host(profile: str | None, project: str | None) -> AbstractContextManager[Transport] | None: ...
@overload
def open_host(profile: str | None, project: str | None, token: str) -> AbstractContextManager[Transport]: ...


def open_host(
    profile: str | None, project: str | None, token: str | None = None
) -> AbstractContextManager[Transport] | None:
    """Return the transport to the host that is named, or None for the home of this machine.

    Parameters
    ----------
    profile : str or None
        Profile that the command names.
    project : str or None
        Id of the project, or None for the user's default project.
    token : str or None
        Token of another user of the host, which is then that of the setting `api_url` unless one is named.

    Raises
    ------
    InvalidInputError
        If there is no such profile, or the distribution `qdash-remote` is not installed.
    """
    if token is None and describe_host(profile) is None:
        return None
    from importlib.metadata import entry_points

    from qdash_core.errors import InvalidInputError

    found: Any = next(iter(entry_points(group=_GROUP, name="http")), None)
    if found is None:
        raise InvalidInputError(
            "commands reach hosts by the distribution qdash-remote, which is not installed"
        )
    transport: AbstractContextManager[Transport] = found.load()(profile, project, token)
    return transport


def list_profiles() -> list[str]:
    """Return the names of all profiles, and `local`."""
    return [LOCAL, *_read_profiles()["profiles"]]


def _read_current_profile() -> str | None:
    """Return the profile of the last login, or None."""
    current = _read_profiles()["current"]
    return current if isinstance(current, str) else None


def _read_profiles() -> dict[str, Any]:
    """Return all profiles with the name of the current one."""
    from qdash_core.errors import InvalidInputError
    from qdash_core.parsing.json_parser import parse_json

    path = get_configuration_folder() / PROFILES_FILE
    try:
        found = parse_json(path.read_bytes())
        return {"current": found["current"], "profiles": dict(found["profiles"])}
    except FileNotFoundError:
        return {"current": None, "profiles": {}}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInputError(
            f"{path}, which may name a host, cannot be read ({error}): correct it, or delete it and log in again"
        ) from None
