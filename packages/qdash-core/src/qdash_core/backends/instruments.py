"""Calls of backends without a connection: instrument, its units and constraints, offers, files, tags, design and simulation."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, get_args

from qdash_core.backends.base import BaseBackend
from qdash_core.backends.constraints import InstrumentConstraints
from qdash_core.errors import BackendError
from qdash_core.models.claims import ClaimUnit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from qdash_core.backends.base import BackendContext, ChipKnowledge

logger = logging.getLogger(__name__)


def get_instrument(backend: type[BaseBackend], context: BackendContext) -> str:
    """Return the name of the instrument with which a backend measures the chip of a context.

    Raises
    ------
    BackendError
        If the backend's own code fails, or its result is not a name.
    """
    chip = _label_of_chip(context)
    with _convert_backend_errors(backend, f"with which instrument it measures {chip}"):
        instrument = backend.instrument(context)
    if not isinstance(instrument, str) or not instrument.strip():
        raise BackendError(
            f"backend {backend.name} names {instrument!r} as the instrument with which it measures {chip}: "
            "it has to be a text that is not empty"
        )
    return instrument


def get_claim_unit(backend: type[BaseBackend], context: BackendContext) -> ClaimUnit:
    """Return the smallest part of the instrument that a run on the chip of a context claims.

    A backend that cannot merge calibration notes shares no instrument.

    Raises
    ------
    BackendError
        If the backend's own code fails, or its result is not a unit.
    """
    unit = get_declared_unit(backend, context)
    return unit if merges_notes(backend) else "instrument"


def get_declared_unit(backend: type[BaseBackend], context: BackendContext) -> ClaimUnit:
    """Return the unit that a backend declares. The errors are those of `get_claim_unit`."""
    chip = _label_of_chip(context)
    with _convert_backend_errors(backend, f"which part of its instrument a run on {chip} uses"):
        unit = backend.claim_unit(context)
    if not isinstance(unit, str) or unit not in get_args(ClaimUnit):
        raise BackendError(
            f"backend {backend.name} names {unit!r} as the part of its instrument that a run on {chip} uses: it has to be one of "
            f"{', '.join(get_args(ClaimUnit))}"
        )
    return unit


def merges_notes(backend: type[BaseBackend]) -> bool:
    """Return whether a backend has its own `merge_note`."""
    return getattr(backend.merge_note, "__func__", None) is not getattr(
        BaseBackend.merge_note, "__func__", None
    )


def get_offers(
    backend: type[BaseBackend], context: BackendContext, requests: Iterable[type[Any]] = ()
) -> frozenset[str]:
    """Return the features that a backend offers to tasks on the chip of a context.

    `requests` has the kinds of requests that plugins provide: the names of supported ones are features.

    Raises
    ------
    BackendError
        If the backend's own code fails, or its result is not a set of names.
    """
    chip = _label_of_chip(context)
    with _convert_backend_errors(backend, f"what it offers on {chip}"):
        offers = backend.offers(context)
    if not isinstance(offers, (frozenset, set)) or not all(
        isinstance(one, str) and one.strip() for one in offers
    ):
        raise BackendError(
            f"backend {backend.name} says that it offers {offers!r} on {chip}: it has to be a set of names"
        )
    supported = (one for one in requests if _supports_request(backend, context, one))
    return frozenset(offers).union(one.__name__ for one in supported)


def _supports_request(backend: type[BaseBackend], context: BackendContext, request: type[Any]) -> bool:
    """Return whether a backend supports a kind of a plugin; a kind that fails is logged, and not supported."""
    try:
        return bool(backend.supports_request(context, request))
    except Exception:
        logger.warning(
            "%s: backend %s cannot tell whether it supports this request",
            request.__name__,
            backend.name,
            exc_info=True,
        )
        return False


def get_constraints(backend: type[BaseBackend], context: BackendContext) -> InstrumentConstraints:
    """Return the constraints of the instruments with which a backend measures the chip of a context.

    Raises
    ------
    BackendError
        If the backend's own code fails, or its result is not `InstrumentConstraints`.
    """
    chip = _label_of_chip(context)
    with _convert_backend_errors(backend, f"what its instruments cannot measure together on {chip}"):
        constraints = backend.constraints(context)
    if not isinstance(constraints, InstrumentConstraints):
        raise BackendError(
            f"backend {backend.name} declares {constraints!r} as constraints on {chip}: it has to be InstrumentConstraints"
        )
    return constraints


def list_files(backend: type[BaseBackend], context: BackendContext) -> tuple[str, ...]:
    """Return the files below the home with a backend's data on the chip of a context.

    Raises
    ------
    BackendError
        If the backend's own code fails, or its result is not paths below the home.
    """
    chip = _label_of_chip(context)
    with _convert_backend_errors(backend, f"which files it keeps of {chip}"):
        files = tuple(backend.files(context))
    for file in files:
        if not isinstance(file, str) or not _is_below(PurePosixPath(file)):
            raise BackendError(
                f"backend {backend.name} names {file!r} as a file that it keeps of {chip}: it has to be a path "
                "relative to the home"
            )
    return files


def list_tags(backend: type[BaseBackend], context: BackendContext) -> tuple[str, ...]:
    """Return the tags that every run with a backend carries on the chip of a context.

    Raises
    ------
    BackendError
        If the backend's own code fails, or its result is not tags.
    """
    chip = _label_of_chip(context)
    with _convert_backend_errors(backend, f"how runs on {chip} are tagged"):
        answer = backend.tags(context)
        tags = None if isinstance(answer, str) else tuple(answer)
    if tags is None or not all(isinstance(one, str) and one.strip() for one in tags):
        raise BackendError(f"backend {backend.name} tags runs on {chip} with {answer!r}: these are no tags")
    return tags


def get_design(backend: type[BaseBackend], context: BackendContext) -> dict[str, dict[str, float]]:
    """Return a backend's design values of the chip of a context.

    Raises
    ------
    BackendError
        If the backend's own code fails, or its result is not a mapping of targets to values by name.
    """
    with _convert_backend_errors(backend, f"what the design of {_label_of_chip(context)} is"):
        return {target: dict(values) for target, values in backend.design(context).items()}


def is_simulation(backend: type[BaseBackend], chip_backend: str) -> bool:
    """Return whether a backend simulates a chip whose own backend is `chip_backend`."""
    return backend.simulated and backend.name != chip_backend


def prepare_simulation(backend: type[BaseBackend], context: BackendContext, chip: ChipKnowledge) -> None:
    """Let a backend prepare its simulation of a chip that has another backend; raise BackendError if the backend's own code fails."""
    with _convert_backend_errors(backend, f"how to simulate {_label_of_chip(context)}"):
        backend.simulate(context, chip)


@contextmanager
def _convert_backend_errors(backend: type[BaseBackend], what: str) -> Iterator[None]:
    """Convert exceptions of a backend's code into a `BackendError` that names the backend and the question."""
    try:
        yield
    except (Exception, SystemExit) as error:
        raise BackendError(f"backend {backend.name} cannot say {what}: {error}") from error


def _label_of_chip(context: BackendContext) -> str:
    return f"chip {context.chip_id} of project {context.project_id}"


def _is_below(path: PurePosixPath) -> bool:
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts
