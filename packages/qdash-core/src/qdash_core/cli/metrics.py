"""Command `qdash metrics`: the values of a chip."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.period_options import parse_optional_time
from qdash_core.cli.rendering.output import emit, print_message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from qdash_core.application import QDash
    from qdash_core.documents.metrics import ChipValuesDocument
    from qdash_core.metrics.selection import Selection
    from qdash_core.models.access import Access
    from qdash_core.models.marks import Mark

_MODES = ("latest", "best", "average", "median")
_CHOICES = (
    click.option("--qids", metavar="0-3,7,..", help="Only these qubits and ranges."),
    click.option("--couplings", metavar="0-1,..", help="Only these couplings."),
    click.option(
        "--metric",
        "metrics",
        multiple=True,
        metavar="NAME,..",
        help="Only these metrics, or groups of the metrics file.",
    ),
    click.option(
        "--mode", type=click.Choice(_MODES), help="Statistic of the recorded results; default: latest."
    ),
    click.option("--cooldown", metavar="ID", help="Only results of this cool-down."),
    click.option(
        "--since", metavar="TIME", help="Only results since this time: 2026-11-20, 2026-11-20T18:30, 24h."
    ),
    click.option("--until", metavar="TIME", help="Only results before this time."),
    click.option("--older-than", metavar="24h", help="Only values older than this."),
    click.option("--failed", is_flag=True, help="Only metrics whose newest measurement failed."),
    click.option("--out-of-spec", is_flag=True, help="Only values outside their thresholds."),
    click.option(
        "--marked",
        is_flag=False,
        flag_value="any",
        metavar="[MARK,..]",
        help="Only values with one of these marks, such as too-old,set-broken, or with any.",
    ),
    click.option("--all", "flagged", is_flag=True, help="Include newer flagged values, with reasons."),
)


@dataclass(frozen=True, slots=True)
class _MetricOptions:
    """Options of the command, unparsed."""

    qids: str | None
    couplings: str | None
    metrics: tuple[str, ...]
    mode: str | None
    cooldown: str | None
    since: str | None
    until: str | None
    older_than: str | None
    failed: bool
    out_of_spec: bool
    marked: str | None
    flagged: bool

    def parse_selection(self, qdash: QDash) -> Selection:
        """Return the parsed selection; raise InvalidInputError if an option is invalid."""
        from qdash_core.metrics.selection import Mode, Period, Selection
        from qdash_core.models.marks import parse_marks
        from qdash_core.models.target_lists import parse_couplings, parse_qubits
        from qdash_core.models.times import parse_duration

        return Selection(
            targets=(
                *(() if self.qids is None else parse_qubits(self.qids)),
                *(() if self.couplings is None else parse_couplings(self.couplings)),
            ),
            metrics=_expand_metric_names(self.metrics, qdash) if self.metrics else (),
            mode=Mode(self.mode or Mode.LATEST),
            period=Period(
                self.cooldown,
                parse_optional_time(self.since, qdash.zone, option="--since"),
                parse_optional_time(self.until, qdash.zone, option="--until"),
            ),
            flagged=self.flagged,
            older_than=None if self.older_than is None else parse_duration(self.older_than),
            failed=self.failed,
            out_of_specification=self.out_of_spec,
            marks=() if self.marked is None else parse_marks(self.marked.split(",")),
        )


def _add_selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the selection options to a command, passed as one argument `metric_options`."""
    names = [field.name for field in fields(_MetricOptions)]

    @wraps(command)
    def chosen(*args: Any, **given: Any) -> Any:
        metric_options = _MetricOptions(**{name: given.pop(name) for name in names})
        return command(*args, metric_options=metric_options, **given)

    for option in reversed(_CHOICES):
        chosen = option(chosen)
    return chosen


@click.command()
@click.argument("chip_id", metavar="CHIP")
@_add_selection_options
@click.option("--long", "one_a_row", is_flag=True, help="One row for each value, with age and origin.")
@click.option(
    "--summary",
    is_flag=True,
    help="Number of values, yield, median and best value of each metric; in JSON also the CDF.",
)
@click.option(
    "--trend",
    is_flag=True,
    help="Change points (sizes in noise sd, the standard deviation of the noise around the level), drift, and the spread beyond the error bars of each metric; with --long every series.",
)
@access_options
@options.json_option
def metrics(
    chip_id: str,
    metric_options: _MetricOptions,
    one_a_row: bool,
    summary: bool,
    trend: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Show the values of a chip, or statistics of its recorded results."""
    from qdash_core.errors import InvalidInputError

    if summary and (one_a_row or trend):
        raise InvalidInputError("use --summary without --long and --trend")
    with command_user.open_for_reading() as (qdash, access):
        selection = metric_options.parse_selection(qdash)
        if trend:
            _show_trends(qdash, access, chip_id, selection, every=one_a_row, as_json=as_json)
        elif summary:
            _show_summary(qdash, access, chip_id, selection, as_json=as_json)
        else:
            _show_values(qdash, access, chip_id, selection, one_a_row=one_a_row, as_json=as_json)


def _show_values(
    qdash: QDash, access: Access, chip_id: str, selection: Selection, *, one_a_row: bool, as_json: bool
) -> None:
    if as_json:
        emit(_make_document(qdash, access, chip_id, selection).as_json_text())
        return
    from qdash_core.cli.rendering.metric_tables import show_each_value, show_values

    selected = qdash.metrics.select(access, chip_id, selection)
    if not (selected.values.qubits or selected.values.couplings or selected.failures):
        print_message(_describe_missing_values(chip_id, selection))
    elif one_a_row:
        show_each_value(selected, qdash.zone)
    else:
        show_values(selected, selection, qdash.metrics.file.specify(selected.specification))


def _make_document(qdash: QDash, access: Access, chip_id: str, selection: Selection) -> ChipValuesDocument:
    from qdash_core.documents.metrics import ChipValuesDocument

    if selection.in_use:
        return ChipValuesDocument.from_stored(qdash.metrics.get_stored(access, chip_id, selection.targets))
    selected = qdash.metrics.select(access, chip_id, selection)
    return ChipValuesDocument.from_values(selected.values, selected.failures)


def _show_summary(qdash: QDash, access: Access, chip_id: str, selection: Selection, *, as_json: bool) -> None:
    selected, summaries = qdash.metrics.summarise(access, chip_id, selection)
    if as_json:
        from qdash_core.documents.metric_summaries import ChipSummaryDocument

        emit(
            ChipSummaryDocument.from_summaries(
                selected, summaries, selection, qdash.metrics.file.specify(selected.specification)
            ).as_json_text()
        )
        return
    from qdash_core.cli.rendering.metric_tables import show_summaries

    if not any(summaries.values()):
        print_message(_describe_missing_values(chip_id, selection))
    else:
        show_summaries(selected, summaries, qdash.metrics.file.specify(selected.specification))


def _show_trends(
    qdash: QDash, access: Access, chip_id: str, selection: Selection, *, every: bool, as_json: bool
) -> None:
    from dataclasses import replace

    from qdash_core.documents.trends import ChipTrendsDocument
    from qdash_core.errors import InvalidInputError
    from qdash_core.metrics.selection import ALL_TIME, Selection

    if replace(selection, targets=(), metrics=(), period=ALL_TIME) != Selection():
        raise InvalidInputError(
            "trends are of all accepted values: with --trend use only --qids, --couplings, --metric, --cooldown, --since and --until"
        )
    trends = ChipTrendsDocument.from_trends(
        qdash.metrics.get_trends(
            access,
            chip_id,
            metrics=selection.metrics,
            targets=selection.targets,
            period=selection.period,
        )
    )
    if as_json:
        emit(trends.as_json_text())
        return
    from qdash_core.cli.rendering.trends import show_trends

    if not trends.series:
        print_message(_describe_missing_values(chip_id, selection))
    else:
        show_trends(trends, qdash.metrics.file, qdash.zone, every=every)


def _describe_missing_values(chip_id: str, selection: Selection) -> str:
    from dataclasses import replace

    from qdash_core.metrics.selection import Selection

    chosen = "selected " if selection.targets or selection.metrics else ""
    rest = replace(selection, targets=(), metrics=(), flagged=False)
    if rest == Selection(failed=True):
        return f"no newest {chosen}measurement of {chip_id} failed"
    if selection.marks and rest == Selection(marks=selection.marks):
        return f"no {chosen}value in use of {chip_id} has {_describe_marks(selection.marks)}"
    if selection != Selection(flagged=selection.flagged):
        return f"chip {chip_id} has no matching values"
    return f"no values yet: calibrate with `qdash calibrate {chip_id} --flow bring-up`"


def _describe_marks(marks: Sequence[Mark]) -> str:
    from qdash_core.models.marks import Mark

    return "a mark" if set(marks) == set(Mark) else f"the mark {' or '.join(marks)}"


def _expand_metric_names(given: Iterable[str], qdash: QDash) -> tuple[str, ...]:
    """Return the named metrics, with groups of the metrics file expanded."""
    from qdash_core.errors import InvalidInputError

    names = [name.strip() for text in given for name in text.split(",")]
    if "" in names:
        raise InvalidInputError("--metric has an empty entry: write names of metrics such as t1,t2_echo")
    return qdash.metrics.file.resolve_groups(names)
