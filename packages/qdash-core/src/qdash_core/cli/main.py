"""The entry of `qdash`: from arguments to an exit status, with one line for whoever made a mistake."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from _thread import interrupt_main
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_core.cli.app import app
from qdash_core.errors import AnalysisError, BackendError, LockedError, QDashError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

_A_MOMENT_S = 0.01
DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130

# What is asked for was right and the world refused: the work failed. Everything else is for the caller to correct.
_WORK_FAILED = (AnalysisError, BackendError, LockedError)

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 the work failed, 2 wrong use, bad input or a missing input."""
    _replace_closed_streams()
    _end_politely()
    _heed_every_interrupt()
    _one_thread_for_algebra()
    level = os.environ.get("QDASH_LOG_LEVEL", "WARNING").upper()
    if level not in logging.getLevelNamesMapping():
        known = ", ".join(logging.getLevelNamesMapping())
        sys.exit(_refuse(f"QDASH_LOG_LEVEL: {level!r} is not a level ({known})", REFUSED))
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(message)s")
    sys.exit(run(arguments))


def _one_thread_for_algebra() -> None:
    """Let numpy use one thread, unless the environment says otherwise.

    Calibration is much small algebra: threads that share it wait for each other longer than they compute, and on a busy
    machine for other processes too. NumPy reads this when it is first imported.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    try:
        status = app.main(args=arguments, prog_name="qdash", standalone_mode=False)
    except click.ClickException as error:
        return _refuse(_explained(error), REFUSED)
    except _WORK_FAILED as error:
        return _refuse(str(error), FAILED)
    except QDashError as error:
        return _refuse(str(error), REFUSED)
    except (click.Abort, KeyboardInterrupt) as error:
        # click makes an Abort of it; what was cancelled stands in its cause.
        told = str(error.__cause__ or error)
        return _refuse(f"interrupted: {told}" if told else "interrupted", INTERRUPTED)
    except BrokenPipeError:
        return _without_reader()
    except OSError as error:
        return _refuse(f"{error.filename or 'output'}: {error.strerror or error}", FAILED)
    except Exception as error:  # the outermost boundary: a traceback is for those who ask for it
        logger.debug("what went wrong", exc_info=True)
        return _refuse(
            f"unexpected {type(error).__name__}: {error} (QDASH_LOG_LEVEL=DEBUG shows where)", FAILED
        )
    return status if isinstance(status, int) else DONE


def _explained(error: click.ClickException) -> str:
    """Return what is wrong and with which command; who names no command at all is shown those there are."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and error.ctx is not None:
        click.echo(error.ctx.get_help())
        return f"{error.ctx.command_path}: a command is missing"
    message = error.format_message()
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{error.ctx.command_path}: {message}"
    return message


def _refuse(message: str, status: int) -> int:
    with suppress(OSError):  # nobody reads standard error either
        print(f"error: {' '.join(message.split())}", file=sys.stderr, flush=True)  # noqa: T201
    return status


def _without_reader() -> int:
    """End quietly: the reader of our output has gone, as `head` does. Python would complain when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


def _replace_closed_streams() -> None:
    """Write into nothing where a standard stream was closed by the caller (`>&-`)."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115  as long as the process


def _end_politely() -> None:
    """Let SIGTERM and a lost terminal (SIGHUP) take the way of Ctrl-C, so that a run is recorded as cancelled."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # Whoever started us under nohup has SIGHUP ignored, and means it.
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, interrupt)


def _heed_every_interrupt() -> None:
    """Repeat an interrupt that Python drops with a complaint, as it does in callbacks of the import system."""
    usual = sys.unraisablehook

    def heed(dropped: sys.UnraisableHookArgs) -> None:
        if dropped.exc_type is KeyboardInterrupt:
            threading.Timer(_A_MOMENT_S, interrupt_main).start()
        else:
            usual(dropped)

    sys.unraisablehook = heed
