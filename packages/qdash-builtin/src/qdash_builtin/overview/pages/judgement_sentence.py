"""The judgement of a chip in one sentence: which qubits and couplings may be used, and why the others may not."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qdash_core.models.judgement import Fitness
from qdash_core.models.quantities import format_count
from qdash_core.models.target_lists import format_targets
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.quantities import use_unit_symbols
from qdash_ui_streamlit.display.target_lists import make_target_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.digests.views import DigestDocument, UnfitGroupDocument
    from qdash_ui_streamlit.view import View

_MOST_NAMED = 3
_LONGEST = 70


def format_judgement(view: View, digest: DigestDocument) -> str:
    """Return the sentence as HTML; for a digest of the past about its end."""
    groups = [*digest.newly_unfit, *digest.still_unfit]
    is_past = digest.advised_then is not None
    parts = [_format_kind(view, digest.chip_id, "qubit", digest.fitness.get("qubit", {}), groups)]
    couplings = digest.fitness.get("coupling", {})
    if any(one is not Fitness.UNKNOWN for one in couplings):
        parts.append(_format_kind(view, digest.chip_id, "coupling", couplings, groups))
    return f"{'At the end, ' if is_past else ''}{'; '.join(parts)}."


def _format_kind(
    view: View, chip_id: str, kind: str, numbers: Mapping[Fitness, int], groups: list[UnfitGroupDocument]
) -> str:
    usable = numbers.get(Fitness.FIT, 0) + numbers.get(Fitness.DEGRADED, 0)
    degraded = numbers.get(Fitness.DEGRADED, 0)
    parts = [
        f"<b>{usable} of {format_count(sum(numbers.values()), kind)} may be used</b>"
        + (f" ({degraded} degraded)" if degraded else "")
    ]
    if unfit := numbers.get(Fitness.UNFIT, 0):
        parts.append(_format_unfit(view, chip_id, kind, unfit, groups))
    if unknown := numbers.get(Fitness.UNKNOWN, 0):
        parts.append(f"{unknown} never calibrated")
    if aside := sum(n for one, n in numbers.items() if one.set_aside):
        parts.append(f"{aside} set aside")
    return ", ".join(parts)


def _format_unfit(view: View, chip_id: str, kind: str, unfit: int, groups: list[UnfitGroupDocument]) -> str:
    """Return the number of unfit targets with the reasons of the first groups; couplings that wait for a qubit are in no group."""
    own = [one for one in groups if ("-" in one.targets[0]) is (kind == "coupling")]
    named = [_format_group(view, chip_id, one) for one in own[:_MOST_NAMED]]
    text = f"{unfit} may not"
    if not named:
        return f"{text}, because of a qubit" if kind == "coupling" else text
    rest = format_link(view.link(kind, chip=chip_id, status="failed"), "and more")
    return f"{text}: {', '.join(named)}{f' {rest}' if len(own) > _MOST_NAMED else ''}"


def _format_group(view: View, chip_id: str, group: UnfitGroupDocument) -> str:
    (first, *others) = group.targets
    name = format_targets(group.targets)
    shown = escape(name) if others else format_link(make_target_url(view, chip_id, first), name)
    shared = f" of {escape(group.shared)}" if group.shared else ""
    reason = use_unit_symbols(" ".join(group.reason.split()))
    start = reason.partition(": ")[0]  # the finding tells all of it
    short = start if len(start) <= _LONGEST else f"{start[: _LONGEST - 1]}…"
    result = view.link("result", result=group.task_id)
    why = format_link(result, short, title=reason) if group.task_id else escape(short)
    return f"{shown}{shared} ({why})"
