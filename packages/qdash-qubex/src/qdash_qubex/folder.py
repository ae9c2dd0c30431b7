"""Configuration folder of qubex, read without qubex: systems, and the system of a chip."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from qdash_core import InvalidInputError, NotFoundError
from qdash_qubex.files import read_yaml, require_mapping
from qdash_qubex.system_config import QubexSystem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_qubex.settings import QubexSettings
    from qdash_qubex.system_config import Kind


@dataclass(frozen=True, slots=True)
class ConfigurationFolder:
    """Folder that holds `params/`, and `config/` with `chip.yaml`, `system.yaml`, `box.yaml` and `wiring.yaml`."""

    root: Path
    config: Path

    @classmethod
    def find(cls, settings: QubexSettings, *ids: str) -> ConfigurationFolder:
        """Return the folder of the settings, or else the default folder of qubex.

        Older folders contain one with an id of the chip, with `config/` and `params/` in it. Raises NotFoundError with
        the searched folders.
        """
        roots = _list_roots(settings)
        for root in roots:
            for config in (root / "config", *(root / one / "config" for one in ids if one)):
                if (config / "chip.yaml").is_file():
                    return cls(root, config)
        looked = ", ".join(str(root / "config") for root in roots)
        raise NotFoundError(
            f"qubex has no configuration: no chip.yaml in {looked}; set QDASH_QUBEX_CONFIG to its folder"
        )

    def list_systems(self) -> dict[str, QubexSystem]:
        """Return all systems by id; without a `system.yaml` every chip is a system on QuEL-1.

        Raises InvalidInputError if a file cannot be read or is invalid.
        """
        chips = {str(chip): entry for chip, entry in read_yaml(self.config / "chip.yaml").items()}
        found = {}
        for system_id, entry in self._parse_entries(chips).items():
            chip_id = str(entry.get("chip_id", system_id))
            if chip_id in chips:
                found[system_id] = self._make_system(system_id, chip_id, entry, chips[chip_id])
        return found

    def get_system(self, chip_id: str, named: str | None = None) -> QubexSystem:
        """Return the system for a chip of QDash.

        Parameters
        ----------
        named
            Id of the system, or None for the system with the chip's name, otherwise the only system with a chip of that id.

        Raises
        ------
        NotFoundError
            If no system can be selected; the message lists the systems.
        InvalidInputError
            As for `list_systems`.
        """
        systems = self.list_systems()
        fitting = [one for one in systems.values() if one.chip_id == chip_id]
        if (named or chip_id) in systems:
            return systems[named or chip_id]
        if named is None and len(fitting) == 1:
            return fitting[0]
        known = ", ".join(f"{one.system_id} (chip {one.chip_id})" for one in systems.values()) or "none"
        several = f"are {len(fitting)} systems" if fitting else "is no system"
        wanted = f"is no system {named!r}" if named else f"{several} of a chip {chip_id!r}"
        raise NotFoundError(
            f"there {wanted} in {self.config} (systems: {known}); set QDASH_QUBEX_SYSTEM to one of them"
        )

    def _parse_entries(self, chips: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        path = self.config / "system.yaml"
        content = read_yaml(path) if path.is_file() else {}
        if not content:
            return {chip: {} for chip in chips}
        if "chip_id" in content or "backend" in content:
            return {str(content.get("chip_id")): content}
        return {str(name): require_mapping(entry, f"{path}: {name}") for name, entry in content.items()}

    def _make_system(
        self, system_id: str, chip_id: str, entry: Mapping[str, Any], chip: object
    ) -> QubexSystem:
        place = f"{self.config / 'chip.yaml'}: {chip_id}"
        n_qubits = _read_size(require_mapping(chip, place), place)
        return QubexSystem(
            system_id=system_id,
            chip_id=chip_id,
            kind=_read_kind(entry, f"{self.config / 'system.yaml'}: {system_id}"),
            n_qubits=n_qubits,
            wiring=self._find_wiring(system_id, chip_id),
            params=self._find_params(system_id, chip_id),
        )

    def _find_wiring(self, *ids: str) -> tuple[Mapping[str, Any], ...]:
        path = self.config / "wiring.yaml"
        content = read_yaml(path) if path.is_file() else {}
        rows = next((content[one] for one in ids if content.get(one)), ())
        if not isinstance(rows, list | tuple):
            raise InvalidInputError(f"{path}: {ids[0]} is not a list of multiplexers")
        return tuple(require_mapping(row, f"{path}: {ids[0]}") for row in rows)

    def _find_params(self, *ids: str) -> Path:
        places = [self.root / "params" / one for one in ids] + [self.root / one / "params" for one in ids]
        return next((place for place in places if place.is_dir()), places[0])


def check_configuration_file(name: str, content: Mapping[Any, Any]) -> bool:
    """Validate the contents of a `chip.yaml` or `system.yaml` alone, and return whether it is one of qubex.

    Raises InvalidInputError with the key if a number of qubits or a backend is invalid.
    """
    key, check = {"chip.yaml": ("n_qubits", _read_size), "system.yaml": ("backend", _read_kind)}.get(
        name, ("", None)
    )
    entries = {
        f"{one}.{key}": entry for one, entry in content.items() if isinstance(entry, Mapping) and key in entry
    }
    if check is None or not entries:
        return False
    for place, entry in entries.items():
        check(entry, place)
    return True


def _read_size(chip: Mapping[str, Any], place: str) -> int:
    n_qubits = chip.get("n_qubits")
    if isinstance(n_qubits, bool) or not isinstance(n_qubits, int) or n_qubits < 1:
        raise InvalidInputError(f"{place}: n_qubits is {n_qubits!r}, not a number of qubits")
    return n_qubits


def _read_kind(entry: Mapping[str, Any], place: str) -> Kind:
    kind = str(entry.get("backend", "quel1")).strip().lower()
    if kind not in ("quel1", "quel3"):
        raise InvalidInputError(f"{place}: the backend is {kind!r}, neither quel1 nor quel3")
    return cast("Kind", kind)


def _list_roots(settings: QubexSettings) -> Sequence[Path]:
    if settings.config is not None:
        return (settings.config.expanduser(),)
    if named := os.environ.get("QUBEX_CONFIG_ROOT"):
        return (Path(named).expanduser(),)
    return (Path.home() / "qubex-config", Path("/opt/qubex-config"), Path("/home/shared/qubex-config"))
