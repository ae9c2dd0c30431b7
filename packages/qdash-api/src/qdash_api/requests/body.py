"""What every body of a request is."""

from __future__ import annotations

from pydantic import ConfigDict

from qdash_core.models.faults import FewFaults


class Body(FewFaults):
    """The body of a request: what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
