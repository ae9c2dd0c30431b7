"""Settings of qubex's configuration folder and system, from the environment (`QDASH_QUBEX_*`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from qdash_core import InvalidInputError
from qdash_core.models.error_messages import describe_error
from qdash_core.settings import read_variables

_PREFIX = "QDASH_QUBEX_"
ConfigurationMode = Literal["ge-cr-cr", "ge-ef-cr", "ge-ef-fh"]


def _check_factory(text: str) -> str:
    module, separator, name = text.partition(":")
    if not separator or not name.isidentifier() or not all(part.isidentifier() for part in module.split(".")):
        raise ValueError("a factory is module:name, as in my_laboratory.controllers:simulated")
    return text


class QubexSettings(BaseModel):
    """Frozen settings; `load_qubex_settings` creates them and explains an error in one line."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    config: Path | None = None
    """Root of the configuration, with `config/` and `params/SYSTEM/` below it, or None for qubex's default."""
    system: str | None = None
    """Id of the system, or None for the system with the chip's name, otherwise the only one with such a chip."""
    controller: Annotated[str, AfterValidator(_check_factory)] | None = None
    """`module:factory` of a controller that replaces qubex's own, such as a simulator, or None."""
    configuration_mode: ConfigurationMode = Field(default="ge-cr-cr")
    """Assignment of generators to the ports of a QuEL-1; ports of a QuEL-3 have all generators."""


def load_qubex_settings() -> QubexSettings:
    """Return the settings in force; raise InvalidInputError naming an invalid variable."""
    try:
        return QubexSettings.model_validate(read_variables(_PREFIX, QubexSettings.model_fields))
    except ValidationError as error:
        complaints = "; ".join(
            f"{_PREFIX}{str(one['loc'][0]).upper()}: {describe_error(one)}" for one in error.errors()
        )
        raise InvalidInputError(complaints) from error
