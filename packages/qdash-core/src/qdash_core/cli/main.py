"""The entry of `qdash`: from arguments to an exit status, with one line for whoever made a mistake.

What the command line needs is imported once Ctrl-C has an answer: reading modules is most of the first moments of a command.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    import click

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130
CANCELLED = "cancelled"
"""What is said to Ctrl-C where nothing is known to be said about what it has ended."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 the work failed, 2 wrong use, bad input or a missing input."""
    heeds_interrupts = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if heeds_interrupts:
        signal.signal(signal.SIGINT, _end_at_once)
    _replace_closed_streams()
    # What is imported and read stays: to look for garbage in it as often as usual takes a tenth of a short command.
    gc.set_threshold(20_000, 50, 50)
    try:
        from qdash_core.errors import InvalidInputError
        from qdash_core.processes import begin_process

        try:
            begin_process()
        except InvalidInputError as error:
            sys.exit(_refuse(str(error), REFUSED))
        status = _run_interruptibly(arguments) if heeds_interrupts else run(arguments)
    except KeyboardInterrupt:  # another one, while the first was answered
        status = _refuse(CANCELLED, INTERRUPTED)
    sys.exit(status)


def _run_interruptibly(arguments: Sequence[str] | None) -> int:
    from qdash_core.cli.app import app  # noqa: F401  read while nothing has begun
    from qdash_core.interrupts import arrive

    signal.signal(signal.SIGINT, arrive)
    try:
        return run(arguments)
    finally:
        signal.signal(signal.SIGINT, _end_at_once)  # Python has no good answer while it takes itself down


def _end_at_once(_number: int, _frame: FrameType | None) -> None:
    """End this process: nothing has begun yet, or everything is through."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, RuntimeError):
            stream.flush()
    with suppress(OSError):
        os.write(2, f"error: {CANCELLED}\n".encode())
    os._exit(INTERRUPTED)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    from qdash_core.cli.app import app

    try:
        status = app.main(args=arguments, prog_name="qdash", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  the outermost boundary
        return _answer(error)
    return status if isinstance(status, int) else DONE


def _answer(error: BaseException) -> int:
    """Say what has ended a command, in one line, and return the exit status."""
    import click

    from qdash_core.errors import QDashError
    from qdash_core.interrupts import was_dropped

    # What an interrupt breaks may raise anything: a module that is being read, code in C.
    if isinstance(error, (click.Abort, KeyboardInterrupt)) or was_dropped():
        told = _told(error)
        return _refuse(f"interrupted: {told}" if told else CANCELLED, INTERRUPTED)
    if isinstance(error, click.ClickException):
        return _refuse(_explained(error), REFUSED)
    if isinstance(error, QDashError):
        return _refuse(str(error), _status_of(error))
    if isinstance(error, BrokenPipeError):
        return _without_reader()
    if isinstance(error, OSError):
        return _refuse(f"{error.filename or 'output'}: {error.strerror or error}", FAILED)
    import logging

    logging.getLogger(__name__).debug("what went wrong", exc_info=error)
    return _refuse(f"unexpected {type(error).__name__}: {error} (QDASH_LOG_LEVEL=DEBUG shows where)", FAILED)


def _status_of(error: Exception) -> int:
    """Return what an error means: what was asked for was right and the world refused, or it is for the caller to correct."""
    from qdash_core import errors

    work_failed = (
        errors.AnalysisError,
        errors.BackendError,
        errors.FlowError,
        errors.LockedError,
        errors.StoreUnavailableError,
        errors.TaskTimeoutError,
    )
    return FAILED if isinstance(error, work_failed) else REFUSED


def _told(interrupt: BaseException) -> str:
    """Return what was said of what an interrupt has ended: click makes another error of it, and a second one hides it."""
    found: BaseException | None = interrupt
    while found is not None:
        if isinstance(found, KeyboardInterrupt) and found.args:
            return str(found)
        found = found.__cause__ or found.__context__
    return ""


def _explained(error: click.ClickException) -> str:
    """Return what is wrong and with which command; who names no command at all is shown those there are."""
    import click

    if isinstance(error, click.exceptions.NoArgsIsHelpError) and error.ctx is not None:
        click.echo(error.ctx.get_help())
        return f"{error.ctx.command_path}: a command is missing"
    message = error.format_message()
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{error.ctx.command_path}: {message}"
    return message


def _refuse(message: str, status: int) -> int:
    from qdash_core.cli.rendering.wrapping import folded, room_of

    text = folded(f"error: {' '.join(message.split())}", room_of(sys.stderr))
    with suppress(OSError):  # nobody reads standard error either
        print(text, file=sys.stderr, flush=True)  # noqa: T201
    return status


def _without_reader() -> int:
    """End quietly: the reader of our output has gone, as `head` does. Python would complain when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


def _replace_closed_streams() -> None:
    """Write into nothing where a standard stream was closed by the caller (`>&-`)."""
    from pathlib import Path

    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  as long as the process
