"""Operation of the search."""

from __future__ import annotations

from qdash_builtin.search.feature import SEARCH
from qdash_builtin.search.requests import KindLimit, SearchedChip, SearchText
from qdash_builtin.search.views import SearchDocument
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("search", place=570)


@operations.get("/search", needs=RequiredRole.VIEWER)
def search(call: Call, q: SearchText, chip_id: SearchedChip = None, limit: KindLimit = 5) -> SearchDocument:
    """Find chips, qubits, couplings, executions, results, values, flows, notes, issues, tasks and commands by words.

    All words must match, in any case. A match that is called so comes first, then those that begin so, then those with parts of words.
    """
    found = call.qdash.get(SEARCH).find(call.access, q, chip_id=chip_id, limit=limit)
    return SearchDocument.from_matches(found)
