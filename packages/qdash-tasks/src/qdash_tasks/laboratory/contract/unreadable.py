"""Request that fails when it is measured, as if an instrument rejected one target."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

from qdash_core.errors import BackendError

if TYPE_CHECKING:
    from qdash_tasks.laboratory.request import Request


class Unreadable:
    """Sweep that raises `BackendError` on any access."""

    __array_ufunc__ = None

    def __getattr__(self, name: str) -> NoReturn:
        raise BackendError("simulated failure of this target")

    def _fail(self, *_: object, **__: object) -> Any:
        raise BackendError("simulated failure of this target")

    __array__ = __len__ = __iter__ = __getitem__ = __float__ = __bool__ = __neg__ = __abs__ = _fail
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _fail
    __pow__ = __rpow__ = __mod__ = __floordiv__ = __lt__ = __le__ = __gt__ = __ge__ = _fail


def make_unreadable(request: Request) -> Request:
    """Return a copy of a request whose sweep cannot be read."""
    found = replace(request)
    object.__setattr__(found, request.swept, Unreadable())
    return found
