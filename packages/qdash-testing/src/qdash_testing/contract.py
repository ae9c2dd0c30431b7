"""Base class of conformance tests, whose tests subclasses must not replace."""

from __future__ import annotations

from typing import Any

_KIT = __name__.rpartition(".")[0] + "."


class Contract:
    """A specification as tests. A subclass provides the tested object, and may add tests of its own.

    A class of another kit than this one that is itself a specification has ``specification = True`` in its body.
    """

    def test_no_test_of_the_contract_is_replaced(self) -> None:
        """Check that no test is replaced, except by one marked `pytest.mark.xfail(strict=True, reason="...")`."""
        lineage = type(self).__mro__
        for name in {name for base in lineage if _is_in_kit(base) for name in vars(base)}:
            if not name.startswith("test_"):
                continue
            owner = next(base for base in lineage if name in vars(base))
            assert _is_in_kit(owner) or _is_strict_xfail(vars(owner)[name]), (
                f"{owner.__name__}.{name} replaces a test of the contract: mark it as a strict xfail with a reason"
            )


def _is_in_kit(base: type) -> bool:
    return base.__module__.startswith(_KIT) or "specification" in vars(base)


def _is_strict_xfail(test: Any) -> bool:
    marks = [mark.kwargs for mark in getattr(test, "pytestmark", []) if mark.name == "xfail"]
    return any(mark.get("strict") and mark.get("reason") for mark in marks)
