"""Command `qdash explain`: likely causes of the failures of a result, a target or an execution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.explanations import operations as explanations
from qdash_builtin.explanations.views import ExecutionExplanationDocument, ExplanationDocument
from qdash_cli.operation_commands import make_command
from qdash_cli.rendering.output import print_indented, print_message
from qdash_cli.rendering.times import format_time
from qdash_core.models.target_lists import name_targets

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from qdash_builtin.explanations.views import (
        CauseDocument,
        CauseGroupDocument,
        EvidenceDocument,
        ExplainedResultDocument,
    )
    from qdash_core.documents.references import ReferenceDocument

_SHOWN_CAUSES = 5
_MOST_NAMED = 5
_LEAST_PROBABILITY = 0.01
"""Probability below which a cause is not printed."""


def _print_explanation(document: ExplanationDocument, zone: ZoneInfo) -> None:
    if document.result is None:
        print_message(f"no task has run on {name_targets([document.target])} of chip {document.chip_id}")
        return
    _print_subject(document, document.result, zone)
    if document.unknown_sentence:
        print_message()
        print_message(document.unknown_sentence)
    likely = [one for one in document.causes if one.probability >= _LEAST_PROBABILITY]
    for number, cause in enumerate(likely[:_SHOWN_CAUSES], 1):
        print_message()
        _print_cause(cause, f"{number}. ", document.result)
    if not document.causes:
        print_message()
        print_message(document.no_cause_sentence)
    elif len(likely) > _SHOWN_CAUSES:
        print_message()
        print_message(f"less probable causes: {len(likely) - _SHOWN_CAUSES}; --json shows them")
    for one in document.related:
        print_message()
        record = "" if one.source is None else f" [{one.source.kind}:{one.source.id}]"
        print_indented(f"{one.title}: {one.text}{record}", indent="see ", further="    ")
    _print_remarks(document.remarks)


def _print_subject(document: ExplanationDocument, result: ExplainedResultDocument, zone: ZoneInfo) -> None:
    """Print the explained move or failure, with its times."""
    if document.asked is not None:
        print_message(document.asked.sentence)
    started = format_time(result.start_at, zone)
    if document.move is not None:
        print_message(f"{document.move}, since {started}" if started else document.move)
    print_message(document.failed)
    if started:
        print_message(f"started {started}")
    if onset := document.write_onset(lambda moment: format_time(moment, zone)):
        print_message(onset)


def _print_cause(
    cause: CauseDocument, indent: str, result: ExplainedResultDocument, next_step_phrase: str = ""
) -> None:
    """Print a cause with its evidence and the next step. Target and tasks are named that are not those of the explained result."""
    further = " " * len(indent)
    place = f" ({name_targets([cause.target])})" if cause.target not in ("", result.target) else ""
    title = f"{cause.title}{place}{cause.partner_phrase}: {100 * cause.probability:.0f} %"
    print_indented(title, indent=indent, further=further)
    if cause.indistinguishable_from:
        alike = " or ".join(cause.indistinguishable_from)
        print_indented(f"not distinguishable from: {alike}", indent=further, further=further)
    _print_evidence(cause.evidence_for, f"{further}+ ", result.task)
    _print_evidence(cause.evidence_against, f"{further}\N{MINUS SIGN} ", result.task)
    print_indented(f"next step{next_step_phrase}: {cause.do}", indent=further, further=further)
    if cause.command:
        print_indented(cause.command, indent=f"{further}  ", further=f"{further}    ")


def _print_evidence(evidence: Iterable[EvidenceDocument], indent: str, explained: str) -> None:
    for one in evidence:
        sources = ", ".join(map(_write_source, one.sources[:4]))
        print_indented(f"{one.write(explained)} [{sources}]", indent=indent, further=" " * len(indent))


def _write_source(source: ReferenceDocument) -> str:
    return f"{source.kind}:{source.id[:8] if source.kind == 'result' else source.id}"


def _print_execution(document: ExecutionExplanationDocument, _zone: ZoneInfo) -> None:
    message = f": {document.message}" if document.message else ""
    print_message(f"execution {document.execution_id} on chip {document.chip_id} {document.status}{message}")
    if not document.groups:
        print_message(document.no_failure_sentence)
    for number, group in enumerate(document.groups, 1):
        print_message()
        _print_group(document, group, f"{number}. ")
    _print_skipped(document)
    _print_remarks(document.remarks)


def _print_group(document: ExecutionExplanationDocument, group: CauseGroupDocument, indent: str) -> None:
    further = " " * len(indent)
    title = name_targets(group.targets, _MOST_NAMED) or f"chip {document.chip_id}"
    shared = f" ({group.n} of {group.examined} on {group.resource})" if group.resource else ""
    print_indented(f"{title}{shared}", indent=indent, further=further)
    first = group.results[0]
    earlier = f" in {first.execution_id}" if first.execution_id != document.execution_id else ""
    print_indented(f"{first.sentence} [result:{first.task_id[:8]}{earlier}]", indent=further, further=further)
    if group.cause is None:
        print_indented(document.write_no_cause(group), indent=further, further=further)
    else:
        _print_cause(group.cause, further, first, group.next_step_phrase)


def _print_skipped(document: ExecutionExplanationDocument) -> None:
    """Print the numbers of skipped results: in one line those that follow from the failures above."""
    above = {one.task_id for group in document.groups for one in group.results}
    following = [one for one in document.skipped if one.origin and one.origin.task_id in above]
    if following:
        print_message()
        print_message(f"{sum(one.n for one in following)} skipped because of these results")
    for one in document.skipped:
        if one not in following:
            print_message()
            print_message(f"{one.n} skipped{f' because {one.origin.sentence}' if one.origin else ''}")


def _print_remarks(remarks: Iterable[str]) -> None:
    for remark in remarks:
        print_message()
        print_message(f"remark: {remark}")


explain = make_command(
    explanations.explain,
    {ExplanationDocument: _print_explanation, ExecutionExplanationDocument: _print_execution},
)
