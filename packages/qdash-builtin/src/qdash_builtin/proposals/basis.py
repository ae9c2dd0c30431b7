"""Basis of a change: a digest of the state of records that was seen before."""

from __future__ import annotations

import hashlib

from qdash_core.models.base import as_json_text


def make_basis(state: object) -> str:
    """Return the digest of a state, which is JSON."""
    return hashlib.sha256(as_json_text(state)).hexdigest()[:16]
