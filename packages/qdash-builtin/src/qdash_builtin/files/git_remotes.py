"""URLs of git remotes."""

from __future__ import annotations

from urllib.parse import urlsplit

from qdash_core.parsing.remote_urls import is_address


def check_git_remote(url: str | None) -> str | None:
    """Return the URL of a git remote, or None for an empty one.

    Raises
    ------
    ValueError
        If it is not one, or has credentials.
    """
    if not url:
        return None
    parts = urlsplit(url)
    if parts.password is not None or (parts.username is not None and parts.scheme != "ssh"):
        raise ValueError("credentials do not belong in the URL: set the user and the token of the remote")
    if parts.scheme == "file" or is_address(url, ("https", "ssh")):
        return url
    if parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost"):
        return url
    raise ValueError("a git remote has the form https://host/path, ssh://user@host/path or file:///path")
