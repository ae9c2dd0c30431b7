"""The doctor on backends that declare that runs can share an instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.instrument_sharing import check_instrument_sharing

from ...core.bench import make_backend, make_raising, make_task

if TYPE_CHECKING:
    from ...core.conftest import MakeBench

SHARES = {"claim_unit": classmethod(lambda _cls, _context: "module")}
MERGES = {"merge_note": staticmethod(lambda stored, _new, _targets: stored)}


@pytest.mark.parametrize(
    ("attributes", "status", "detail"),
    [
        ({}, "ok", "every run claims its whole instrument"),
        ({**SHARES, **MERGES}, "ok", "runs of backend bench claim parts of an instrument (module)"),
        (
            SHARES,
            "warning",
            "backend bench declares module, but has no merge_note: its runs exclude each other",
        ),
        ({"claim_unit": staticmethod(make_raising(OSError("cable")))}, "warning", "cable"),
        ({"claim_unit": staticmethod(lambda _context: "rack")}, "warning", "names 'rack' as the part"),
    ],
)
def test_the_doctor_names_a_backend_that_cannot_merge_notes(
    make_bench: MakeBench, attributes: dict[str, Any], status: str, detail: str
) -> None:
    qdash = make_bench(make_task(), backends=[make_backend(**attributes)]).qdash
    found = check_instrument_sharing(qdash.store, qdash.registry, qdash.settings.home)
    assert found.status == status
    assert detail in found.detail
