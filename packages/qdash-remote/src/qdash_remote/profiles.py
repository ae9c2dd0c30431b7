"""Profiles: hosts by name, with the token of the user at each, in the system's keyring or in a file that only its owner may read."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from shlex import quote
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from qdash_cli.hosts import LOCAL, PROFILES_FILE, get_configuration_folder, read_profiles
from qdash_core.artifacts.atomic import write_atomically
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.parsing.similar_names import suggest
from qdash_core.parsing.urls import is_loopback

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SERVICE = "qdash"
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Profile:
    """Host and user.

    `token_name` is that at the host, by which the token is revoked; empty for a token from elsewhere. `place` is that
    of its secret. `certificates` is the file of the certificate authority, or None for those of the system.
    """

    name: str
    url: str
    username: str
    token_name: str = ""
    place: Literal["keyring", "file"] = "file"
    certificates: str | None = None

    def make_login_advice(self, why: str) -> str:
        """Return a sentence on a token that cannot be used, with the command that makes another one."""
        options = f"--name {self.name}"
        if self.certificates is not None:
            options += f" --ca {quote(self.certificates)}"
        if is_readable_on_the_way(self.url):
            options += " --insecure"
        return f"the token of profile {self.name} {why}: log in again by `qdash login {self.url} {options}`"


class Profiles:
    """The profiles of the user of this machine."""

    def __init__(self) -> None:
        self._folder = get_configuration_folder()

    def list_all(self) -> list[Profile]:
        """Return all profiles by name."""
        return [Profile(name=name, **fields) for name, fields in sorted(read_profiles()["profiles"].items())]

    def find(self, name: str) -> Profile:
        """Return a profile; raise NotFoundError if there is none of this name."""
        known = {one.name: one for one in self.list_all()}
        if name not in known:
            raise NotFoundError(
                f"there is no profile {name!r}{suggest(name, known)}: `qdash login URL --name {name}` makes one"
            )
        return known[name]

    def use(self, name: str) -> None:
        """Make a profile, or `local`, the one that commands ask from now on; raise NotFoundError if there is no such profile."""
        current = None if name == LOCAL else self.find(name).name
        self._write_profiles(read_profiles() | {"current": current})

    def save(self, profile: Profile, secret: str) -> Profile:
        """Keep a profile, which becomes the current one, and the secret of its token.

        Raises InvalidInputError if the name cannot be that of a profile, or nothing can be written.
        """
        require_profile_name(profile.name)
        stored = read_profiles()
        token_file = self._get_token_file(profile.name)
        place: Literal["keyring", "file"] = "keyring" if _keep_in_keyring(profile.name, secret) else "file"
        if place == "file":
            self._write(token_file, secret)
        kept = replace(profile, place=place)
        stored["profiles"][kept.name] = {key: value for key, value in asdict(kept).items() if key != "name"}
        self._write_profiles(stored | {"current": kept.name})
        if place == "keyring":
            token_file.unlink(missing_ok=True)
        return kept

    def put_back(self, name: str, former: tuple[Profile, str] | None) -> None:
        """Keep again the secret that a profile had before a login that failed, or none."""
        if former is None:
            _remove_from_keyring(name)
            self._get_token_file(name).unlink(missing_ok=True)
        elif former[0].place == "file":
            self._write(self._get_token_file(name), former[1])
        else:
            _keep_in_keyring(name, former[1])

    def read_secret(self, profile: Profile) -> str:
        """Return the secret of the token of a profile; raise InvalidInputError if it is gone."""
        secret = (
            _read_from_keyring(profile.name) if profile.place == "keyring" else self._read_token_file(profile)
        )
        if not secret:
            raise InvalidInputError(profile.make_login_advice("is gone"))
        return secret

    def remove(self, profile: Profile) -> None:
        """Forget a profile and its token."""
        self.put_back(profile.name, None)
        stored = read_profiles()
        stored["profiles"].pop(profile.name, None)
        if stored["current"] == profile.name:
            stored["current"] = None
        self._write_profiles(stored)

    def _write_profiles(self, stored: dict[str, Any]) -> None:
        self._write(self._folder / PROFILES_FILE, json.dumps(stored, indent=2) + "\n")

    def _write(self, path: Path, text: str) -> None:
        try:
            write_atomically(path, lambda file: file.write(text.encode()), mode=_OWNER_ONLY)
        except OSError as error:
            raise InvalidInputError(f"{path} cannot be written: {error.strerror}") from error

    def _get_token_file(self, name: str) -> Path:
        return self._folder / f"{name}.token"

    def _read_token_file(self, profile: Profile) -> str:
        from qdash_remote.connection import read_token

        path = self._get_token_file(profile.name)
        return read_token(path) if path.exists() else ""


def is_readable_on_the_way(url: str) -> bool:
    """Return whether others can read on the network what is sent to an address."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def require_profile_name(name: str) -> None:
    """Raise InvalidInputError if a profile cannot have a name."""
    if not _NAME.fullmatch(name) or name == LOCAL:
        raise InvalidInputError(
            f"a profile cannot have the name {name!r}: use letters, digits, `.`, `_` and `-`, and not {LOCAL!r}"
        )


def _load_keyring() -> Any | None:
    """Return the library of the system's keyring, or None if it is not installed or finds no keyring."""
    try:
        import keyring
        from keyring.backends.fail import Keyring
    except ImportError:
        return None
    return None if isinstance(keyring.get_keyring(), Keyring) else keyring


def _keep_in_keyring(name: str, secret: str) -> bool:
    """Store a secret in the system's keyring, and return whether it can be read from there."""
    keyring = _load_keyring()
    if keyring is None:
        return False
    try:
        keyring.set_password(_SERVICE, name, secret)
        return bool(keyring.get_password(_SERVICE, name) == secret)  # some keyrings store nothing
    except keyring.errors.KeyringError:
        return False


def _read_from_keyring(name: str) -> str:
    keyring = _load_keyring()
    try:
        return "" if keyring is None else keyring.get_password(_SERVICE, name) or ""
    except keyring.errors.KeyringError as error:  # type: ignore[union-attr]
        raise InvalidInputError(f"the system's keyring does not open: {error}") from None


def _remove_from_keyring(name: str) -> None:
    keyring = _load_keyring()
    if keyring is None:
        return
    try:
        keyring.delete_password(_SERVICE, name)
    except keyring.errors.KeyringError:
        return
