"""Password hashing."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from base64 import b64decode
from functools import cache
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1
"""The smaller costs that OWASP recommends for Argon2id. A host that checks two passwords at once needs 38
MiB."""
_SHORTEST, _LONGEST = 8, 1024
_OLDER_KIND = "scrypt"
_MOST_MEMORY = 2**28

NOBODYS = f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${'A' * 22}${'A' * 43}"
"""Hash that no password matches, to make the check of an unknown user take as long as that of a known one."""


def hash_password(password: str) -> str:
    """Return the stored hash of a password, in the form `$argon2id$v=19$m=19456,t=2,p=1$SALT$KEY`.

    Raises
    ------
    InvalidInputError
        If it is too short or too long.
    """
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise InvalidInputError(
            f"a password of {len(password)} characters is refused: use {_SHORTEST} to {_LONGEST}"
        )
    return _make_hasher().hash(_encode_password(password))


def is_password_correct(password: str, hashed: str) -> bool:
    """Return whether a password matches a hash; False for an unknown kind of hash."""
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > _LONGEST:
        return False
    if hashed.startswith(f"{_OLDER_KIND}$"):
        return _matches_older(password, hashed)
    try:
        return _make_hasher().verify(hashed, _encode_password(password))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(hashed: str) -> bool:
    """Return whether a hash has an older kind or other costs. It is replaced at the next login."""
    return hashed.startswith(f"{_OLDER_KIND}$") or _make_hasher().check_needs_rehash(hashed)


def _matches_older(password: str, hashed: str) -> bool:
    """Compare a password with a hash from before Argon2, `scrypt$16384$8$5$SALT$KEY`."""
    _, *costs, salt, key = hashed.split("$")
    n, r, p = (int(cost) for cost in costs)
    found = hashlib.scrypt(
        _encode_password(password), salt=b64decode(salt), n=n, r=r, p=p, maxmem=_MOST_MEMORY, dklen=32
    )
    return hmac.compare_digest(found, b64decode(key))


def _encode_password(password: str) -> bytes:
    # The same characters may be typed as different code points on another keyboard. Half a surrogate pair is no character.
    return unicodedata.normalize("NFKC", password).encode(errors="replace")


@cache
def _make_hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)
