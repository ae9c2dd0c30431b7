"""URLs: those of stores and artifacts without secrets, for display, the folder that one names, and hosts that are this machine."""

import re
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

_SHOWN_OPTION = "replicaSet"
"""Option without which a program cannot use the store of a replica set. It is no secret."""


def redact_password(url: str) -> str:
    """Return a URL without its password and its options, which may hold one too, but with `replicaSet`, for messages and listings."""
    hidden = url.partition("://")[0] + "://..."
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return hidden  # not a valid URL: show nothing of it
    if parts.netloc and "@" not in parts.netloc and "@" in url:
        return hidden  # a password that contains /, ? or #, which ends the host part early
    [shown] = parse_qs(parts.query).get(_SHOWN_OPTION, [""])[:1]
    options = f"?{_SHOWN_OPTION}={shown}" if re.fullmatch(r"[\w.-]+", shown) else ""
    if password is None:
        return url.partition("?")[0] + options
    user, _, place = parts.netloc.rpartition("@")
    return (
        parts._replace(netloc=f"{user.partition(':')[0]}:***@{place}", query="", fragment="").geturl()
        + options
    )


def find_folder(url: str) -> Path | None:
    """Return the absolute path of the folder in a `file:///folder` URL, or None for any other URL."""
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc or not parts.path:
        return None
    return Path(unquote(parts.path)).absolute()


def is_loopback(host: str) -> bool:
    """Return whether the name or address of a host is that of this machine, so that requests do not pass the network."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
