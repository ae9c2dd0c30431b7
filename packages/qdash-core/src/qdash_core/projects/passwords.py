"""Passwords: kept as a hash that is slow to guess from, and compared with it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from base64 import b64decode, b64encode

from qdash_core.errors import InvalidInputError

_KIND = "scrypt"
_N, _R, _P = 2**14, 8, 5
"""16 MB and about a quarter of a second for every guess."""
_SALT_BYTES = 16
_MOST_MEMORY = 2**28
_SHORTEST, _LONGEST = 8, 1024

NOBODYS = f"{_KIND}${_N}${_R}${_P}${'A' * 22}==${'A' * 43}="
"""A hash of no password: comparing with it takes as long as with any other."""


def hash_password(password: str) -> str:
    """Return what is kept of a password: kind, costs, salt and key, as `scrypt$16384$8$5$SALT$KEY`.

    Raises
    ------
    InvalidInputError
        If it is too short or too long.
    """
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise InvalidInputError(
            f"a password of {len(password)} characters cannot be: {_SHORTEST} to {_LONGEST} are possible"
        )
    salt = secrets.token_bytes(_SALT_BYTES)
    key = _key(password, salt, _N, _R, _P)
    return "$".join((_KIND, str(_N), str(_R), str(_P), b64encode(salt).decode(), b64encode(key).decode()))


def password_matches(password: str, hashed: str) -> bool:
    """Whether a password is the one that a hash was made from; False for a hash that is not ours."""
    parts = hashed.split("$")
    if parts[0] != _KIND or len(password) > _LONGEST:
        return False
    _, *costs, salt, key = parts
    n, r, p = (int(cost) for cost in costs)
    return hmac.compare_digest(_key(password, b64decode(salt), n, r, p), b64decode(key))


def _key(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    # The same characters may be typed as different code points on another keyboard.
    typed = unicodedata.normalize("NFKC", password).encode()
    return hashlib.scrypt(typed, salt=salt, n=n, r=r, p=p, maxmem=_MOST_MEMORY, dklen=32)
