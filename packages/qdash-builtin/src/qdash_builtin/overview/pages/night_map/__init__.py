"""Small map of a chip with the news of a digest: fitness, failures, changes and flagged results; the browser marks running tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from qdash_core.models.judgement import Fitness
from qdash_ui_streamlit.components.assets import make_component
from qdash_ui_streamlit.display.quantities import use_unit_symbols
from qdash_ui_streamlit.display.target_lists import make_target_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qdash_builtin.chips.pages.chip_layout import ChipLayout
    from qdash_builtin.digests.views import DigestDocument
    from qdash_ui_streamlit.view import View

_HTML = """<div class="night">
<svg role="group" data-testid="night-map" preserveAspectRatio="xMidYMid meet"></svg>
<ul aria-label="Marks on the map"></ul>
</div>"""
_map = make_component(__file__, html=_HTML, parts=("neighbour", "legible_texts"))


@dataclass(slots=True)
class TargetNews:
    """News of a qubit or coupling in a digest, in words, and its fitness at the end.

    `signs` are among `failed` (it failed in the period), `changed` and `flagged`.
    """

    fitness: str = Fitness.FIT
    signs: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)


def collect_news(digest: DigestDocument) -> dict[str, TargetNews]:
    """Return the news of each target that is not fit or has any."""
    news: dict[str, TargetNews] = {}
    for fitness, targets in digest.not_fit.items():
        for target in targets:
            news[target] = TargetNews(fitness)
    for sign, target, line in _iter_news(digest):
        one = news.setdefault(target, TargetNews())
        one.signs.update([sign] if sign else [])
        if line not in one.lines:
            one.lines.append(line)
    return news


def _iter_news(digest: DigestDocument) -> Iterator[tuple[str, str, str]]:
    """Yield the sign, the target and the text of each piece of news; the sign is empty for what was known before."""
    unfit = {target for group in (*digest.newly_unfit, *digest.still_unfit) for target in group.targets}
    for sign, groups in (("failed", digest.newly_unfit), ("", digest.still_unfit)):
        yield from ((sign, target, group.reason) for group in groups for target in group.targets)
    for failed in digest.failures:
        tasks = f"{', '.join(failed.tasks)} failed"
        yield from (("failed", one, tasks) for one in failed.targets if one not in unfit)
    yield from (("changed", target, line) for target, line in _iter_changes(digest))
    yield from (("flagged", one.target, f"{one.task} awaits a decision") for one in digest.flagged)


def _iter_changes(digest: DigestDocument) -> Iterator[tuple[str, str]]:
    """Yield the target and the text of each change, without targets that were calibrated for the first time."""
    for moved in digest.moved:
        changes = (*moved.worsened, *moved.improved, *moved.neutral)
        yield from ((one.target, f"{moved.title} moved") for one in changes)
    again = (one for one in digest.newly_fit if one.before not in (None, Fitness.UNKNOWN))
    yield from ((one.target, "fit again") for one in again)
    for specified in digest.left_specification:
        yield from ((one, f"{specified.title} out of specification") for one in specified.values)
    yield from ((one.target, f"now {one.fitness}") for one in digest.set_aside)
    for manual in digest.manual:
        yield from ((one, f"{manual.username} {manual.verb} values") for one in manual.targets)


def night_map(
    view: View, layout: ChipLayout, digest: DigestDocument, *, running: Iterable[str], is_past: bool
) -> None:
    """Show the map; a click on a qubit or coupling opens its page.

    `running` are the executions that are running on the chip. If the digest ends in the past, nothing is marked as
    measured now.
    """
    chip_id, news = digest.chip_id, collect_news(digest)
    _map(
        key=f"night_map.{chip_id}",
        data={
            "chip_id": chip_id,
            "version": layout.version,
            "qubits": layout.qubits,
            "couplings": layout.couplings,
            "targets": {
                target: {
                    "fitness": one.fitness,
                    "signs": sorted(one.signs),
                    "text": use_unit_symbols("; ".join(one.lines)),
                }
                for target, one in news.items()
            },
            "hrefs": {one: make_target_url(view, chip_id, one) for one in _list_targets(layout)},
            "live": not is_past,
            "progress": [
                view.host_path(f"executions/{quote(one, safe='')}/progress")
                for one in ([] if is_past else running)
            ],
        },
    )


def _list_targets(layout: ChipLayout) -> list[str]:
    return [*(qid for qid, *_ in layout.qubits), *layout.couplings]
