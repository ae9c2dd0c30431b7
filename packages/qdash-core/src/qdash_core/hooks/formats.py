"""Base class of file formats for `qdash import` and `qdash export`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pathlib import Path, PurePosixPath

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.imported_data import ImportedData
    from qdash_core.hooks.usable_device import UsableDevice


class Format:
    """Reader, writer, or both, of a laboratory's files. No method accesses hardware, store or network.

    A subclass that reads has `reads` and `read`; one that writes has `write`, or `write_device` for a file about the usable
    part of a chip. Each may have `check_file`, for files that users edit through QDash.

    Attributes
    ----------
    name : str
        Name for `--format`: lower-case letters, digits and `-`.
    title : str
        Short description for users.
    copies_files : bool
        Whether `write` copies contents of files on the machine where it runs. A host gives them to
        administrators only.
    one_file : bool
        Whether it always writes one file, for which `qdash export --output` may give another name; otherwise
        that option names a folder.
    for_use : bool
        Whether another program uses what `write` writes: unfit, excluded and dead targets have no values in the given chip, unless
        the user adds the unfit ones.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    copies_files: ClassVar[bool] = False
    one_file: ClassVar[bool] = False
    for_use: ClassVar[bool] = False

    def reads(self, path: Path) -> bool:
        """Return whether a file or folder looks like this format, from a quick look, without raising.

        `qdash import` asks every format, and reads with the only one that returns True.
        """
        del path
        return False

    def read(self, path: Path, chip: Chip | None) -> ImportedData:
        """Return the data in a file or folder.

        `chip` is the existing one, if any, for files that do not give the number of qubits.

        Raises
        ------
        InvalidInputError
            If it cannot be read or has an invalid entry; the message is one line with file and key.
        """
        raise NotImplementedError

    def check_file(self, path: PurePosixPath, text: str) -> bool:
        """Validate an edited file, and return whether it is of this format.

        `qdash file` and the dashboard call it before a file is written. Return False for all that is not surely of this
        format: an edit of a file that another program owns must not be refused.

        Parameters
        ----------
        path : PurePosixPath
            The file below its root, or its name alone. It may not exist yet.
        text : str
            The new contents: if the suffix says so, valid JSON, YAML, TOML, CSV or Python.

        Raises
        ------
        InvalidInputError
            If it is invalid. A `qdash_core.parsing.text_error.TextError` has line and column; the place of another error is that of the key in
            JSON or YAML that its message names, such as `data.Q00`.
        """
        del path, text
        return False

    def write(self, chip: Chip, folder: Path) -> list[Path]:
        """Write the accepted values of a chip, and other data of the format, and return the files.

        Parameters
        ----------
        chip : Chip
            The chip; its values are the `data` of its qubits and couplings, and their marks are `marks`, except
            for a chip of a release. Parameters without a value are left out.
        folder : Path
            An existing empty folder. The caller moves the files to their destination, with subfolders.

        Raises
        ------
        InvalidInputError
            If the format cannot represent this chip.
        """
        raise NotImplementedError

    def write_device(self, device: UsableDevice, folder: Path) -> list[Path]:
        """Write the usable part of a chip, with at least one qubit, into a folder as for `write`, and return the files.

        Raises
        ------
        InvalidInputError
            If the format cannot represent this device.
        """
        raise NotImplementedError

    @property
    def is_reader(self) -> bool:
        """True if the format can be imported."""
        return type(self).read is not Format.read

    @property
    def is_writer(self) -> bool:
        """True if the format can be exported."""
        return type(self).write is not Format.write or self.writes_devices

    @property
    def writes_devices(self) -> bool:
        """True if it writes the usable part of a chip, for which users may set limits."""
        return type(self).write_device is not Format.write_device
