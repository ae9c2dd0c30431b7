"""Command `qdash timetable`: runs, digests and removals of old data that start automatically."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, print_message, print_table
from qdash_core.cli.rendering.times import format_short_time, format_time, format_time_header
from qdash_core.cli.run_options import RunOptions, flow_option, make_path_absolute, run_options
from qdash_core.cli.time_options import TimeOptions, time_options
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

    from qdash_core.application import QDash
    from qdash_core.models.digest_request import DigestRequest
    from qdash_core.models.keep_request import KeepRequest
    from qdash_core.models.timetable import TimetableModel
    from qdash_core.timetables.service import TimetableView

_NO_WORKER = "no worker is running: runs start, digests are sent and data are removed only while `qdash worker` or `qdash up` runs on a machine with this store"
_NO_NOTIFIER = "no notifier is configured here: set QDASH_NOTIFY_WEBHOOK_URL, or QDASH_NOTIFY_MAIL_URL and QDASH_NOTIFY_MAIL_TO, for the workers"
_since_option = click.option(
    "--since",
    metavar="18:00|12h",
    help="Start of the digest, evaluated at each occurrence: a time (18:00 is the last one), 12h, an execution (its end) or release:NAME; default: 18:00 the day before.",
)


_keep_option = click.option(
    "--keep",
    "ages",
    multiple=True,
    metavar="KIND=AGE",
    help="Remove older data of the project that nothing refers to: raw=90d, executions=365d or events=30d; for owners. May be repeated.",
)


@click.group()
def timetable() -> None:
    """Start runs, send digests or remove old data automatically: at times of day, at intervals, or once."""


@timetable.command()
@click.argument("name", metavar="NAME")
@click.argument("chip_id", metavar="[CHIP]", required=False)
@flow_option
@click.option("--digest", is_flag=True, help="Send the digest of the chip instead of starting a run.")
@_since_option
@_keep_option
@time_options
@run_options
@access_options
@options.json_option
@click.pass_context
def add(
    ctx: click.Context,
    name: str,
    chip_id: str | None,
    flow: str | None,
    digest: bool,
    since: str | None,
    ages: tuple[str, ...],
    time: TimeOptions,
    run: RunOptions,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Add a timetable that starts a flow on a chip, sends its digest, or removes old data of the project (--keep).

    The run or digest is checked now and at each start.
    """
    if not ages:
        _require_activity(ctx, chip_id, flow, digest=digest)
    elif chip_id is not None or digest:
        raise InvalidInputError("--keep is for a whole project: use it without a chip and without --digest")
    if ages or digest:
        _refuse_run_options(flow, run, "--keep" if ages else "--digest")
    if since is not None and not digest:
        raise InvalidInputError("--since is the start of a digest: use it together with --digest")
    with command_user.open_for_writing() as (qdash, access):
        fields = time.collect_fields(qdash.zone)
        when = fields.pop("when", None)
        if when is None:
            raise InvalidInputError("use one of --cron, --every and --at to set the start times")
        activity: dict[str, Any] = {}
        if ages:
            activity = {"keep": _parse_ages(ages)}
        elif flow is None:
            activity = {"digest": _make_digest(chip_id or "", since)}
        request = None if flow is None or chip_id is None else run.make_request(chip_id, flow)
        made = qdash.timetables.add(access, name, request, when, **activity, **fields)
        _show(qdash, made, as_json=as_json)
        if digest and not qdash.notifiers:
            print_message(_NO_NOTIFIER, err=True)


@timetable.command("list")
@access_options
@options.json_option
def list_timetables(command_user: CommandUser, as_json: bool) -> None:
    """List the timetables of a project, with the next start and the outcome of the last one."""
    from qdash_core.documents.timetables import TimetableDocument

    with command_user.open_for_reading() as (qdash, access):
        found = qdash.timetables.list_by_project(access)
        zone = qdash.zone
    if as_json:
        emit_json([TimetableDocument.from_view(one) for one in found])
        return
    if not found:
        print_message(
            "no timetables yet: add one with `qdash timetable add NAME CHIP --flow NAME --cron '0 2 * * *'`"
        )
        return
    lasts = (one.timetable.last for one in found)
    last = format_time_header("last start", zone, (None if one is None else one.at for one in lasts))
    nexts = [one.next_starts[0] if one.next_starts else None for one in found]
    print_table(
        ("timetable", "flow", "chip", "when", format_time_header("next start", zone, nexts), last, "state"),
        (
            (
                view.timetable.name,
                view.timetable.activity,
                view.timetable.chip_id,
                _describe_times(view.timetable),
                format_short_time(next_start, zone),
                _describe_last_start(view.timetable, lambda at: format_short_time(at, zone)),
                _describe_state(view),
            )
            for view, next_start in zip(found, nexts, strict=True)
        ),
        fold=("when", last),
    )


@timetable.command()
@click.argument("name", metavar="NAME")
@access_options
@options.json_option
def show(name: str, command_user: CommandUser, as_json: bool) -> None:
    """Show a timetable, with its next starts."""
    with command_user.open_for_reading() as (qdash, access):
        _show(qdash, qdash.timetables.show(access, name), as_json=as_json)


@timetable.command()
@click.argument("name", metavar="NAME")
@click.option("--chip", "chip_id", metavar="CHIP", help="Chip.")
@flow_option
@_since_option
@_keep_option
@time_options
@run_options
@access_options
@options.json_option
def edit(
    name: str,
    chip_id: str | None,
    flow: str | None,
    since: str | None,
    ages: tuple[str, ...],
    time: TimeOptions,
    run: RunOptions,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Edit a timetable. It then acts as the user who changed its run, digest, ages or times."""
    from qdash_core.timetables.calendar import get_zone

    with command_user.open_for_writing() as (qdash, access):
        former = qdash.timetables.show(access, name).timetable
        fields = time.collect_fields(get_zone(former.timezone))
        if ages:
            fields["keep"] = _parse_ages(ages)
        if former.keep is not None:
            _refuse_run_options(flow, run, f"timetable {name} removes old data")
        elif former.digest is not None:
            _refuse_run_options(flow, run, f"timetable {name} sends digests")
            fields |= _edit_digest(former.digest, chip_id, since)
        else:
            fields |= _edit_request(former, chip_id, flow, since, run)
        if not fields:
            raise InvalidInputError("nothing to change: use an option such as --cron '0 3 * * *'")
        changed = qdash.timetables.edit(access, name, as_of=former.updated_at, **fields)
        _show(qdash, changed, as_json=as_json)


@timetable.command()
@click.argument("name", metavar="NAME")
@access_options
@options.json_option
def pause(name: str, command_user: CommandUser, as_json: bool) -> None:
    """Pause a timetable until it is resumed."""
    with command_user.open_for_writing() as (qdash, access):
        _show(qdash, qdash.timetables.pause(access, name), as_json=as_json)


@timetable.command()
@click.argument("name", metavar="NAME")
@access_options
@options.json_option
def resume(name: str, command_user: CommandUser, as_json: bool) -> None:
    """Resume a paused timetable with its next start; passed ones do not count as missed."""
    with command_user.open_for_writing() as (qdash, access):
        _show(qdash, qdash.timetables.resume(access, name), as_json=as_json)


@timetable.command()
@click.argument("name", metavar="NAME")
@access_options
@options.json_option
def start(name: str, command_user: CommandUser, as_json: bool) -> None:
    """Start the run of a timetable now, for a worker, and print its id."""
    from qdash_core.cli.watched_runs import submit_and_show

    submit_and_show(
        lambda qdash, access: qdash.timetables.start_now(access, name),
        command_user=command_user,
        as_json=as_json,
    )


@timetable.command()
@click.argument("name", metavar="NAME")
@access_options
@options.json_option
def remove(name: str, command_user: CommandUser, as_json: bool) -> None:
    """Remove a timetable. Its started runs continue."""
    from qdash_core.documents.timetables import TimetableDocument
    from qdash_core.timetables.service import TimetableView

    with command_user.open_for_writing() as (qdash, access):
        gone = qdash.timetables.remove(access, name)
    if as_json:
        emit_json(TimetableDocument.from_view(TimetableView(gone, [])))
    else:
        print_message(f"timetable {name} was removed")


def _require_activity(ctx: click.Context, chip_id: str | None, flow: str | None, *, digest: bool) -> None:
    """Raise MissingParameter unless there is a chip and its flow or digest."""
    if chip_id is None:
        raise click.MissingParameter(ctx=ctx, param_hint="'CHIP'", param_type="argument")
    if flow is None and not digest:
        raise click.MissingParameter(ctx=ctx, param_hint="'--flow'", param_type="option")


def _refuse_run_options(flow: str | None, run: RunOptions, because: str) -> None:
    """Raise InvalidInputError if an option of a run was given for another activity."""
    if flow is not None or run.collect_fields():
        raise InvalidInputError(f"{because}: options of a run, such as --flow, do not apply")


def _parse_ages(ages: tuple[str, ...]) -> KeepRequest:
    """Return the request of options such as `raw=90d`; raise InvalidInputError for another one."""
    from qdash_core.models.keep_request import KeepRequest, PrunedKind

    parsed: list[tuple[PrunedKind, str]] = []
    for one in ages:
        kind, found, age = one.partition("=")
        if not found or kind not in [str(known) for known in PrunedKind]:
            raise InvalidInputError(
                f"--keep {one}: write one of {', '.join(PrunedKind)} with an age, such as raw=90d"
            )
        parsed.append((PrunedKind(kind), age))
    return KeepRequest.parse(parsed)


def _make_digest(chip_id: str, since: str | None) -> DigestRequest:
    from pydantic import ValidationError

    from qdash_core.models.digest_request import DigestRequest
    from qdash_core.models.error_messages import find_first_error

    try:
        return DigestRequest(chip_id=chip_id, since=since)
    except ValidationError as error:
        place, why = find_first_error(error)
        raise InvalidInputError(f"{place}: {why}") from None


def _edit_digest(former: DigestRequest, chip_id: str | None, since: str | None) -> dict[str, Any]:
    """Return the field of a changed digest; empty without a change."""
    if chip_id is None and since is None:
        return {}
    return {"digest": _make_digest(chip_id or former.chip_id, since or former.since)}


def _edit_request(
    former: TimetableModel, chip_id: str | None, flow: str | None, since: str | None, run: RunOptions
) -> dict[str, Any]:
    """Return the field of a changed run; empty without a change."""
    from qdash_core.models.request import RunRequest

    if since is not None:
        raise InvalidInputError(f"timetable {former.name} starts runs: --since is the start of a digest")
    of_run = run.collect_fields()
    of_run |= {} if chip_id is None else {"chip_id": chip_id}
    of_run |= {} if flow is None else {"flow": make_path_absolute(flow), "flow_version": None}
    if not of_run or former.request is None:
        return {}
    return {"request": RunRequest(**{**dict(former.request), **of_run})}


def _show(qdash: QDash, view: TimetableView, *, as_json: bool) -> None:
    from qdash_core.documents.timetables import TimetableDocument
    from qdash_core.models.times import format_duration
    from qdash_core.timetables.calendar import get_zone

    if as_json:
        emit_json(TimetableDocument.from_view(view))
    else:
        found = view.timetable
        zone, request, within_s = get_zone(found.timezone), found.request, found.begin_within_s
        print_message(
            f"timetable {found.name}: {_describe_activity(found)}, {_describe_times(found)}, as {found.username}"
        )
        for what, value in (
            ("state", _describe_state(view)),
            ("next", ", ".join(format_time(one, zone) for one in view.next_starts)),
            ("last", _describe_last_start(found, lambda at: format_time(at, zone))),
            ("only targets that are", " or ".join(request.only) if request else ""),
            ("scope", (request.scope if request else None) or ""),
            ("missed", _describe_missed(found)),
            ("until", format_time(found.until, zone)),
            ("begins within", "" if within_s is None else format_duration(within_s, whole=True)),
        ):
            if value:
                print_message(f"  {what}: {value}")
    if view.timetable.next_at is not None and not qdash.queue.list_workers():
        print_message(_NO_WORKER, err=True)


def _describe_activity(timetable: TimetableModel) -> str:
    if timetable.keep is not None:
        return f"removes data of the project that are older than {timetable.keep}"
    if timetable.digest is None:
        return f"{timetable.activity} on {timetable.chip_id or 'its chip'}"
    return f"digest of {timetable.chip_id} since {timetable.digest.since or '18:00 the day before'}"


def _describe_missed(timetable: TimetableModel) -> str:
    if timetable.keep is not None:
        return "one removal for all missed times" if timetable.missed == "once" else "nothing is removed"
    if timetable.digest is not None:
        return "one digest for all missed times" if timetable.missed == "once" else "no digest is sent"
    return "one run for all missed starts" if timetable.missed == "once" else "no run is started"


def _describe_times(timetable: TimetableModel) -> str:
    from qdash_core.timetables.calendar import describe_rule, get_zone

    when = timetable.when
    if when.kind == "moment":
        return describe_rule(when, get_zone(timetable.timezone))
    words = describe_rule(when, UTC)
    return f"{words} ({timetable.timezone})" if when.kind == "cron" else words


def _describe_state(view: TimetableView) -> str:
    if view.timetable.paused:
        return "paused"
    return "over" if view.timetable.next_at is None else "active"


def _describe_last_start(timetable: TimetableModel, in_words: Callable[[datetime], str]) -> str:
    last = timetable.last
    if last is None:
        return ""
    what = f"{last.became} {last.execution_id}".rstrip()
    return f"{in_words(last.at)} {what}{f': {last.why}' if last.why else ''}"
