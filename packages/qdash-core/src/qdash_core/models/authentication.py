"""Attempt of a caller to be authenticated by other means than a token or password of QDash."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AuthenticationAttempt:
    """A request without a valid token, or a login whose password is not one of QDash.

    Parameters
    ----------
    username, password : str
        Those of a login; empty for another request.
    headers : dict of str to str
        Headers of a request by name, in lower case; the values of a repeated header are joined by a comma. Empty for a login.
    address : str
        Network address of the client or of a proxy; empty if unknown.
    method, path : str
        Method and path of a request; empty for a login.
    """

    username: str = ""
    password: str = field(default="", repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    address: str = ""
    method: str = ""
    path: str = ""
