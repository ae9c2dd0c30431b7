"""URLs of stores and artifacts without secrets, for display."""

from urllib.parse import urlsplit


def redact_password(url: str) -> str:
    """Return a URL without its password and its options, which may hold one too, for messages and listings."""
    hidden = url.partition("://")[0] + "://..."
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return hidden  # not a valid URL: show nothing of it
    if parts.netloc and "@" not in parts.netloc and "@" in url:
        return hidden  # a password that contains /, ? or #, which ends the host part early
    if password is None:
        return url.partition("?")[0]
    user, _, place = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}:***@{place}", query="").geturl()
