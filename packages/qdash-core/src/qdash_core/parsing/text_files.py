"""Text files, read up to a limit of size."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from os import PathLike


def read_text(path: str | PathLike[str], kind: str, *, size: int) -> str:
    """Read a text file in UTF-8, without its byte order mark.

    `kind` is the kind of file in messages, such as `wiring`. `size` is the largest size in bytes.

    Raises
    ------
    NotFoundError
        If there is no such file.
    InvalidInputError
        If it cannot be read or is larger.
    """
    try:
        with Path(path).open("rb") as file:
            contents = file.read(size + 1)
        if len(contents) > size:
            raise InvalidInputError(f"{kind} file {os.fspath(path)} has more than {size} bytes")
        return contents.decode().removeprefix("\ufeff")
    except FileNotFoundError:
        raise NotFoundError(f"there is no {kind} file {os.fspath(path)}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{kind} file {os.fspath(path)} cannot be read: {error}") from error
