"""Similar earlier issues: by result, target, task, metric and words, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.issues.repository import IssueEventRepository, IssueRepository
from qdash_builtin.issues.view import Comment, collect_comments
from qdash_core.models.targets import split_coupling
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.documents import search_terms
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.store import Has, Range, Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.issues.model import IssueModel, ReasonKind
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.repositories import Repositories

_SCORES: Mapping[ReasonKind, float] = {
    "result": 10.0,
    "target": 4.0,
    "task": 3.0,
    "metric": 2.0,
    "neighbour": 1.5,
    "multiplexer": 1.0,
}
_SCORE_OF_WORDS = 4.0
"""Score of an issue that has every word of the subject."""
_LEAST_WORDS, _LEAST_SHARE = 2, 0.25
"""Number and share of the words of the subject that an issue must have, so that they count."""
_SHORTEST_WORD = 3
_FUNCTION_WORDS = frozenset(
    [
        "and",
        "any",
        "are",
        "but",
        "for",
        "from",
        "had",
        "has",
        "have",
        "into",
        "its",
        "not",
        "than",
        "that",
        "the",
        "then",
        "this",
        "too",
        "was",
        "were",
        "when",
        "with",
    ]
)
_MOST_WORDS = 40
_MOST_READ = 100
"""Largest number of candidates that are read for one target, task, metric or word."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Properties of a failure or an issue, to which others are compared.

    Parameters
    ----------
    project_id, chip_id, task_id, task : str
        Project, chip, result and task; empty if there is none.
    words : frozenset of str
        Words of the title, and of the message of the failure.
    before : datetime or None
        Only issues that were opened before, or None for any.
    """

    project_id: str
    chip_id: str
    task_id: str
    task: str
    targets: Sequence[str]
    metrics: Sequence[str]
    words: frozenset[str]
    multiplexers: frozenset[int]
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class SimilarityReason:
    """A reason why an issue is similar: its kind, and the common names or words."""

    kind: ReasonKind
    common: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SimilarIssue:
    """A similar issue.

    Parameters
    ----------
    score : float
        Sum of the scores of its reasons.
    reasons : sequence of SimilarityReason
        The reasons, strongest kinds first.
    closing, last_comment : Comment or None
        The comment with which it was closed, and its last one.
    """

    issue: IssueModel
    score: float
    reasons: Sequence[SimilarityReason]
    closing: Comment | None
    last_comment: Comment | None


def make_result_subject(repositories: Repositories, result: TaskResultModel) -> Subject:
    """Return the subject of the failure of a result."""
    targets = [result.qid] if result.qid else []
    return Subject(
        project_id=result.project_id,
        chip_id=result.chip_id,
        task_id=result.task_id,
        task=result.name,
        targets=targets,
        metrics=result.output_parameter_names or sorted(result.output_parameters),
        words=_select_words([result.message, *result.reasons]),
        multiplexers=_find_multiplexers(repositories, result.project_id, result.chip_id, targets),
    )


def make_issue_subject(repositories: Repositories, issue: IssueModel) -> Subject:
    """Return the subject of an issue: its links, its title, and the message of its result."""
    result = (
        repositories.of(TaskResultHistoryRepository).find(issue.project_id, issue.task_id)
        if issue.task_id
        else None
    )
    failure = [] if result is None else [result.message, *result.reasons]
    return Subject(
        project_id=issue.project_id,
        chip_id=issue.chip_id,
        task_id=issue.task_id,
        task=issue.task,
        targets=issue.targets,
        metrics=issue.metrics,
        words=_select_words([issue.title, *failure]),
        multiplexers=_find_multiplexers(repositories, issue.project_id, issue.chip_id, issue.targets),
        before=issue.created_at,
    )


def find_similar_issues(repositories: Repositories, subject: Subject, *, limit: int) -> list[SimilarIssue]:
    """Return the most similar issues, the newest first among equals. The same store gives the same list."""
    candidates = {issue.issue_id: issue for issue in _iter_candidates(repositories, subject)}
    muxes = _list_multiplexers(repositories, subject)
    found = []
    for issue in candidates.values():
        if reasons := [*_iter_reasons(subject, issue, muxes)]:
            found.append((_compute_score(subject, reasons), issue, reasons))
    found.sort(key=lambda one: (one[0], one[1].created_at, int(one[1].issue_id)), reverse=True)
    return [_make_similar(repositories, *one) for one in found[:limit]]


def _iter_candidates(repositories: Repositories, subject: Subject) -> Iterator[IssueModel]:
    """Yield issues that may be similar, some several times."""
    search = repositories.of(IssueRepository).search
    before = {} if subject.before is None else {"created_at": Range(below=subject.before)}
    project = {"project_id": subject.project_id, **before}
    if subject.chip_id:
        chip = {**project, "chip_id": subject.chip_id}
        yield from search(chip, limit=_MOST_READ)
        for target in subject.targets[:_MOST_WORDS]:
            yield from search({**chip, "targets": Has(target)}, limit=_MOST_READ)
    if subject.task:
        yield from search({**project, "task": subject.task}, limit=_MOST_READ)
    for metric in subject.metrics:
        yield from search({**project, "metrics": Has(metric)}, limit=_MOST_READ)
    for word in sorted(subject.words, key=lambda one: (-len(one), one))[:_MOST_WORDS]:
        yield from search({**project, "words": Words(word)}, limit=_MOST_READ)


def _iter_reasons(
    subject: Subject, issue: IssueModel, muxes: Mapping[str, int]
) -> Iterator[SimilarityReason]:
    if subject.task_id and issue.task_id == subject.task_id:
        yield SimilarityReason("result", (subject.task_id,))
    if subject.chip_id and issue.chip_id == subject.chip_id:
        yield from _iter_target_reasons(subject, issue, muxes)
    if subject.task and issue.task == subject.task:
        yield SimilarityReason("task", (subject.task,))
    if metrics := [one for one in issue.metrics if one in subject.metrics]:
        yield SimilarityReason("metric", tuple(metrics))
    words = sorted(subject.words.intersection(issue.words.split()))
    if len(words) >= max(_LEAST_WORDS, _LEAST_SHARE * len(subject.words)):
        yield SimilarityReason("words", tuple(words))


def _iter_target_reasons(
    subject: Subject, issue: IssueModel, muxes: Mapping[str, int]
) -> Iterator[SimilarityReason]:
    """Yield the strongest relation between the targets: the same, a common qubit, or a common multiplexer."""
    same = [one for one in issue.targets if one in subject.targets]
    near = [one for one in issue.targets if _list_qubits([one]) & _list_qubits(subject.targets)]
    beside = [
        one
        for one in issue.targets
        if {muxes[qubit] for qubit in _list_qubits([one]) if qubit in muxes} & subject.multiplexers
    ]
    if same:
        yield SimilarityReason("target", tuple(same))
    elif near:
        yield SimilarityReason("neighbour", tuple(near))
    elif beside:
        yield SimilarityReason("multiplexer", tuple(beside))


def _compute_score(subject: Subject, reasons: Iterable[SimilarityReason]) -> float:
    score = 0.0
    for reason in reasons:
        if reason.kind == "words":
            score += _SCORE_OF_WORDS * len(reason.common) / len(subject.words)
        else:
            score += _SCORES[reason.kind]
    return round(score, 2)


def _make_similar(
    repositories: Repositories, score: float, issue: IssueModel, reasons: Sequence[SimilarityReason]
) -> SimilarIssue:
    events = repositories.of(IssueEventRepository).list_by_issue(issue.project_id, int(issue.issue_id))
    comments = collect_comments(events)
    closing = next((one for one in comments if one.number == issue.closing_comment), None)
    return SimilarIssue(issue, score, reasons, closing, comments[-1] if comments else None)


def _select_words(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of texts without numbers, function words, and short words unless they are Japanese or Chinese."""
    terms = search_terms("\n".join(texts)) - _FUNCTION_WORDS
    return frozenset(
        one
        for one in terms
        if not any(character.isdigit() for character in one)
        and (len(one) >= _SHORTEST_WORD or (len(one) > 1 and not one.isascii()))
    )


def _list_qubits(targets: Iterable[str]) -> set[str]:
    return {qubit for one in targets for qubit in (split_coupling(one) if "-" in one else (one,))}


def _find_multiplexers(
    repositories: Repositories, project_id: str, chip_id: str, targets: Iterable[str]
) -> frozenset[int]:
    found = repositories.of(QubitCalibrationRepository).list_by_ids(
        project_id, chip_id, sorted(_list_qubits(targets))
    )
    return frozenset(qubit.mux for qubit in found if qubit.mux is not None)


def _list_multiplexers(repositories: Repositories, subject: Subject) -> dict[str, int]:
    """Return the multiplexer of each qubit of the chip, if the subject has any."""
    if not subject.multiplexers:
        return {}
    found = repositories.of(QubitCalibrationRepository).list_by_chip(subject.project_id, subject.chip_id)
    return {qubit.qid: qubit.mux for qubit in found if qubit.mux is not None}
