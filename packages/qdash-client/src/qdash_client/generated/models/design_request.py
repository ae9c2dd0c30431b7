from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.design_request_couplings import DesignRequestCouplings
    from ..models.design_request_qubits import DesignRequestQubits


T = TypeVar("T", bound="DesignRequest")


@_attrs_define
class DesignRequest:
    """Design values by target, in GHz, MHz, ns and a.u.; null: no value, even if the backend has one.

    Attributes:
        qubits (DesignRequestQubits | Unset):
        couplings (DesignRequestCouplings | Unset):
    """

    qubits: DesignRequestQubits | Unset = UNSET
    couplings: DesignRequestCouplings | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        qubits: dict[str, Any] | Unset = UNSET
        if not isinstance(self.qubits, Unset):
            qubits = self.qubits.to_dict()

        couplings: dict[str, Any] | Unset = UNSET
        if not isinstance(self.couplings, Unset):
            couplings = self.couplings.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if qubits is not UNSET:
            field_dict["qubits"] = qubits
        if couplings is not UNSET:
            field_dict["couplings"] = couplings

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.design_request_couplings import DesignRequestCouplings  # noqa: PLC0415
        from ..models.design_request_qubits import DesignRequestQubits  # noqa: PLC0415

        d = dict(src_dict)
        _qubits = d.pop("qubits", UNSET)
        qubits: DesignRequestQubits | Unset
        if isinstance(_qubits, Unset):
            qubits = UNSET
        else:
            qubits = DesignRequestQubits.from_dict(_qubits)

        _couplings = d.pop("couplings", UNSET)
        couplings: DesignRequestCouplings | Unset
        if isinstance(_couplings, Unset):
            couplings = UNSET
        else:
            couplings = DesignRequestCouplings.from_dict(_couplings)

        design_request = cls(
            qubits=qubits,
            couplings=couplings,
        )

        return design_request
