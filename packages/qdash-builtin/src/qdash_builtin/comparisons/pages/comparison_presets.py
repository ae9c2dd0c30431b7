"""Points in time with which a chip is compared most often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from qdash_builtin.cooldowns.operations.cooldowns import list_cooldowns
from qdash_builtin.cooldowns.requests import CooldownFilter
from qdash_builtin.exchange.operations.releases import list_releases
from qdash_builtin.runs.operations.executions import list_executions
from qdash_core.models.nights import YESTERDAY_EVENING, find_last_evening
from qdash_ui_streamlit.forms.time_params import format_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.chips.views.chips import ChipHeader
    from qdash_ui_streamlit.view import View

_MOST_CHIPS = 4
_MOST_COOLDOWNS = 20


def get_yesterday_evening(zone: ZoneInfo, *, now: datetime) -> str:
    """Return 18:00 the day before in a time zone, as a point in time: the default of comparisons."""
    evening = find_last_evening(zone, now=now)
    return evening.astimezone(zone).isoformat(timespec="minutes")


def load_presets(view: View, chip_id: str, chips: Sequence[ChipHeader]) -> dict[str, str]:
    """Return the titles of the points that exist, by their text; the text of the default, yesterday 18:00, is empty.

    `chips` are those of the project, newest first.
    """
    with ThreadPoolExecutor(3) as pool:
        runs = pool.submit(view.ask, list_executions.paged(limit=1), chip_id=chip_id)
        releases = pool.submit(view.ask, list_releases.paged(limit=1), chip_id)
        cooldowns = pool.submit(view.ask, list_cooldowns.paged(limit=_MOST_COOLDOWNS), CooldownFilter())
    presets = {"": YESTERDAY_EVENING}
    for run in runs.result().items:
        if run.start_at is not None:
            presets[format_time(run.start_at)] = f"start of the last run ({run.execution_id})"
    for release in releases.result().items:
        presets[f"release:{release.name}"] = f"last release ({release.name})"
    ended = [
        one
        for one in cooldowns.result().items
        if one.ended_at is not None and chip_id in (one.chip_ids or ())
    ]
    for cooldown in ended[:1]:
        presets[f"cooldown:{cooldown.cooldown_id}"] = f"last cool-down ({cooldown.cooldown_id})"
    others = [one.chip_id for one in chips if one.chip_id != chip_id]
    return presets | {f"chip:{one}": f"chip {one}" for one in others[:_MOST_CHIPS]}
