"""A format of files: what `qdash import` reads and `qdash export` writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.chips.chip import Chip
    from qdash_core.formats.brought import Brought


class Format:
    """A reader, a writer, or both, of the files of a laboratory. No method touches hardware, store or network.

    A subclass that reads has `reads` and `read`; one that writes has `write`.

    Attributes
    ----------
    name : str
        What `--format` calls it: lower-case letters, digits and `-`.
    title : str
        What it is, in a few words for people.
    copies_files : bool
        Whether `write` copies what stands in files of the machine that it runs on. Of a host, only administrators are given that.
    one_file : bool
        Whether it always writes one file, which `qdash export --output` may then call otherwise; else that names a folder.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    copies_files: ClassVar[bool] = False
    one_file: ClassVar[bool] = False

    def reads(self, path: Path) -> bool:
        """Return whether a file or folder looks like one of this format: by names and a glance, and never raises for others.

        `qdash import` asks every format, and reads with the only one that says so.
        """
        del path
        return False

    def read(self, path: Path, chip: Chip | None) -> Brought:
        """Return what a file or folder says.

        Parameters
        ----------
        path : Path
            File or folder.
        chip : Chip or None
            The chip that it is about, as it stands, where there is one already: for a file that does not say how many
            qubits there are.

        Raises
        ------
        InvalidInputError
            If it cannot be read, or something in it cannot be; one line that names file and key.
        """
        raise NotImplementedError

    def write(self, chip: Chip, folder: Path) -> list[Path]:
        """Write the accepted values of a chip, or what else the format holds of it, and return the files.

        Parameters
        ----------
        chip : Chip
            As it stands: values are the `data` of its qubits and couplings. What it has no value for is left out.
        folder : Path
            Empty and there. Whoever exports puts the files where they are wanted; subfolders are kept.

        Raises
        ------
        InvalidInputError
            If the format cannot hold this chip.
        """
        raise NotImplementedError

    @property
    def is_reader(self) -> bool:
        """Whether it can be imported."""
        return type(self).read is not Format.read

    @property
    def is_writer(self) -> bool:
        """Whether it can be exported."""
        return type(self).write is not Format.write
