"""Entry point of `qdash`: from arguments to an exit status, with one line for each user error.

Most imports, which take long, follow the installation of the Ctrl-C handler.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from qdash_cli.streams import replace_streams

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from types import FrameType

    import click

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130
CANCELLED = "cancelled"
"""Message after Ctrl-C if nothing is known about the interrupted operation."""
_OF_EXTRAS = {"api": ("api",), "up": ("api", "ui"), "ui": ("ui",)}
"""Extras of the distribution `qdash` by the command that they add."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 the work failed, 2 wrong use, bad input or a missing input."""
    heeds_interrupts = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if heeds_interrupts:
        signal.signal(signal.SIGINT, _end_immediately)
    replace_streams()
    try:
        from qdash_core.errors import InvalidInputError
        from qdash_core.process.process_start import begin_process

        try:
            begin_process()
        except InvalidInputError as error:
            sys.exit(_print_error(str(error), REFUSED))
        status = _run_interruptibly(arguments) if heeds_interrupts else run(arguments)
    except KeyboardInterrupt:  # a second one, while the first was handled
        status = _print_error(CANCELLED, INTERRUPTED)
    gc.freeze()  # the interpreter's final search for garbage would take a tenth of a command's time
    sys.exit(status)


def _run_interruptibly(arguments: Sequence[str] | None) -> int:
    from qdash_cli.app import app  # noqa: F401  imported before any work begins
    from qdash_core.process.interrupts import raise_interrupt

    signal.signal(signal.SIGINT, raise_interrupt)
    try:
        return run(arguments)
    finally:
        signal.signal(signal.SIGINT, _end_immediately)  # Python handles it badly during shutdown


def _end_immediately(_number: int, _frame: FrameType | None) -> None:
    """End this process, before its work has begun or after it has finished."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, RuntimeError):
            stream.flush()
    with suppress(OSError):
        os.write(2, f"error: {CANCELLED}\n".encode())
    os._exit(INTERRUPTED)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    from qdash_cli.app import app

    try:
        status = app.main(args=arguments, prog_name="qdash", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  the outermost boundary
        return _report_error(error)
    return status if isinstance(status, int) else DONE


def _report_error(error: BaseException) -> int:
    """Print one line for the error that ended a command, and return the exit status."""
    import click

    from qdash_core.errors import PluginFailedError, QDashError
    from qdash_core.process.interrupts import was_dropped

    # An interrupted operation, such as an import or C code, may raise any error.
    if isinstance(error, (click.Abort, KeyboardInterrupt)) or was_dropped():
        message = _interrupt_message(error)
        return _print_error(f"interrupted: {message}" if message else CANCELLED, INTERRUPTED)
    if isinstance(error, click.ClickException):
        return _print_error(_format_error(error), REFUSED)
    if isinstance(error, PluginFailedError):
        _log_traceback(error)
        return _print_error(error.local_message or str(error), FAILED)
    if isinstance(error, QDashError):
        return _print_error(str(error), _get_exit_status(error))
    if isinstance(error, OSError):
        return _print_error(f"{error.filename or 'output'}: {error.strerror or error}", FAILED)
    _log_traceback(error)
    try:
        message = _describe_plugin_failure(error)
    except Exception as fault:  # noqa: BLE001  it must not hide the error
        _log_traceback(fault)
        message = ""
    message = message or f"unexpected {type(error).__name__}: {error}"
    return _print_error(f"{message} (set QDASH_LOG_LEVEL=DEBUG for the traceback)", FAILED)


def _describe_plugin_failure(error: BaseException) -> str:
    """Return the message on an unexpected error that the code of a plugin raised, or empty text for any other error."""
    from qdash_core.features.discovery import find_installed, list_members
    from qdash_core.tasks.failures import describe_error

    plugins = [one for one in find_installed() if one.module and not one.is_own]
    raising = _find_raising(error, {one.module for one in plugins}, set(list_members().values()))
    found = [one for one in plugins if one.module in raising]
    if not found:
        return ""
    distributions = " or ".join(sorted({one.distribution for one in found}))
    name = found[0].description if len(found) == 1 else f"a plugin of {distributions}"
    return f"{name} failed: {describe_error(error, module=raising[0])}"


def _find_raising(error: BaseException, modules: Collection[str], own: Collection[str]) -> list[str]:
    """Return those of the named modules whose package raised an error, or called the library that did; none if an own package did.

    Of several modules in a package, those are returned that have most of their name in common with the raising one.
    """
    from traceback import walk_tb

    for frame, _ in reversed([*walk_tb(error.__traceback__)]):
        raising = str(frame.f_globals.get("__name__", "")).split(".")
        if raising[0] in own:
            return []
        common = {module: _count_common(module.split("."), raising) for module in modules}
        if longest := max(common.values(), default=0):
            return [module for module, length in common.items() if length == longest]
    return []


def _count_common(first: list[str], second: list[str]) -> int:
    from itertools import takewhile

    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def _log_traceback(error: BaseException) -> None:
    import logging

    logging.getLogger(__name__).debug("what went wrong", exc_info=error)


def _get_exit_status(error: Exception) -> int:
    """Return the exit status of an error: whether the work failed, or the caller must correct the input."""
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


def _interrupt_message(interrupt: BaseException) -> str:
    """Return the message of an interrupt, even if click or a second interrupt wrapped it."""
    found: BaseException | None = interrupt
    while found is not None:
        if isinstance(found, KeyboardInterrupt) and found.args:
            return str(found)
        found = found.__cause__ or found.__context__
    return ""


def _format_error(error: click.ClickException) -> str:
    """Return an error message with the command; without a command, print the help of the group."""
    import click

    if isinstance(error, click.exceptions.NoArgsIsHelpError) and error.ctx is not None:
        click.echo(error.ctx.get_help())
        return f"{error.ctx.command_path}: command missing"
    message = error.format_message()
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = _suggest_command(error, error.ctx)
        return f"{error.ctx.command_path}: {error.message.removesuffix('.') + hint if hint else message}"
    return message


def _suggest_command(error: click.UsageError, ctx: click.Context) -> str:
    """Return a suggestion for an unknown command: its absent feature, the same one within groups, or one that differs in case."""
    import click

    from qdash_cli.recorded_groups import find_absent_feature
    from qdash_core.parsing.similar_names import suggest

    name = getattr(error, "command_name", None)
    if name is None or not isinstance(ctx.command, click.Group):
        return ""
    within_root = ctx.parent is None or ctx.parent.parent is None
    added_to = None if ctx.parent is None else ctx.info_name
    if within_root and (feature := find_absent_feature(name, added_to)):
        return f": it is of the feature {feature!r}, which is not installed, left out or set aside (`qdash plugins list`)"
    if ctx.parent is None and (extras := _OF_EXTRAS.get(name)):
        options = " ".join(f"--extra {one}" for one in extras)
        return (
            f": it is of `qdash[{','.join(extras)}]`, which is not installed or is blocked; "
            f"in a checkout: `uv run {options} qdash {name}`"
        )
    within = [
        f"{ctx.command_path} {one} {name}"
        for one in ctx.command.list_commands(ctx)
        if isinstance(group := ctx.command.get_command(ctx, one), click.Group)
        and group.get_command(ctx, name) is not None
    ]
    if within:
        return f"; did you mean `{'` or `'.join(within)}`?"
    return "" if getattr(error, "possibilities", None) else suggest(name, ctx.command.list_commands(ctx))


def _print_error(message: str, status: int) -> int:
    from qdash_cli.rendering.wrapping import get_line_width, replace_control_characters, wrap_lines

    text = wrap_lines(
        f"error: {replace_control_characters(' '.join(message.split()))}", get_line_width(sys.stderr)
    )
    with suppress(OSError):  # its disk may be full
        print(text, file=sys.stderr, flush=True)  # noqa: T201
    return status
