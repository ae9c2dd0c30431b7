from __future__ import annotations

from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.new_twin_document_options import NewTwinDocumentOptions


T = TypeVar("T", bound="NewTwinDocument")


@_attrs_define
class NewTwinDocument:
    """New twin and its chip.

    Attributes:
        chip_id (str):
        project_id (str):
        device (str):
        seed (int):
        options (NewTwinDocumentOptions):
        n_qubits (int):
        n_couplings (int):
        backend (Literal['fake'] | Unset):  Default: 'fake'.
    """

    chip_id: str
    project_id: str
    device: str
    seed: int
    options: NewTwinDocumentOptions
    n_qubits: int
    n_couplings: int
    backend: Literal["fake"] | Unset = "fake"

    def to_dict(self) -> dict[str, Any]:
        chip_id = self.chip_id

        project_id = self.project_id

        device = self.device

        seed = self.seed

        options = self.options.to_dict()

        n_qubits = self.n_qubits

        n_couplings = self.n_couplings

        backend = self.backend

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "chip_id": chip_id,
                "project_id": project_id,
                "device": device,
                "seed": seed,
                "options": options,
                "n_qubits": n_qubits,
                "n_couplings": n_couplings,
            }
        )
        if backend is not UNSET:
            field_dict["backend"] = backend

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.new_twin_document_options import NewTwinDocumentOptions  # noqa: PLC0415

        d = dict(src_dict)
        chip_id = d.pop("chip_id")

        project_id = d.pop("project_id")

        device = d.pop("device")

        seed = d.pop("seed")

        options = NewTwinDocumentOptions.from_dict(d.pop("options"))

        n_qubits = d.pop("n_qubits")

        n_couplings = d.pop("n_couplings")

        backend = cast(Literal["fake"] | Unset, d.pop("backend", UNSET))
        if backend != "fake" and not isinstance(backend, Unset):
            raise ValueError(f"backend must match const 'fake', got '{backend}'")

        new_twin_document = cls(
            chip_id=chip_id,
            project_id=project_id,
            device=device,
            seed=seed,
            options=options,
            n_qubits=n_qubits,
            n_couplings=n_couplings,
            backend=backend,
        )

        return new_twin_document
