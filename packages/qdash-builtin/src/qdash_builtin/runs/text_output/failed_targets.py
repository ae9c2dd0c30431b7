"""Texts about failed targets, with advice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_cli.rendering.output import print_message
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.quantities import use_unit_symbols

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MAX_NAMED = 12
"""Maximum number of failed targets that are named with their reasons."""


def describe_advice(
    chip_id: str, targets: Sequence[str], *, flow: str | None = None, further: str = ""
) -> str:
    """Return the commands that measure failed targets, at least one, again or leave one out.

    Parameters
    ----------
    flow : str or None
        Flow or task to measure them with, or None if the user chooses one.
    further : str
        Options of the commands that name the project and the user, each preceded by a space.
    """
    target, it = (targets[0], "it") if len(targets) == 1 else ("TARGET", "one")
    return (
        f"measure again: `qdash calibrate {chip_id} --flow {flow or 'FLOW'} --only failed{further}`, "
        f"or leave {it} out: `qdash chip exclude {chip_id} {target} --note TEXT{further}`"
    )


def print_now_failed(
    chip_id: str, reasons: Mapping[str, str], *, flow: str | None = None, further: str = ""
) -> None:
    """Print the targets that failed in a run with their reasons and advice; nothing if there are none. See `describe_advice`."""
    if not reasons:
        return
    named = [f"{target} ({use_unit_symbols(why)})" for target, why in reasons.items()]
    advice = describe_advice(chip_id, [*reasons], flow=flow, further=further)
    print_message(f"now failed: {summarize_names(named, _MAX_NAMED)}; {advice}")
