"""Names of qubits and pairs in qubex and in QDash: `Q00` is `0`, and `Q00-Q01` is `0-1`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qdash_core import InvalidInputError, NotFoundError, parse_target_id

_LABEL = re.compile(r"Q[0-9]+(-Q[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Names:
    """Labels of the qubits of one chip, all with the number of digits of the highest number."""

    count: int

    def qubit(self, qid: str | int) -> str:
        """Return the label of a qubit: `"0"` is `Q00` on a chip of 11 to 100 qubits.

        Raises NotFoundError if the chip has no such qubit.
        """
        text = str(qid)
        if not text.isascii() or not text.isdecimal() or int(text) >= self.count:
            raise NotFoundError(
                f"there is no qubit {qid!r}: this chip of qubex has {self.count} qubits, 0 to {self.count - 1}"
            )
        return f"Q{int(text):0{len(str(self.count - 1))}d}"

    def target(self, target: str) -> str:
        """Return the label of a qubit, or of a pair in the given order: `"1-0"` is `Q01-Q00`.

        Raises NotFoundError if the chip has no such qubit.
        """
        return "-".join(self.qubit(qid) for qid in target.split("-"))

    def qubits(self) -> tuple[str, ...]:
        """Return the ids of all qubits."""
        return tuple(str(number) for number in range(self.count))


def make_target_id(label: str | int) -> str:
    """Return the id for a qubex label, or for a number in its files: `Q01-Q00` is `0-1`.

    Raises InvalidInputError for neither a qubit nor a pair, such as a readout (`RQ00`) or the second transition (`Q00-ef`).
    """
    text = str(label)
    if not (text.isascii() and text.isdecimal()) and not _LABEL.fullmatch(text):
        raise InvalidInputError(f"{label!r} is not a qubit or pair of qubex, such as Q00 or Q00-Q01")
    return parse_target_id(str(int(text)) if text.isdecimal() else text)
