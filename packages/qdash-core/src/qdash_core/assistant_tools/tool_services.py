"""Services of an open application that the tools of answers use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from qdash_core.assistants.citation_resolver import CitationResolver
    from qdash_core.assistants.proposals import ProposalService
    from qdash_core.chips.service import ChipService
    from qdash_core.digests.service import DigestService
    from qdash_core.explanations.service import ExplanationService
    from qdash_core.hooks.manager import Registry
    from qdash_core.issues.service import IssueService
    from qdash_core.metrics.service import MetricsService
    from qdash_core.notes.service import NoteService
    from qdash_core.provenance.service import ProvenanceService
    from qdash_core.record.queries import ExecutionService
    from qdash_core.results.service import ResultService


class ToolServices(Protocol):
    """The services, which `QDash` has."""

    @property
    def chips(self) -> ChipService: ...

    @property
    def citations(self) -> CitationResolver: ...

    @property
    def digests(self) -> DigestService: ...

    @property
    def executions(self) -> ExecutionService: ...

    @property
    def explanations(self) -> ExplanationService: ...

    @property
    def issues(self) -> IssueService: ...

    @property
    def metrics(self) -> MetricsService: ...

    @property
    def notes(self) -> NoteService: ...

    @property
    def proposals(self) -> ProposalService: ...

    @property
    def provenance(self) -> ProvenanceService: ...

    @property
    def registry(self) -> Registry: ...

    @property
    def results(self) -> ResultService: ...
