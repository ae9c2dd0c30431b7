"""URLs as they may be shown: of a store, of artifacts."""

from urllib.parse import urlsplit


def redacted(url: str) -> str:
    """Return a URL without its password, for messages and listings."""
    try:
        parts = urlsplit(url)
        if parts.password is None:
            return url
    except ValueError:
        return url.partition("://")[0] + "://..."  # it cannot be taken apart, so nothing is shown of it
    user, _, place = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}:***@{place}").geturl()
