"""Notes and issues about a target, and the words in them that name a cause, as pure functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qdash_core.explanations.explanation import RelatedText
from qdash_core.explanations.observations import Observation
from qdash_core.models.note import NoteScope
from qdash_core.models.references import Reference

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from qdash_core.models.issue import IssueModel
    from qdash_core.models.note import NoteEventModel
    from qdash_core.tasks.causes import Cause

WORD_WEIGHT = 0.7
"""Weight of a text of users that has a word of a cause: a hint, which alone makes no cause likely."""
_WORDS = "words of users"
_LONGEST, _MOST = 200, 10


def find_related(
    edits: Iterable[NoteEventModel], issues: Iterable[IssueModel], targets: Collection[str]
) -> list[RelatedText]:
    """Return the notes and issues about the chip as a whole or about these targets, newest first, at most 10.

    Parameters
    ----------
    edits : iterable of NoteEventModel
        Edits of the notes of a chip, newest first.
    issues : iterable of IssueModel
        Issues of the chip that are not closed.
    targets : collection of str
        The targets.
    """
    found = [*_iter_notes(edits, targets)]
    for issue in issues:
        if not issue.targets or set(issue.targets) & set(targets):
            source = Reference("issue", issue.issue_id)
            found.append(RelatedText(source, issue.title, _shorten(issue.body), issue.updated_at))
    return sorted(found, key=lambda one: one.changed_at, reverse=True)[:_MOST]


def _iter_notes(edits: Iterable[NoteEventModel], targets: Collection[str]) -> Iterator[RelatedText]:
    seen = set()
    for edit in edits:
        place = edit.scope, edit.target_id, edit.metric_key
        if place in seen:
            continue
        seen.add(place)  # an older edit of the same note
        target = edit.extra.get("qid", "") if edit.scope is NoteScope.TASK_RESULT else edit.target_id
        if edit.action == "upsert" and (edit.scope is NoteScope.CHIP or target in targets):
            of = f"{edit.scope.replace('_', ' ')} {edit.target_id}"
            title = f"note on {of}, {edit.metric_key}" if edit.metric_key else f"note on {of}"
            source = Reference("note", str(edit.seq))
            yield RelatedText(source, title, _shorten(edit.content), edit.created_at)


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def observe_words(
    related: Sequence[RelatedText], causes: Iterable[Cause], target: str
) -> Iterator[Observation]:
    """Yield an observation for each cause whose words are in a note or an issue: at most one counts for a cause."""
    for one in related:
        words = {*re.findall(r"[\w-]+", f"{one.title} {one.text}".casefold())}
        for cause in causes:
            if named := words.intersection(cause.words):
                text = f"The {_describe(one)} has the word {min(named)!r}."
                yield Observation(cause.id, target, text, WORD_WEIGHT, group=_WORDS, sources=(one.source,))


def _describe(related: RelatedText) -> str:
    if related.source.kind == "issue":
        return f"issue {related.source.id}"
    return related.title
