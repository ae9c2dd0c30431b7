"""URLs of servers."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_address(url: str, schemes: tuple[str, ...]) -> bool:
    """Return whether a URL has one of these schemes and a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
