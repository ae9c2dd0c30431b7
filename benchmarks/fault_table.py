"""Table of seeded faults: whether each explanation names the right cause first, or among the first three."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.fault_catalogue import Chip, Kind


@dataclass(frozen=True, slots=True)
class Outcome:
    """Explanation of a scenario: the causes in their order, each with its target."""

    name: str
    kind: str
    causes: tuple[tuple[str, str], ...]
    seconds: float


def is_first(kind: Kind, outcome: Outcome) -> bool:
    """Return whether a cause of the kind ranks first."""
    return bool(outcome.causes) and any(outcome.causes[0][0] in some for some in kind.accepted)


def is_in_top_three(kind: Kind, outcome: Outcome) -> bool:
    """Return whether every cause of the kind, or one that is declared alike, is in the top three."""
    top = {cause for cause, _ in outcome.causes[:3]}
    return all(top & some for some in kind.accepted)


def print_outcome(kind: Kind, outcome: Outcome) -> None:
    """Print one line about a scenario."""
    mark = "first" if is_first(kind, outcome) else "top3 " if is_in_top_three(kind, outcome) else "MISS "
    print(
        f"{mark} {outcome.seconds:5.1f} s {outcome.name:60s} {' > '.join(one for one, _ in outcome.causes[:4])}",
        flush=True,
    )


def make_table(
    kinds: Sequence[Kind],
    outcomes: Sequence[Outcome],
    alarms: Sequence[tuple[int, int]],
    chips: Mapping[str, tuple[Chip, ...]],
) -> str:
    """Return the page with the table as Markdown."""
    by_kind = defaultdict(list)
    for one in outcomes:
        by_kind[one.kind].append(one)
    rows = [_make_row(kind, by_kind[kind.name]) for kind in kinds]
    n = max(len(outcomes), 1)
    first = sum(is_first(kind, one) for kind in kinds for one in by_kind[kind.name])
    top = sum(is_in_top_three(kind, one) for kind in kinds for one in by_kind[kind.name])
    total = f"| **all** | | {len(outcomes)} | {first / n:.1%} | {top / n:.1%} | |"
    twins = ", ".join(f"{chip.device} (seed {chip.seed})" for some in chips.values() for chip in some)
    lines = [
        "# Seeded faults",
        "",
        "Explanations of a target from its newest results, after a night with a seeded fault, by `python -m benchmarks.seeded_faults`. Rules are",
        "written with other devices and seeds.",
        "",
        f"Twins: {twins}.",
        "",
        "The first column has the sizes of the faults (their physics: `qdash docs timed faults`). Of a pair, one cause must rank first, and both be",
        "among the first three.",
        "",
        "| kind | cause | n | first | in top three | otherwise first |",
        "|---|---|---|---|---|---|",
        *rows,
        total,
    ]
    if alarms:
        explained, wrong = (sum(part) for part in zip(*alarms, strict=True))
        lines += [
            "",
            f"{wrong} of {explained} explanations of healthy results and targets, half of them after 14 h of drift, named a cause ({wrong / explained:.1%}).",
        ]
    lines += [
        "",
        "## Causes with the same evidence",
        "",
        "Declared before the judgement; the other cause counts as right.",
        "",
    ]
    lines += [
        f"- {kind.name}: also {', '.join(f'`{one}`' for one in kind.alike)}, as {kind.because}"
        if not kind.because.startswith("as ")
        else f"- {kind.name}: also {', '.join(f'`{one}`' for one in kind.alike)}, {kind.because}"
        for kind in kinds
        if kind.alike
    ]
    return "\n".join(lines) + "\n"


def _make_row(kind: Kind, outcomes: Sequence[Outcome]) -> str:
    wrong = Counter(
        one.causes[0][0] if one.causes else "no cause" for one in outcomes if not is_first(kind, one)
    )
    usual = ", ".join(f"`{name}` ({count})" for name, count in wrong.most_common(2))
    named = ", ".join(f"`{one}`" for one in kind.causes)
    first = sum(is_first(kind, one) for one in outcomes)
    top = sum(is_in_top_three(kind, one) for one in outcomes)
    sizes = _describe_sizes(kind)
    return f"| {kind.name}{f' ({sizes})' if sizes else ''} | {named} | {len(outcomes)} | {first} | {top} | {usual} |"


def _describe_sizes(kind: Kind) -> str:
    """Return the sizes of the faults of a kind with their unit, without their targets: `3; 6 times`, or `2 MHz and 4 times`."""
    units = kind.unit.split(", ")  # of a pair, each fault can have its own
    found = []
    for variant in kind.variants:
        parts = (re.sub(r"@.*|\{[tuncmh]\}:?|\{pi|\}", "", value) for value in variant.values())
        sizes = [part for part in parts if part]
        if len(units) > 1:
            sizes = [f"{size} {unit}" for size, unit in zip(sizes, units, strict=True)]
        found.append(" and ".join(sizes))
    found += [
        ", ".join(f"{name} {change:+g}" for name, change in one.items() if not isinstance(change, str))
        for one in kind.values
    ]
    listed = "; ".join(dict.fromkeys(part for part in found if part))
    return listed if len(units) > 1 else f"{listed} {kind.unit}".strip()
