"""Judgement of explanations on seeded faults.

Twins are calibrated while they are healthy (`tests/fake/nights/seeded_bench.py`). In a copy of each, a fault of the catalogue begins, a night of
measurements follows, and the target is explained. A fault counts as found if the explanation names its cause first, or among the first three. The
sets `writing` and `judging` have different devices and seeds: rules are written with the first one only.

The folder keeps the healthy twins and the nights, so that another call only repeats the explanations.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.table import Row, store_between
from tests.fake.nights.fault_catalogue import SETS, Chip, read_catalogue
from tests.fake.nights.fault_nights import NIGHT
from tests.fake.nights.seeded_bench import Bench, is_first, is_in_top_three

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from tests.fake.nights.fault_catalogue import Kind
    from tests.fake.nights.seeded_bench import Outcome


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Judge the kinds of the catalogue, and store the table."""
    logging.disable(logging.WARNING)
    if quick:
        bench = Bench(folder, {"qubit": (Chip("jakarta", 7, ("0", "1")),)}, tasks=NIGHT[:2])
        kinds = [kind for kind in read_catalogue() if kind.name == "dead drive line"]
    else:
        bench, kinds = Bench(folder, SETS["judging"]), list(read_catalogue())
    judged = [
        (kind, [bench.judge(one) for one in bench.list_scenarios(kind, 1 if quick else 4)]) for kind in kinds
    ]
    explained, wrong = (sum(part) for part in zip(*bench.count_false_alarms(1 if quick else 12), strict=True))
    if not quick:
        alarms = f"{wrong} of {explained} explanations of healthy results and targets, half of them after 14 h of drift, named a cause."
        store_between("seeded_faults.md", "seeded faults", f"{make_table(judged)}\n{alarms}\n")
    pairs = [(kind, one) for kind, found in judged for one in found]
    of = f"explanations of {len(pairs)} seeded faults of {len(kinds)} kinds"
    for what, is_right in (("right first", is_first), ("among the first three", is_in_top_three)):
        share = sum(is_right(kind, one) for kind, one in pairs) / len(pairs)
        yield Row.of(f"{of}: {what}", "%", [100 * share])
    yield Row.of(f"healthy results with a cause, of {explained}", "%", [100 * wrong / explained])


def make_table(judged: Sequence[tuple[Kind, Sequence[Outcome]]]) -> str:
    """Return a row for each kind, and the causes that count as right beside the declared ones, as Markdown."""
    lines = ["| kind | cause | n | first | in top three | otherwise first |", "|---|---|---|---|---|---|"]
    for kind, outcomes in judged:
        others = Counter(
            one.causes[0][0] if one.causes else "no cause" for one in outcomes if not is_first(kind, one)
        )
        sizes = _describe_sizes(kind)
        cells = (
            f"{kind.name}{f' ({sizes})' if sizes else ''}",
            _quote(kind.causes),
            len(outcomes),
            sum(is_first(kind, one) for one in outcomes),
            sum(is_in_top_three(kind, one) for one in outcomes),
            ", ".join(f"`{name}` ({count})" for name, count in others.most_common(2)),
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += ["", "Causes with the same evidence, declared before the judgement:", ""]
    lines += [f"- {kind.name}: also {_quote(kind.alike)}, {kind.because}" for kind, _ in judged if kind.alike]
    return "\n".join(lines) + "\n"


def _quote(names: Iterable[str]) -> str:
    return ", ".join(f"`{one}`" for one in names)


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
