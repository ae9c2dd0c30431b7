"""The entry of `qdash`: from arguments to an exit status, with one line for whoever made a mistake."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_core.cli.app import app
from qdash_core.errors import (
    AnalysisError,
    BackendError,
    FlowError,
    InvalidInputError,
    LockedError,
    QDashError,
    StoreUnavailableError,
    TaskTimeoutError,
)
from qdash_core.processes import begin_process

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130

# What is asked for was right and the world refused: the work failed. Everything else is for the caller to correct.
_WORK_FAILED = (
    AnalysisError,
    BackendError,
    FlowError,
    LockedError,
    StoreUnavailableError,
    TaskTimeoutError,
)

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 the work failed, 2 wrong use, bad input or a missing input."""
    _replace_closed_streams()
    try:
        begin_process()
    except InvalidInputError as error:
        sys.exit(_refuse(str(error), REFUSED))
    sys.exit(run(arguments))


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
