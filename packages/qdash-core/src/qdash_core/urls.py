"""URLs as they may be shown: of a store, of artifacts."""

from urllib.parse import urlsplit


def redacted(url: str) -> str:
    """Return a URL without its password and its options, which may hold one too, for messages and listings."""
    hidden = url.partition("://")[0] + "://..."
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return hidden  # it cannot be taken apart, so nothing is shown of it
    if parts.netloc and "@" not in parts.netloc and "@" in url:
        return hidden  # a password with / or ? or # in it, which ends the host too early
    if password is None:
        return url.partition("?")[0]
    user, _, place = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}:***@{place}", query="").geturl()
