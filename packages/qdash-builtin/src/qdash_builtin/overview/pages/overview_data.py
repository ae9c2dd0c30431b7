"""Data of the overview, loaded from the host with twelve concurrent requests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from qdash_builtin.chips.operations.chips import list_chips
from qdash_builtin.cooldowns.operations.cooldowns import cooldowns_of_chip
from qdash_builtin.digests.operations import show_digest
from qdash_builtin.home.operations.backups import show_last_backup
from qdash_builtin.metrics.operations.metric_statistics import metric_statistics
from qdash_builtin.metrics.pages.annotations import load_annotations
from qdash_builtin.metrics.requests.statistics import StatisticsQuery
from qdash_builtin.overview.pages.recent_values import RECENT, RECENT_METRIC
from qdash_builtin.runs.operations.executions import interrupted_executions, list_executions
from qdash_builtin.runs.operations.locks import list_locks
from qdash_builtin.runs.operations.queue import list_queue
from qdash_builtin.runs.operations.workers import list_workers
from qdash_builtin.timetables.operations import list_timetables
from qdash_core.errors import LoginError, NotFoundError, QDashError
from qdash_core.operations.transport import ConnectionLostError
from qdash_ui_streamlit.display.session_cache import cache_in_session
from qdash_ui_streamlit.forms.time_params import format_time
from qdash_ui_streamlit.forms.window import COOLDOWN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from qdash_builtin.chips.views.chips import ChipHeader
    from qdash_builtin.digests.views import DigestDocument
    from qdash_builtin.home.views.backups import BackupStatusDocument
    from qdash_builtin.metrics.views.annotations import ChipAnnotationsDocument
    from qdash_builtin.metrics.views.metric_statistics import MetricStatisticsDocument
    from qdash_builtin.runs.views.executions import ExecutionHeader
    from qdash_builtin.runs.views.locks import LeaseDocument
    from qdash_builtin.runs.views.queue import QueueEntryDocument, WorkerDocument
    from qdash_builtin.timetables.views.timetables import TimetableDocument
    from qdash_ui_streamlit.view import View

T = TypeVar("T")
CHIPS = 12
_RUNS = 10
_WAITING = 100


@dataclass(frozen=True, slots=True)
class RequestedDigest:
    """Requested digest, recent values of a chip and their annotations, which the host may not have made yet.

    Parameters
    ----------
    chip : ChipHeader or None
        Its header, or None if it is not among the newest chips.
    since, until : str or None
        Start and end, or None for 18:00 the day before and for now.
    newest_chip_id : str
        Chip of the newest run, the default.
    answer : Future
        The digest, or the error of the host.
    recent : Future
        Values of the last weeks.
    """

    chip_id: str
    chip: ChipHeader | None
    since: str | None
    until: str | None
    newest_chip_id: str
    answer: Future[DigestDocument]
    recent: Future[MetricStatisticsDocument | None]
    annotations: Future[ChipAnnotationsDocument | None]


@dataclass(frozen=True, slots=True)
class OverviewData:
    """Current data of the overview; None if unknown.

    Parameters
    ----------
    queue : sequence of QueueEntryDocument
        Waiting and running runs.
    workers : sequence of WorkerDocument or None
        Live workers.
    locks : sequence of LeaseDocument or None
        Locks on instruments.
    backup : BackupStatusDocument or None
        Last complete backup of the store.
    digest : RequestedDigest or None
        None if there is no chip.
    problems : sequence of QDashError
        Errors of the host for parts that are empty or unknown here.
    """

    chips: Sequence[ChipHeader]
    more_chips: bool
    running: Sequence[ExecutionHeader]
    last: Sequence[ExecutionHeader]
    interrupted: Sequence[ExecutionHeader]
    queue: Sequence[QueueEntryDocument]
    workers: Sequence[WorkerDocument] | None
    locks: Sequence[LeaseDocument] | None
    timetables: Sequence[TimetableDocument]
    backup: BackupStatusDocument | None
    digest: RequestedDigest | None
    problems: Sequence[QDashError]


def load_overview(view: View) -> OverviewData:
    """Load the data from the host, except the digest, which may take longer than the others. Chips and executions are necessary."""
    problems: list[QDashError] = []
    pool = ThreadPoolExecutor(12)
    try:
        chips = pool.submit(view.ask, list_chips.paged(limit=CHIPS))
        last = pool.submit(load_latest_executions, view)
        running = pool.submit(view.ask, list_executions.paged(limit=_RUNS), status=("running",))
        interrupted = pool.submit(view.ask, interrupted_executions.paged(limit=_RUNS))
        queue = pool.submit(view.ask, list_queue.paged(limit=_WAITING))
        workers = pool.submit(view.ask, list_workers.paged(limit=_WAITING))
        locks = pool.submit(view.ask, list_locks)
        timetables = pool.submit(_load_timetables, view)
        backup = pool.submit(view.ask, show_last_backup)
        digest = _request_digest(view, pool, chips.result().items, last.result())
        return OverviewData(
            chips=chips.result().items,
            more_chips=bool(chips.result().next),
            running=[one for one in running.result().items if not one.interrupted],
            last=last.result(),
            interrupted=() if (page := _find_answer(interrupted, problems)) is None else page.items,
            queue=() if (runs := _find_answer(queue, problems)) is None else runs.items,
            workers=None if (live := _find_answer(workers, problems)) is None else live.items,
            locks=None if (held := _find_answer(locks, problems)) is None else held.leases,
            timetables=_find_answer(timetables, problems) or (),
            backup=_find_answer(backup, problems),
            digest=digest,
            problems=problems,
        )
    finally:
        pool.shutdown(wait=False)


def _find_answer(future: Future[T], problems: list[QDashError]) -> T | None:
    """Return an answer of the host; for an error of this part alone, None, and the error in addition to the problems."""
    try:
        return future.result()
    except (LoginError, ConnectionLostError):
        raise
    except QDashError as error:
        problems.append(error)
        return None


def _request_digest(
    view: View, pool: ThreadPoolExecutor, chips: Sequence[ChipHeader], last: Sequence[ExecutionHeader]
) -> RequestedDigest | None:
    """Request the digest of the chip in the URL, or else of the chip of the newest run."""
    if not chips:
        return None
    newest = last[0].chip_id if last else chips[0].chip_id
    chip_id, since, until = view.param("chip") or newest, view.param("since"), view.param("until")
    if since == COOLDOWN:
        began = find_cooldown_start(view, chip_id)
        since = None if began is None else format_time(began)
    answer = pool.submit(load_digest, view, chip_id, since, until)
    ended = tuple((one.execution_id, one.status) for one in last if one.status.terminal)
    recent = cache_in_session(
        "overview.recent",
        (view.project_id, chip_id, ended),
        lambda: pool.submit(_load_recent, view, chip_id),
    )
    annotations = pool.submit(
        load_annotations, view, chip_id, metric=RECENT_METRIC, since=view.now() - RECENT
    )
    chip = next((one for one in chips if one.chip_id == chip_id), None)
    return RequestedDigest(chip_id, chip, since, until, newest, answer, recent, annotations)


def find_cooldown_start(view: View, chip_id: str) -> datetime | None:
    """Return the start of the current cool-down of a chip, or None."""
    cooldowns = view.every_offered(cooldowns_of_chip, chip_id)
    return next((one.started_at for one in cooldowns if one.ended_at is None), None)


def _load_recent(view: View, chip_id: str) -> MetricStatisticsDocument | None:
    """Load the values of the last weeks, or None if the host lacks the feature or the chip."""
    since = (view.now() - RECENT).replace(minute=0, second=0, microsecond=0)  # the same request for an hour
    query = StatisticsQuery(metric=RECENT_METRIC, since=since, days=True)
    try:
        return view.ask(metric_statistics, chip_id, query=query)
    except NotFoundError:
        return None


def _load_timetables(view: View) -> Sequence[TimetableDocument]:
    """Load the timetables from the host, none if the host lacks the feature."""
    try:
        return view.ask(list_timetables.paged(limit=_WAITING)).items
    except NotFoundError:
        return ()


def load_latest_executions(view: View) -> Sequence[ExecutionHeader]:
    """Load the newest executions from the host."""
    return view.ask(list_executions.paged(limit=_RUNS)).items


def load_digest(view: View, chip_id: str, since: str | None, until: str | None = None) -> DigestDocument:
    """Load the digest of a chip from the host."""
    return view.ask(show_digest, chip_id, since=since, until=until)
