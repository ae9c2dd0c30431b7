"""Metrics page: one metric over the targets of a chip, beside another chip or period."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

import streamlit as st

from qdash_builtin.metrics.operations.metric_statistics import metric_statistics
from qdash_builtin.metrics.operations.metrics import metric_definitions
from qdash_builtin.metrics.pages.annotations import (
    loading_annotations,
    make_annotation_data,
    select_annotations,
)
from qdash_builtin.metrics.pages.metric_facts import (
    describe_correlation,
    draw_difference_link,
    draw_remarks,
    draw_set_facts,
    draw_value_table,
    name_sets,
)
from qdash_builtin.metrics.pages.metric_figures import (
    MOST_ERROR_BARS,
    get_metric_scale,
    make_correlation_figure,
    make_cumulative,
    make_histogram,
    make_series_figure,
)
from qdash_builtin.metrics.pages.metric_selection import (
    CORRELATION,
    DISTRIBUTION,
    TABLE,
    TIME,
    draw_metric,
    draw_metric_selectors,
    draw_other_metric,
    draw_target_field,
    draw_view_selector,
    read_metric,
    read_metric_selection,
)
from qdash_builtin.metrics.requests.statistics import StatisticsQuery
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.name_summary import summarize_names
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.figure import show_figure
from qdash_ui_streamlit.components.figure_download import figure_download
from qdash_ui_streamlit.display.columns import make_wide_and_narrow
from qdash_ui_streamlit.display.download_link import draw_download_link
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_empty, show_errors, show_no_chip, show_problem
from qdash_ui_streamlit.display.target_lists import ChipTargets, parse_target_list
from qdash_ui_streamlit.forms.option_lists import load_chips
from qdash_ui_streamlit.forms.query_params import keep_params
from qdash_ui_streamlit.forms.time_params import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future
    from contextlib import AbstractContextManager
    from typing import Any

    from qdash_builtin.metrics.pages.metric_selection import MetricSelection
    from qdash_builtin.metrics.views.annotations import ChipAnnotationsDocument
    from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionsDocument
    from qdash_builtin.metrics.views.metric_statistics import MetricStatisticsDocument
    from qdash_ui_streamlit.view import View


def render(view: View) -> None:
    """Draw the page. Two requests, one for the annotations of values over time, and one for the chips."""
    chip_id, chips = load_chips(view)
    if chip_id is None:
        st.title("Metrics")
        show_no_chip(view)
        return
    keep_params(view, "metrics", "metric", "view")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title("Metrics", anchor=False, width="content")
        _draw_chip_selector(view, chips, chip_id)
        definitions = view.ask(metric_definitions, chip_id=chip_id)
        draw_metric(view, definitions, read_metric(view, definitions))
    _draw_page(view, chip_id, chips, definitions)


def _draw_chip_selector(view: View, chips: Sequence[str], chip_id: str) -> None:
    st.session_state["metrics.chip"] = chip_id
    st.selectbox("Chip", chips, key="metrics.chip", on_change=partial(_select_chip, view), width=220)


def _select_chip(view: View) -> None:
    view.set_params(chip=st.session_state["metrics.chip"], cooldown=None, than_cooldown=None, targets=None)


@fragment
def _draw_page(
    view: View, chip_id: str, chips: Sequence[str], definitions: MetricDefinitionsDocument
) -> None:
    rerun_on_events("metrics.rerun", ALL, chip_id=chip_id, at_most_every_s=5.0)
    keep_params(view, "metrics", "metric", "view")  # the view is chosen in this fragment
    selection = read_metric_selection(view, chip_id, definitions)
    # The selectors offer the cool-downs that the response lists, and stay if it is an error.
    above, below = st.container(), st.container()
    found: MetricStatisticsDocument | None = None
    annotations = _load_annotations(view, selection) if selection.shown == TIME else nullcontext()
    with below, show_errors(), annotations as loaded:
        found = view.ask(metric_statistics, chip_id, query=StatisticsQuery(**selection.query()))
        _draw_statistics(view, definitions, selection, found, None if loaded is None else loaded.result())
    with above:
        draw_metric_selectors(view, chip_id, chips, selection, found)


def _load_annotations(
    view: View, selection: MetricSelection
) -> AbstractContextManager[Future[ChipAnnotationsDocument | None]]:
    """Load the annotations of the chip, in the period of the values unless there are others beside them."""
    given = selection.first.arguments() if selection.second is None else {}
    period = {name: given[name] for name in ("cooldown_id", "since", "until") if name in given}
    return loading_annotations(view, selection.chip_id, metric=selection.metric, **period)


def _draw_statistics(
    view: View,
    definitions: MetricDefinitionsDocument,
    selection: MetricSelection,
    found: MetricStatisticsDocument,
    annotations: ChipAnnotationsDocument | None,
) -> None:
    names = name_sets(view, selection, found)
    draw_set_facts(view, found, names)
    draw_difference_link(view, selection, found)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draw_view_selector(view, selection)
        if selection.shown == CORRELATION:
            draw_other_metric(view, definitions, selection)
        text = draw_target_field(view) if selection.shown == TIME else ""
    if found.histogram is None:
        show_empty(
            "No target has a value of this metric in this selection.",
            f"Select another metric or time range{', or select targets on the map and calibrate them' if view.edits else ''}.",
        )
        return
    if selection.shown == DISTRIBUTION:
        _draw_distribution(found, names)
    elif selection.shown == TIME:
        _draw_series(view, selection, found, names, text, annotations)
    elif selection.shown == CORRELATION:
        _draw_correlation(found, names)
    elif selection.shown == TABLE:
        _draw_csv_link(view, selection, found)
        draw_value_table(view, found, names)
    draw_remarks(view, found, names)


def _draw_distribution(found: MetricStatisticsDocument, names: Sequence[str]) -> None:
    left, right = make_wide_and_narrow("metric_distributions")
    with left:
        _draw_figure(make_histogram(found, names), found, "histogram", "Histogram")
    with right:
        _draw_figure(make_cumulative(found, names), found, "cumulative", "Cumulative distribution")


def _draw_series(
    view: View,
    selection: MetricSelection,
    found: MetricStatisticsDocument,
    names: Sequence[str],
    text: str,
    annotations: ChipAnnotationsDocument | None,
) -> None:
    number = sum(len(one.points) for values in found.sets for one in values.series)
    if not number:
        show_empty("No accepted value with a time of measurement in this selection.")
        return
    try:
        selected = _parse_targets(text, found)
    except (InvalidInputError, NotFoundError) as error:
        show_problem(error)
        selected = ()
    figure = make_series_figure(found, names, view.zone, selected=selected)
    times = [point.at for values in found.sets for one in values.series for point in one.points]
    events = select_annotations(annotations, min(times))
    marks = make_annotation_data(view, selection.chip_id, events, max(times), with_bands=False)
    _draw_figure(figure, found, "series", "Values over time", annotations=marks)
    known = {one.target for values in found.sets for one in values.series}
    missing = [one for one in selected if one not in known]
    notes = [f"No value of {summarize_names(missing)}."] if missing else []
    if number > MOST_ERROR_BARS:
        notes.append("Only highlighted targets have error bars.")
    notes.append("At most the newest 200 values of a target.")
    if events and len({one.chip_id for one in found.sets}) > 1:
        notes.append(f"The annotations are those of chip {selection.chip_id}.")
    if annotations is not None and annotations.complete_since is not None:
        notes.append(f"Annotations before {view.time(annotations.complete_since)} are not shown.")
    st.caption(" ".join(notes))
    _draw_csv_link(view, selection, found)


def _parse_targets(text: str, found: MetricStatisticsDocument) -> tuple[str, ...]:
    targets = [
        target for one in found.sets for target in (*(value.target for value in one.values), *one.missing)
    ]
    chip = ChipTargets(found.sets[0].chip_id, targets, targets)
    return parse_target_list(text, found.kind, chip)


def _draw_correlation(found: MetricStatisticsDocument, names: Sequence[str]) -> None:
    if found.other_metric is None:
        show_empty("There is no other metric of this kind of target.")
        return
    for line in describe_correlation(found, names):
        st.markdown(line)
    if any(one.correlation is not None and one.correlation.pairs for one in found.sets):
        _draw_figure(make_correlation_figure(found, names), found, "correlation", "Correlation")


def _draw_figure(
    figure: Mapping[str, Any],
    found: MetricStatisticsDocument,
    kind: str,
    title: str,
    *,
    annotations: Mapping[str, Any] | None = None,
) -> None:
    name = "-".join([*dict.fromkeys(one.chip_id for one in found.sets), found.metric, kind])
    label = f"{title} of {get_metric_scale(found).title}; the table has the values"
    show_figure(
        figure,
        key=f"metrics-{kind}",
        label=label,
        view_of=f"{name} {found.other_metric}",
        annotations=annotations,
    )
    figure_download(f"metrics-{kind}", title=title, name=name)


def _draw_csv_link(view: View, selection: MetricSelection, found: MetricStatisticsDocument) -> None:
    chip_id = found.sets[0].chip_id
    query = {
        name: format_time(value) if isinstance(value, datetime) else value
        for name, value in selection.query().items()
    }
    draw_download_link(
        view,
        f"metrics/chips/{quote(chip_id, safe='')}/statistics-file",
        "CSV",
        name=f"{chip_id}-{found.metric}.csv",
        hint="Values as stored, with error, unit and result",
        **query,
    )
