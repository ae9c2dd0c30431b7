"""View models of `qdash store prune`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from qdash_builtin.results.model import ResultUse
from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from qdash_builtin.home.pruning.outcome import PruneOutcome


class PrunedAmountDocument(Document):
    """Number and size of removed things."""

    number: int
    bytes: int
    """Size of files, or of the text of documents."""


class KeptResultsDocument(Document):
    """Numbers of old results that stay; zero if only events, or only raw data, were removed."""

    named: int
    """Whole results: a value, release, note, issue, tag, decision, newest attempt or recent refit needs them."""
    inputs: int
    """Results without raw data, whose values a named result used."""
    series: int
    """Results that keep their values and outcomes only."""


class PruneDocument(Document):
    """The old data that were removed, or would be removed."""

    applied: bool
    """False if nothing was removed."""
    before: dict[str, datetime]
    """Time by kind: older data are removed."""
    removed: dict[str, PrunedAmountDocument]
    """Amounts by kind of thing."""
    bytes: int
    kept: KeptResultsDocument
    failures: list[str]
    """Files that could not be removed, with the reasons."""

    @classmethod
    def from_outcome(cls, outcome: PruneOutcome) -> Self:
        """Return the view model of a removal or its preview."""
        kept = outcome.kept
        return cls(
            applied=outcome.applied,
            before={str(kind): moment for kind, moment in outcome.before.items()},
            removed={
                str(item): PrunedAmountDocument(number=one.number, bytes=one.size)
                for item, one in outcome.removed.items()
            },
            bytes=outcome.size,
            kept=KeptResultsDocument(
                named=kept[ResultUse.NAMED], inputs=kept[ResultUse.INPUT], series=kept[ResultUse.SERIES]
            ),
            failures=outcome.failures,
        )
