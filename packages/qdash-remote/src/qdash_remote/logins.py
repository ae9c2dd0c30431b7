"""Logins at hosts, each kept as a profile."""

from __future__ import annotations

import platform
import re
import sys
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import click
from pydantic import BaseModel

from qdash_cli.given_texts import read_standard_input
from qdash_cli.hosts import choose_host, choose_profile
from qdash_cli.rendering.output import emit_json, print_message, print_table
from qdash_core.errors import InvalidInputError, NotFoundError, QDashError
from qdash_core.models.token import TokenScope
from qdash_core.parsing.urls import is_loopback
from qdash_core.process.clock import machine_now
from qdash_remote.host_transport import connect_to
from qdash_remote.profiles import Profile, Profiles, is_readable_on_the_way, require_profile_name
from qdash_remote.transport import require_success

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_remote.host_transport import HostTransport

_VALID = timedelta(days=30)
_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_MACHINE = 32


class _Session(BaseModel):
    token: str


class _NewToken(BaseModel):
    secret: str


def log_in(
    url: str,
    name: str | None,
    username: str | None,
    certificates: Path | None,
    *,
    reads_token: bool,
    insecure: bool,
    as_json: bool,
) -> None:
    """Log in at a host by password or token, and keep the profile; a login that fails leaves no token at the host."""
    profiles = Profiles()
    address = _check_url(url, insecure=insecure)
    name = name or _name_profile(address)
    require_profile_name(name)
    kept = None if certificates is None else str(certificates.resolve())
    with ExitStack() as undo:
        if reads_token:
            secret, token_name = read_standard_input().strip(), ""
            if not secret:
                raise InvalidInputError(
                    "standard input has no token: `qdash token create` at the host makes one"
                )
        else:
            with connect_to(address, None, certificates=kept) as host:
                secret, token_name = _make_token(host, username)
        made = Profile(name=name, url=address, username="", token_name=token_name, certificates=kept)
        undo.callback(_revoke_or_tell, made, secret)
        with connect_to(address, secret, certificates=kept) as host:
            me = host.identify()
        former = _find_former(profiles, name)
        undo.callback(profiles.put_back, name, former)
        profile = profiles.save(replace(made, username=me.user.username), secret)
        undo.pop_all()
    if former is not None and former[1] != secret:
        _revoke_or_tell(*former)
    if as_json:
        emit_json(_describe(profile, current=True))
        return
    if former is not None and former[0].username != profile.username:
        print_message(f"the login of {former[0].username} was replaced", err=True)
    print_message(
        f"{profile.username} is logged in at {profile.url}: commands ask this host until `qdash logout {profile.name}`; "
        "with --profile local, a command asks the home of this machine"
    )


def log_out(name: str | None, *, as_json: bool) -> None:
    """Revoke the token of a profile, by default of the one that commands use, and forget the profile."""
    profiles = Profiles()
    if name is None:
        used = choose_host(None)
        if used is None or used.profile is None:
            raise NotFoundError("commands use no profile: name one, `qdash login` lists them all")
        name = used.profile
    profile = profiles.find(name)
    try:
        _revoke_or_tell(profile, profiles.read_secret(profile))
    except QDashError as error:
        _tell_unrevoked(profile, error)
    profiles.remove(profile)
    if as_json:
        emit_json(_describe(profile, current=False))
        return
    kept = "" if profile.token_name else f"; the token that it was given was not revoked at {profile.url}"
    print_message(f"profile {profile.name} was forgotten{kept}")
    if choose_host(None, strict=False) is None:
        others = ", ".join(one.name for one in profiles.list_all())
        print_message(
            f"commands ask the home of this machine now{f'; other profiles: {others} (qdash login --name PROFILE)' if others else ''}",
            err=True,
        )


def use_profile(name: str, *, as_json: bool) -> None:
    """Make a profile, or `local`, the one that commands ask from now on, and print all profiles."""
    Profiles().use(name)
    print_profiles(as_json=as_json)
    if (used := choose_profile(None)) != name:
        print_message(
            f"variables of the environment name another host or home: commands ask {used}", err=True
        )


def print_profiles(*, as_json: bool) -> None:
    """Print all profiles."""
    found, used = Profiles().list_all(), choose_profile(None)
    if as_json:
        emit_json([_describe(one, current=one.name == used) for one in found])
    elif found:
        print_table(
            ("profile", "host", "user", "token in", "used"),
            (
                (one.name, one.url, one.username, one.place, "yes" if one.name == used else "")
                for one in found
            ),
        )
    else:
        print_message("no profiles yet: log in by `qdash login URL`")


def _make_token(host: HostTransport, username: str | None) -> tuple[str, str]:
    """Ask for the password, and return the secret and the name of a token for this machine."""
    if not sys.stdin.isatty():
        raise InvalidInputError("a password is asked for on a terminal only: give a token by --token-stdin")
    username = username or click.prompt("User", err=True)
    password = click.prompt("Password", hide_input=True, err=True)
    sent = {"username": username, "password": password}
    session = host.fetch(_Session, "POST", "/auth/login", json=sent)
    host.headers["authorization"] = f"Bearer {session.token}"
    now = machine_now()
    machine = _NO_NAME.sub("-", platform.node())[:_LONGEST_MACHINE]
    name = f"login-{now:%Y%m%d}-{machine}-{token_hex(3)}"
    try:
        wanted = {"name": name, "scope": TokenScope.ADMIN, "expires_at": (now + _VALID).isoformat()}
        made = host.fetch(_NewToken, "POST", "/tokens", json=wanted)
    finally:
        with suppress(QDashError):  # it ends by itself
            host.post("/auth/logout")
    return made.secret, name


def _revoke_or_tell(profile: Profile, secret: str) -> None:
    """Revoke the token that `login` made, or print why that failed."""
    if not profile.token_name:
        return
    try:
        with connect_to(profile.url, secret, certificates=profile.certificates) as host:
            require_success(host.delete(f"/tokens/{quote(profile.token_name, safe='')}"))
    except QDashError as error:
        _tell_unrevoked(profile, error)


def _tell_unrevoked(profile: Profile, error: QDashError) -> None:
    if profile.token_name:
        print_message(
            f"token {profile.token_name} was not revoked ({error}): revoke it at {profile.url}", err=True
        )


def _find_former(profiles: Profiles, name: str) -> tuple[Profile, str] | None:
    """Return the earlier login of this name with its secret, if its token is known."""
    found = next((one for one in profiles.list_all() if one.name == name), None)
    try:
        return None if found is None else (found, profiles.read_secret(found))
    except QDashError:
        return None


def _describe(profile: Profile, *, current: bool) -> dict[str, object]:
    return {
        "name": profile.name,
        "url": profile.url,
        "username": profile.username,
        "token_in": profile.place,
        "current": current,
    }


def _check_url(url: str, *, insecure: bool) -> str:
    refusal = "that is no address of a host: write it as https://qdash.example.org"
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host, _port = parts.hostname, parts.port
        if "://" not in url and host and is_loopback(host):
            parts = parts._replace(scheme="http")
    except ValueError:
        raise InvalidInputError(refusal) from None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or parts.query:
        raise InvalidInputError(refusal)
    address = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
    if is_readable_on_the_way(address) and not insecure:
        raise InvalidInputError(
            f"password and token would be readable on the way to {host}: use https://, or --insecure on a network that you trust"
        )
    return address


def _name_profile(url: str) -> str:
    parts = urlsplit(url)
    port = "" if parts.port is None else f"-{parts.port}"
    return f"{parts.hostname}{port}".replace(":", "-").strip("-")
