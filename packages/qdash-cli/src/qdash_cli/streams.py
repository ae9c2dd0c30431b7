"""Standard streams that outlive their readers: a closed stream, or a pipe whose reader has exited, swallows the output."""

from __future__ import annotations

import io
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

    from _typeshed import ReadableBuffer


def replace_streams() -> None:
    """Replace standard streams that the caller closed (`>&-`) by the null device, and pipes by ones that outlive their reader."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  as long as the process
        elif type(stream) is io.TextIOWrapper and _is_pipe(stream.fileno()):
            setattr(sys, name, open_stream(stream.fileno(), like=stream))


def open_stream(number: int, *, like: TextIO) -> TextIO:
    """Return a text stream of a file descriptor, with encoding and buffering of another one; it does not close the descriptor."""
    return io.TextIOWrapper(
        io.BufferedWriter(_OutlivingWriter(number, "w", closefd=False)),
        encoding=like.encoding,
        errors=like.errors,
        line_buffering=getattr(like, "line_buffering", False),
    )


class _OutlivingWriter(io.FileIO):
    """Writer of a file descriptor that becomes the null device when its reader has exited."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self.fileno())
            os.close(null)
            return super().write(data)


def _is_pipe(number: int) -> bool:
    mode = os.fstat(number).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
