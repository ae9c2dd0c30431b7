"""The entry of `qdash`: from arguments to an exit status, with one line for whoever made a mistake."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

import click

from qdash_core.cli.app import app
from qdash_core.errors import BackendError, LockedError, QDashError

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130

# What is asked for was right and the world refused: the work failed. Everything else is for the caller to correct.
_WORK_FAILED = (BackendError, LockedError)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 the work failed, 2 wrong use, bad input or a missing input."""
    logging.basicConfig(
        stream=sys.stderr,
        level=os.environ.get("QDASH_LOG_LEVEL", "WARNING").upper(),
        format="%(levelname)s %(message)s",
    )
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    try:
        status = app.main(args=arguments, prog_name="qdash", standalone_mode=False)
    except click.ClickException as error:
        return _refuse(error.format_message(), REFUSED)
    except _WORK_FAILED as error:
        return _refuse(str(error), FAILED)
    except QDashError as error:
        return _refuse(str(error), REFUSED)
    except (click.Abort, KeyboardInterrupt):
        return _refuse("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does. Python would complain once more when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return status if isinstance(status, int) else DONE


def _refuse(message: str, status: int) -> int:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)  # noqa: T201
    return status
