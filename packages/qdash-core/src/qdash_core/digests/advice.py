"""Advice on the next actions, from a digest, as pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.comparisons.shared_resources import WHOLE_CHIP
from qdash_core.digests.digest import Advice, AdviceKind, CauseKind
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.quantities import format_count
from qdash_core.models.target_lists import format_targets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from qdash_core.digests.digest import Digest, ManualChange, MovedParameter

_LONGEST_OPTIONS = 40
_MOST_NAMED = 3


def list_advice(digest: Digest, *, flow: str, further: str = "") -> list[Advice]:
    """Return the advised actions, the most urgent first.

    Parameters
    ----------
    digest : Digest
        The digest, without advice.
    flow : str
        Flow of the newest run on the chip, or empty if there was none.
    further : str
        Options of commands that name the project and the user, preceded by a space.
    """
    found = [
        *_resume(digest, further),
        *_inspect_resources(digest, flow, further, continues=False),
        *_check_manual_changes(digest, further),
        *_compare_moved(digest, further),
        *_measure_failed(digest, flow, further),
        *_measure_other_failures(digest, flow, further),
        *_inspect_resources(digest, flow, further, continues=True),
        *_review(digest, further),
        *_measure_stale(digest, flow, further),
    ]
    return found or ([] if digest.failures else [*_release(digest, further)])


def _resume(digest: Digest, further: str) -> Iterator[Advice]:
    for run in digest.runs:
        if run.interrupted:
            execution_id = run.execution.execution_id
            yield Advice(
                AdviceKind.RESUME,
                f"Resume execution {execution_id}",
                "its process died",
                f"qdash executions resume {execution_id}{further}",
                execution_id=execution_id,
            )


def _inspect_resources(digest: Digest, flow: str, further: str, *, continues: bool) -> Iterator[Advice]:
    for group in digest.failures:
        if group.kind is CauseKind.RESOURCE and group.continues == continues:
            yield Advice(
                AdviceKind.INSPECT,
                f"Check {_add_article(group.cause)}, then measure {format_targets(group.targets)} again",
                f"{summarize_names(group.tasks, _MOST_NAMED)} failed on {len(group.targets)} of {group.examined} targets: {group.message}",
                _make_run(digest, flow, _make_target_options(group.targets), further),
                targets=group.targets,
                flow=flow,
                task_id=group.task_id,
            )


def _check_manual_changes(digest: Digest, further: str) -> Iterator[Advice]:
    """Yield the advice to check each change by hand after which its targets failed or left their specification."""
    for change in digest.manual:
        targets = find_troubled_targets(digest, change)
        if targets and change.parameters and change.undoable:
            yield Advice(
                AdviceKind.UNDO,
                f"Check {summarize_names(change.parameters, _MOST_NAMED)} of {format_targets(targets)}, changed by {change.username}, and undo it if wrong",
                "failed or out of specification since",
                f"qdash values undo {change.number}{further}",
                targets=targets,
                event=change.number,
            )


def find_troubled_targets(digest: Digest, change: ManualChange) -> list[str]:
    """Return the targets of a change by a user that failed or left their specification after it, or whose couplings did."""
    troubled = {target for target, at in _iter_troubles(digest) if at is not None and at > change.at}
    return [one for one in change.targets if _touches(one, troubled)]


def _iter_troubles(digest: Digest) -> Iterator[tuple[str, datetime | None]]:
    """Yield each target that failed or left its specification, with the time."""
    for group in digest.failures:
        yield from ((target, group.failed_at) for target in group.targets)
    for one in digest.newly_failed:
        yield one.target, one.at
    for change in digest.left_specification:
        yield from ((target, value.calibrated_at) for target, value in change.values.items())


def _touches(target: str, troubled: set[str]) -> bool:
    return target in troubled or any(target in one.split("-") for one in troubled if "-" in one)


def _compare_moved(digest: Digest, further: str) -> Iterator[Advice]:
    """Yield the advice to look for a common cause of each shared change for the worse."""
    causes: dict[str, list[MovedParameter]] = {}
    for one in digest.moved:
        worsened = {value.change.target for value in one.worsened}
        for shared in one.shared:
            if not worsened.isdisjoint(shared.resource.affected):
                causes.setdefault(str(shared.resource), []).append(one)
    for cause, moved in causes.items():
        titles = summarize_names([one.title for one in moved], _MOST_NAMED)
        n = max(len(one.worsened) for one in moved)
        yield Advice(
            AdviceKind.COMPARE,
            f"Look for a common cause on {_add_article(cause)}, such as temperature, cabling or a pump",
            f"{titles} worsened together on up to {n} targets",
            f"qdash compare {_quote(digest.label)} --chip {digest.chip_id}{further}",
        )


def _measure_failed(digest: Digest, flow: str, further: str) -> Iterator[Advice]:
    explained = {
        target for group in digest.failures if group.kind is CauseKind.RESOURCE for target in group.targets
    }
    targets = [one.target for one in digest.newly_failed if one.target not in explained]
    if targets:
        yield Advice(
            AdviceKind.MEASURE,
            f"Measure {format_targets(targets)} again, or exclude {'it' if len(targets) == 1 else 'them'}",
            "newly failed",
            _make_run(digest, flow, _make_target_options(targets), further),
            targets=targets,
            flow=flow,
        )


def _measure_other_failures(digest: Digest, flow: str, further: str) -> Iterator[Advice]:
    """Yield the measurement of targets that failed without a shared resource and are not newly failed: no essential metric failed."""
    named = {one.target for one in digest.newly_failed}
    for group in digest.failures:
        targets = [one for one in group.targets if one not in named]
        if group.kind is CauseKind.RESOURCE or group.continues or (group.targets and not targets):
            continue
        yield Advice(
            AdviceKind.MEASURE,
            f"Measure {format_targets(targets) or 'the chip'} again",
            f"{summarize_names(group.tasks, _MOST_NAMED)} failed: {group.message}",
            _make_run(digest, flow, _make_target_options(targets), further),
            targets=targets,
            flow=flow,
            task_id=group.task_id,
        )


def _review(digest: Digest, further: str) -> Iterator[Advice]:
    n, targets = len(digest.flagged), list(dict.fromkeys(one.target for one in digest.flagged))
    if n:
        yield Advice(
            AdviceKind.REVIEW,
            f"Review {format_count(n, 'flagged result')}",
            f"on {format_targets(targets)}",
            f"qdash review {digest.chip_id}{further}",
            targets=targets,
        )


def _measure_stale(digest: Digest, flow: str, further: str) -> Iterator[Advice]:
    """Yield the measurement of the targets with stale values that gates need."""
    targets = list(dict.fromkeys(one.target for one in digest.stale))
    if targets:
        named = summarize_names(list(dict.fromkeys(one.parameter for one in digest.stale)), _MOST_NAMED)
        n = sum(one.is_old for one in digest.stale)
        parts = [f"{n} too old"] if n else []
        parts += [f"{len(digest.stale) - n} with inputs that moved"] if len(digest.stale) > n else []
        yield Advice(
            AdviceKind.MEASURE,
            f"Measure {format_targets(targets)} again",
            f"values of {named} that gates need: {', '.join(parts)}",
            _make_run(digest, flow, _make_target_options(targets), further),
            targets=targets,
            flow=flow,
        )


def _release(digest: Digest, further: str) -> Iterator[Advice]:
    """Yield the advice to keep the present values as a release, if a run ended and nothing needs attention."""
    if any(run.execution.end_at is not None for run in digest.runs):
        yield Advice(
            AdviceKind.RELEASE,
            "Nothing needs attention: keep the present values as a release",
            "no failure, no flagged result, no stale value",
            f"qdash release create {digest.chip_id}{further}",
        )


def _make_run(digest: Digest, flow: str, options: str, further: str) -> str:
    return f"qdash calibrate {digest.chip_id} --flow {flow or 'FLOW'}{options}{further}"


def _make_target_options(targets: Sequence[str]) -> str:
    """Return the options that select targets; for many of them the condition that selects all failed ones."""
    qubits = [one for one in targets if "-" not in one]
    couplings = [one for one in targets if "-" in one]
    found = f" --qids {format_targets(qubits).replace(' ', '')}" if qubits else ""
    found += f" --couplings {','.join(couplings)}" if couplings else ""
    return found if len(found) <= _LONGEST_OPTIONS else " --only failed"


def _add_article(cause: str) -> str:
    return f"the {cause}" if cause == WHOLE_CHIP else cause


def _quote(text: str) -> str:
    return f"'{text}'" if " " in text else text
