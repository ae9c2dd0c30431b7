from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.new_twin_document_options import NewTwinDocumentOptions


T = TypeVar("T", bound="NewTwinDocument")


@_attrs_define
class NewTwinDocument:
    """View model of a new twin and its chip.

    Attributes:
        chip_id (str):
        project_id (str):
        device (str):
        seed (int):
        options (NewTwinDocumentOptions):
        backend (str):
        n_qubits (int):
        n_couplings (int):
    """

    chip_id: str
    project_id: str
    device: str
    seed: int
    options: NewTwinDocumentOptions
    backend: str
    n_qubits: int
    n_couplings: int

    def to_dict(self) -> dict[str, Any]:
        chip_id = self.chip_id

        project_id = self.project_id

        device = self.device

        seed = self.seed

        options = self.options.to_dict()

        backend = self.backend

        n_qubits = self.n_qubits

        n_couplings = self.n_couplings

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "chip_id": chip_id,
                "project_id": project_id,
                "device": device,
                "seed": seed,
                "options": options,
                "backend": backend,
                "n_qubits": n_qubits,
                "n_couplings": n_couplings,
            }
        )

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

        backend = d.pop("backend")

        n_qubits = d.pop("n_qubits")

        n_couplings = d.pop("n_couplings")

        new_twin_document = cls(
            chip_id=chip_id,
            project_id=project_id,
            device=device,
            seed=seed,
            options=options,
            backend=backend,
            n_qubits=n_qubits,
            n_couplings=n_couplings,
        )

        return new_twin_document
