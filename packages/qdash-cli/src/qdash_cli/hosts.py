"""Host that commands ask instead of the home of this machine: by a profile, or by variables of the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload

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


class NamedHost(NamedTuple):
    """Host that commands ask; the profile is None if variables of the environment name it."""

    profile: str | None

    def __str__(self) -> str:
        """Return in words how the host is named."""
        if self.profile is None:
            return f"{' and '.join(HOST_VARIABLES)} name a host"
        return f"profile {self.profile} names a host"


def choose_host(profile: str | None, *, strict: bool = True) -> NamedHost | None:
    """Return the host that is named, or None if commands ask the home of this machine.

    A profile of a command comes first, then `QDASH_PROFILE`, then the variables of a host, then the profile of the last login.

    Unless `strict`, one of both variables alone is ignored. Raises InvalidInputError if only one variable of a host is set.
    """
    chosen = profile or os.environ.get(PROFILE_VARIABLE)
    if not chosen:
        missing = [name for name in HOST_VARIABLES if not os.environ.get(name)]
        if not missing:
            return NamedHost(None)
        if strict and len(missing) == 1:
            from qdash_core.errors import InvalidInputError

            (given,) = set(HOST_VARIABLES) - set(missing)
            raise InvalidInputError(
                f"{given} is set without {missing[0]}, and a host needs both: set {missing[0]}, or name the home of this machine by {PROFILE_VARIABLE}={LOCAL}"
            )
        chosen = read_profiles()["current"]
    return None if chosen in (None, LOCAL) else NamedHost(chosen)


def choose_profile(profile: str | None) -> str:
    """Return the profile that names the host of a server for its whole life, or `local` for the setting `api_url`."""
    if not (profile or os.environ.get(PROFILE_VARIABLE)) and os.environ.get(HOST_VARIABLES[0]):
        return LOCAL
    host = choose_host(profile, strict=False)
    return (None if host is None else host.profile) or LOCAL


def refuse_host(profile: str | None = None) -> None:
    """Raise InvalidInputError for a command that works on the home of this machine only if a host is named."""
    from qdash_core.errors import InvalidInputError

    named = choose_host(profile, strict=False)  # the home has a setting with the name of one variable
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

    A token of another user belongs to the host of the setting `api_url` unless one is named; `project` is None for the
    user's default project. Raises InvalidInputError if there is no such profile, or the distribution `qdash-remote` is
    not installed.
    """
    host = choose_host(profile, strict=token is None)
    if token is None and host is None:
        return None
    from importlib.metadata import entry_points

    from qdash_core.errors import InvalidInputError

    found: Any = next(iter(entry_points(group=_GROUP, name="http")), None)
    if found is None:
        raise InvalidInputError(
            "commands reach hosts by the distribution qdash-remote, which is not installed"
        )
    transport: AbstractContextManager[Transport] = found.load()(host, project, token)
    return transport


def list_profiles() -> list[str]:
    """Return the names of all profiles, and `local`."""
    return [LOCAL, *read_profiles()["profiles"]]


def read_profiles() -> dict[str, Any]:
    """Return the fields of all `profiles` of the user, and the name of the `current` one or None.

    Raises InvalidInputError if their file cannot be read.
    """
    from qdash_core.errors import InvalidInputError
    from qdash_core.parsing.json_parser import parse_json

    path = get_configuration_folder() / PROFILES_FILE
    try:
        stored = parse_json(path.read_bytes())
        profiles = {name: dict(fields) for name, fields in stored["profiles"].items()}
        current = stored["current"]
    except FileNotFoundError:
        return {"current": None, "profiles": {}}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInputError(
            f"{path}, which may name a host, cannot be read ({error}): correct it, or delete it and log in again"
        ) from None
    return {"current": current if isinstance(current, str) else None, "profiles": profiles}
