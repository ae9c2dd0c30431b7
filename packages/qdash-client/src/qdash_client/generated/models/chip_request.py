from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.design_request import DesignRequest
    from ..models.topology_document import TopologyDocument
    from ..models.wiring_document import WiringDocument


T = TypeVar("T", bound="ChipRequest")


@_attrs_define
class ChipRequest:
    """Request to create a chip.

    Attributes:
        chip_id (str):
        topology (str | TopologyDocument): Name of a built-in topology, or a topology.
        backend (str | Unset): Backend that measures the chip. Default: 'fake'.
        wiring (None | Unset | WiringDocument):
        design (DesignRequest | None | Unset):
    """

    chip_id: str
    topology: str | TopologyDocument
    backend: str | Unset = "fake"
    wiring: None | Unset | WiringDocument = UNSET
    design: DesignRequest | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.design_request import DesignRequest  # noqa: PLC0415
        from ..models.topology_document import TopologyDocument  # noqa: PLC0415
        from ..models.wiring_document import WiringDocument  # noqa: PLC0415

        chip_id = self.chip_id

        topology: dict[str, Any] | str
        if isinstance(self.topology, TopologyDocument):
            topology = self.topology.model_dump(mode="json", exclude_none=True)
        else:
            topology = self.topology

        backend = self.backend

        wiring: dict[str, Any] | None | Unset
        if isinstance(self.wiring, Unset):
            wiring = UNSET
        elif isinstance(self.wiring, WiringDocument):
            wiring = self.wiring.model_dump(mode="json", exclude_none=True)
        else:
            wiring = self.wiring

        design: dict[str, Any] | None | Unset
        if isinstance(self.design, Unset):
            design = UNSET
        elif isinstance(self.design, DesignRequest):
            design = self.design.to_dict()
        else:
            design = self.design

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "chip_id": chip_id,
                "topology": topology,
            }
        )
        if backend is not UNSET:
            field_dict["backend"] = backend
        if wiring is not UNSET:
            field_dict["wiring"] = wiring
        if design is not UNSET:
            field_dict["design"] = design

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.design_request import DesignRequest  # noqa: PLC0415
        from ..models.topology_document import TopologyDocument  # noqa: PLC0415
        from ..models.wiring_document import WiringDocument  # noqa: PLC0415

        d = dict(src_dict)
        chip_id = d.pop("chip_id")

        def _parse_topology(data: object) -> str | TopologyDocument:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                topology_type_1 = TopologyDocument.model_validate(data, extra="ignore")

                return topology_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(str | TopologyDocument, data)

        topology = _parse_topology(d.pop("topology"))

        backend = d.pop("backend", UNSET)

        def _parse_wiring(data: object) -> None | Unset | WiringDocument:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                wiring_type_0 = WiringDocument.model_validate(data, extra="ignore")

                return wiring_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | WiringDocument, data)

        wiring = _parse_wiring(d.pop("wiring", UNSET))

        def _parse_design(data: object) -> DesignRequest | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                design_type_0 = DesignRequest.from_dict(data)

                return design_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DesignRequest | None | Unset, data)

        design = _parse_design(d.pop("design", UNSET))

        chip_request = cls(
            chip_id=chip_id,
            topology=topology,
            backend=backend,
            wiring=wiring,
            design=design,
        )

        return chip_request
