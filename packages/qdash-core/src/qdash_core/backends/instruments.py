"""What a backend measures a chip with, what it offers to tasks, keeps and knows of it: asked without a connection."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from qdash_core.errors import BackendError

if TYPE_CHECKING:
    from qdash_core.backends.base import BackendContext, BaseBackend


def instrument_of(backend: type[BaseBackend], context: BackendContext) -> str:
    """Return the name of the instrument with which a backend measures the chip of a context.

    Raises
    ------
    BackendError
        If the backend's own code fails, or what it answers is no name.
    """
    chip = f"chip {context.chip_id} of project {context.project_id}"
    try:
        instrument = backend.instrument(context)
    except (Exception, SystemExit) as error:
        raise BackendError(
            f"backend {backend.name} cannot say with which instrument it measures {chip}: {error}"
        ) from error
    if not isinstance(instrument, str) or not instrument.strip():
        raise BackendError(
            f"backend {backend.name} names {instrument!r} as the instrument with which it measures {chip}: "
            "it has to be a text that is not empty"
        )
    return instrument


def offers_of(backend: type[BaseBackend], context: BackendContext) -> frozenset[str]:
    """Return what tasks may require of a backend on the chip of a context.

    Raises
    ------
    BackendError
        If the backend's own code fails, or what it answers is no set of names.
    """
    chip = f"chip {context.chip_id} of project {context.project_id}"
    try:
        offers = backend.offers(context)
    except (Exception, SystemExit) as error:
        raise BackendError(f"backend {backend.name} cannot say what it offers on {chip}: {error}") from error
    if not isinstance(offers, (frozenset, set)) or not all(
        isinstance(one, str) and one.strip() for one in offers
    ):
        raise BackendError(
            f"backend {backend.name} says that it offers {offers!r} on {chip}: it has to be a set of names"
        )
    return frozenset(offers)


def files_of(backend: type[BaseBackend], context: BackendContext) -> tuple[str, ...]:
    """Return the files below the home in which a backend keeps what it knows of the chip of a context.

    Raises
    ------
    BackendError
        If the backend's own code fails, or what it answers are no paths below the home.
    """
    chip = f"chip {context.chip_id} of project {context.project_id}"
    try:
        files = tuple(backend.files(context))
    except (Exception, SystemExit) as error:
        raise BackendError(
            f"backend {backend.name} cannot say which files it keeps of {chip}: {error}"
        ) from error
    for file in files:
        if not isinstance(file, str) or not _is_below(PurePosixPath(file)):
            raise BackendError(
                f"backend {backend.name} names {file!r} as a file that it keeps of {chip}: it has to be a path "
                "relative to the home"
            )
    return files


def tags_of(backend: type[BaseBackend], context: BackendContext) -> tuple[str, ...]:
    """Return the tags that every run with a backend carries on the chip of a context.

    Raises
    ------
    BackendError
        If the backend's own code fails, or what it answers are no tags.
    """
    chip = f"chip {context.chip_id} of project {context.project_id}"
    try:
        answer = backend.tags(context)
        tags = None if isinstance(answer, str) else tuple(answer)
    except (Exception, SystemExit) as error:
        raise BackendError(
            f"backend {backend.name} cannot say how runs on {chip} are tagged: {error}"
        ) from error
    if tags is None or not all(isinstance(one, str) and one.strip() for one in tags):
        raise BackendError(f"backend {backend.name} tags runs on {chip} with {answer!r}: these are no tags")
    return tags


def design_of(backend: type[BaseBackend], context: BackendContext) -> dict[str, dict[str, float]]:
    """Return the design values that a backend knows of the chip of a context.

    Raises
    ------
    BackendError
        If the backend's own code fails, or what it answers is no mapping of targets to values by name.
    """
    chip = f"chip {context.chip_id} of project {context.project_id}"
    try:
        return {target: dict(values) for target, values in backend.design(context).items()}
    except (Exception, SystemExit) as error:
        raise BackendError(
            f"backend {backend.name} cannot say what the design of {chip} is: {error}"
        ) from error


def _is_below(path: PurePosixPath) -> bool:
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts
