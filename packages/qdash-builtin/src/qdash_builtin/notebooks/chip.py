"""A chip that a notebook holds, from a home or a host: tables, raw data, figures, refits and analyses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from qdash_builtin.metrics.selection import Mode, Period, Selection, parse_marks
from qdash_builtin.notebooks.raw_arrays import RawArrays
from qdash_builtin.notebooks.tables import make_history_table, make_result_table, make_value_table
from qdash_builtin.results.result_query import ResultQuery
from qdash_builtin.results.user_analyses import UserAnalysis
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.simulated_time import describe_simulated_time
from qdash_core.models.target_lists import parse_targets
from qdash_core.models.task import AnalysisCurve
from qdash_core.models.times import parse_moment
from qdash_core.process.clock import machine_now
from qdash_core.values.gate import make_estimate, to_number

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from qdash_builtin.notebooks.source import ChipSource
    from qdash_builtin.notebooks.tables import Table
    from qdash_builtin.results.views.refits import RefitPreviewDocument
    from qdash_builtin.runs.views.results import RecordedResult


class NotebookChip:
    """A chip in a notebook; a context manager.

    Its methods take whole task ids. Times are aware datetimes, or text such as `2026-11-20T18:00` or `12h` (12 hours ago); without
    a zone they are in that of the home, or with a host in that of this machine. Tables are described in `docs/features/notebooks.md`.

    Parameters
    ----------
    source : ChipSource
        A home or a host; closed by `close`.
    """

    def __init__(self, source: ChipSource) -> None:
        self._source = source

    @property
    def chip_id(self) -> str:
        """The chip."""
        return self._source.chip_id

    def __repr__(self) -> str:
        simulated = self._source.simulated_time
        said = "" if simulated is None else f" ({describe_simulated_time(simulated, self._source.zone)})"
        return f"chip {self.chip_id} of {self._source!r}{said}"

    def __enter__(self) -> Self:
        """Return the chip."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the source."""
        self.close()

    def close(self) -> None:
        """Close the home, or the connections to the host."""
        self._source.close()

    def values(
        self,
        *,
        targets: str | int | Iterable[str | int] = (),
        metrics: str | Iterable[str] = (),
        marks: str | Iterable[str] = (),
        mode: Literal["latest", "best", "average", "median"] = "latest",
        flagged: bool = False,
        cooldown_id: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        unfit: bool = False,
    ) -> Table:
        """Return the values in use, or values selected from the recorded results, with a row for each.

        Parameters
        ----------
        targets : str, int or iterable of them
            Qubits, ranges of qubits (`0..3`) and couplings; empty for all.
        metrics : str or iterable of str
            Metrics or groups of the metrics file; empty for all.
        marks : str or iterable of str
            Only values in use with one of these marks, or with `any`; empty for all values.
        mode : str
            Statistic of the recorded results.
        flagged : bool
            Whether a newer flagged value replaces the accepted one.
        cooldown_id, since, until
            Period of the measurements; None for no limit.
        unfit : bool
            Whether values in use of unfit, excluded and dead targets are included. They are if `targets` or `marks` select.
        """
        wanted = _list_names(str(targets) if isinstance(targets, int) else targets)
        selection = Selection(
            targets=parse_targets(wanted) if wanted else (),
            metrics=_list_names(metrics),
            mode=_parse_mode(mode),
            period=self._make_period(cooldown_id, since, until),
            flagged=flagged,
            marks=parse_marks(_list_names(marks)),
        )
        chooses = selection.recorded or selection.targets or selection.marks
        return make_value_table(self._source.select_values(replace(selection, usable=not (unfit or chooses))))

    def history(
        self,
        target: str | int,
        metric: str,
        *,
        cooldown_id: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        limit: int | None = None,
    ) -> Table:
        """Return the recorded values of a metric on a target, with any verdict, newest first.

        Parameters
        ----------
        cooldown_id, since, until
            Period of the starts of the results; None for no limit.
        limit : int or None
            Only the newest ones, or None for all.
        """
        period = self._make_period(cooldown_id, since, until)
        return make_history_table(self._source.list_history(str(target), metric, period, _check_limit(limit)))

    def results(
        self,
        *,
        task: str | None = None,
        target: str | int | None = None,
        execution_id: str | None = None,
        status: str | None = None,
        verdict: str | None = None,
        outcome: str | None = None,
        user: str | None = None,
        text: str | None = None,
        tags: str | Iterable[str] = (),
        cooldown_id: str | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        limit: int | None = None,
    ) -> Table:
        """Return the task results that meet every condition, newest first, with a row for each.

        Parameters
        ----------
        task : str or None
            Name or alias of the task.
        status, verdict, outcome : str or None
            As in the columns of the table; with an outcome, refits and analyses are left out.
        user : str or None
            User who started the run, or recorded the refit or analysis.
        text : str or None
            Words of the message.
        tags : str or iterable of str
            Tags that its execution all has.
        cooldown_id : str or None
            The cool-down of the measurement.
        since, until : datetime, str or None
            Range of the start times.
        limit : int or None
            Only the newest ones, or None for all.
        """
        period = self._make_period(None, since, until)
        query = ResultQuery(
            chip_id=self.chip_id,
            task=task,
            target=None if target is None else str(target),
            execution_id=execution_id,
            status=status,
            verdict=verdict,
            outcome=outcome,
            username=user,
            text=text,
            tags=_list_names(tags),
            cooldown_id=cooldown_id,
            since=period.since,
            until=period.until,
        )
        return make_result_table(self._source.list_results(query, _check_limit(limit)))

    def show_result(self, task_id: str) -> RecordedResult:
        """Return a result with all its data; NotFoundError if the chip has no such result."""
        if not isinstance(task_id, str):
            raise InvalidInputError(
                f"a task id is text, not {type(task_id).__name__}: take the column task_id of a row"
            )
        found = self._source.show_result(task_id)
        if found.chip_id != self.chip_id:
            raise NotFoundError(f"result {task_id} belongs to chip {found.chip_id}, not to {self.chip_id}")
        return found

    def raw_data(self, task_id: str) -> RawArrays:
        """Return the raw data of a result: arrays by name, each with its unit and its meaning.

        Raises
        ------
        NotFoundError
            If the chip has no such result, or its raw data are gone.
        InvalidInputError
            If it has no raw data.
        """
        result = self.show_result(task_id)
        task = self._source.find_task(result.name, result.backend)
        return RawArrays(task_id, self._source.load_raw_data(task_id), {} if task is None else task.arrays)

    def figure(self, task_id: str) -> Any:
        """Return the figure of a result: a Plotly figure, or its JSON as a dictionary if Plotly is not installed."""
        self.show_result(task_id)
        figure = self._source.draw_figure(task_id)
        try:
            from plotly.graph_objects import Figure
        except ImportError:
            return figure
        return Figure(figure)

    def preview_refit(self, task_id: str, **options: object) -> RefitPreviewDocument:
        """Analyse the raw data of a result again, and return the outcome beside the original without recording it.

        Parameters
        ----------
        **options : value
            Analysis options such as `fit_window="0..60"`; None restores the default.
        """
        self.show_result(task_id)
        return self._source.preview_refit(task_id, options)

    def refit(self, task_id: str, **options: object) -> RecordedResult:
        """Analyse the raw data of a result again with the analysis of its task, and record the outcome as a new result.

        An accepted value becomes the chip's, unless the original was a trial or the chip has a later one. The parameters are those
        of `preview_refit`.
        """
        self.show_result(task_id)
        return self._source.refit(task_id, options)

    def record_analysis(
        self,
        task_id: str,
        parameters: Mapping[str, Any],
        model: str,
        note: str = "",
        *,
        quality: Mapping[str, float] | None = None,
        save: bool = True,
        curve: tuple[Iterable[float], Iterable[float]] | None = None,
        curve_units: tuple[str, str] = ("", ""),
        key: str | None = None,
    ) -> RecordedResult:
        """Record your own analysis of the raw data of a result as a new result, validated like any other.

        Parameters
        ----------
        task_id : str
            The analysed result.
        parameters : mapping of str to value
            Estimates of outputs of its task, without a unit in those of `results`, whatever the task declares: a number, a pair of value and error, or an object with `value`,
            `error` and perhaps `unit`, such as the estimates of `qdash_analysis`. An error is one standard deviation; leave it
            out, or give None, if it is unknown. An object of another library, such as a `Parameter` of lmfit, is refused: give a pair.
        model : str
            The model in words, in one line, such as `stretched exponential`.
        quality : mapping of str to float or None
            Figures of merit of the fit. The validation judges `reduced_chi2`.
        save : bool
            Whether an accepted value may become the chip's, under the rules of `refit`; False to record it only.
        curve : pair of arrays or None
            The fitted model as x and y, each of shape (n,), for the figure of the result: on the axes of its points, which are those of
            `figure(task_id)`; or None to show the points only.
        curve_units : pair of str
            Units of x and y of the curve; empty for those of the axes.
        key : str or None
            Idempotency key: the same call with the same key records the analysis once.

        Returns
        -------
        RecordedResult
            Its `verdict` and `reasons` are those of the validation.

        Raises
        ------
        NotFoundError
            If the chip has no such result, or its task is not installed.
        InvalidInputError
            If it has no raw data, or an estimate is not one of its task. Nothing is recorded.
        """
        self.show_result(task_id)
        for argument, given in (("parameters", parameters), ("quality", quality or {})):
            if not isinstance(given, Mapping):
                raise InvalidInputError(f"{argument} cannot be {given!r}: give a dictionary of names")
        analysis = UserAnalysis(
            {name: make_estimate(name, given) for name, given in parameters.items()},
            model,
            note,
            {name: _make_figure_of_merit(name, given) for name, given in (quality or {}).items()},
            save,
            None if curve is None else _make_curve(curve, curve_units),
        )
        return self._source.record_analysis(task_id, analysis, key)

    def export(self, path: Path | str, format_name: str | None = None, *, overwrite: bool = False) -> Path:
        """Write the chip with its accepted values to a file, and return its path.

        Parameters
        ----------
        path : Path or str
            The file. A format of several files is written as a ZIP archive.
        format_name : str or None
            `json`, `yaml`, `csv`, `topology`, `design`, `zip` or the format of a plugin; None for the suffix of the path.

        Raises
        ------
        InvalidInputError
            If the format is unknown, or the file exists.
        """
        file = Path(path)
        if file.exists() and not overwrite:
            raise InvalidInputError(f"{file} is there already: use overwrite=True to replace it")
        file.write_bytes(self._source.export(format_name or file.suffix.lstrip(".") or "json"))
        return file

    def _make_period(
        self, cooldown_id: str | None, since: datetime | str | None, until: datetime | str | None
    ) -> Period:
        return Period(cooldown_id, self._parse_time(since), self._parse_time(until))

    def _parse_time(self, moment: datetime | str | None) -> datetime | None:
        if moment is None:
            return None
        if isinstance(moment, str):
            return parse_moment(moment, self._source.zone, now=self._source.simulated_time or machine_now())
        if not isinstance(moment, datetime) or moment != moment:
            raise InvalidInputError(
                f"{moment!r} is not a time: give a datetime, or text such as 2026-11-20T18:00"
            )
        return (moment if moment.tzinfo else moment.replace(tzinfo=self._source.zone)).astimezone(UTC)


def _list_names(given: str | Iterable[str | int]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(map(str, given))


def _parse_mode(mode: str) -> Mode:
    if mode not in [*Mode]:
        raise InvalidInputError(f"mode cannot be {mode!r}: it is one of {', '.join(Mode)}")
    return Mode(mode)


def _check_limit(limit: int | None) -> int | None:
    if limit is not None and limit < 1:
        raise InvalidInputError(f"limit cannot be {limit}: it is at least 1, or None for all")
    return limit


def _make_curve(curve: Any, units: Any) -> AnalysisCurve:
    try:
        (x, y), (x_unit, y_unit) = curve, units
        return AnalysisCurve(
            x=[to_number(one) for one in x],
            y=[to_number(one) for one in y],
            x_unit=str(x_unit),
            y_unit=str(y_unit),
        )
    except (TypeError, ValueError):
        raise InvalidInputError(
            "a curve is a pair of one-dimensional arrays of numbers, x and y, and `curve_units` a pair of units"
        ) from None


def _make_figure_of_merit(name: str, given: Any) -> float:
    try:
        return to_number(given)
    except (TypeError, ValueError):
        raise InvalidInputError(f"{name} cannot be {given!r}: a figure of merit is a number") from None
