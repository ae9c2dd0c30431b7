"""Requests for digests that timetables send."""

from typing import Annotated

from pydantic import Field

from qdash_core.models.base import Value
from qdash_core.models.fault_limit import FewFaults

_Text = Annotated[str, Field(min_length=1, max_length=256)]


class DigestRequest(FewFaults, Value):
    """Request for the digest of a chip, sent by the notifiers."""

    chip_id: _Text
    since: _Text | None = None
    """Start of the digest, evaluated at each occurrence: a time of day (the last one), a duration before the occurrence such as `12h`, a
    time, an execution id (its end) or `release:NAME`. By default 18:00 the day before."""
