"""Command `python -m qubex_on_a_twin CHIP`: creates a configuration folder and a twin to try the backend
`qubex`.
"""

import argparse
from pathlib import Path

from qdash_core import load_settings
from qdash_fake import load_device

from qubex_on_a_twin.making import make, part_of


def main() -> None:
    """Create both, and print the environment variables that select them."""
    parser = argparse.ArgumentParser(prog="python -m qubex_on_a_twin", description=__doc__)
    parser.add_argument("chip", help="id of the chip, and of the library's system")
    parser.add_argument(
        "--device", default="square-lattice-mux-4", help="a table of `qdash twin list`, or a topology"
    )
    parser.add_argument("--qubits", help="only these, with commas")
    parser.add_argument("--config", type=Path, default=Path("qubex-config"), help="the configuration folder")
    parser.add_argument("--seed", type=int, default=0, help="draws what the chip really is")
    given = parser.parse_args()
    table, home = load_device(given.device), load_settings().home
    if given.qubits:
        table = part_of(table, given.qubits.split(","))
    made = make(
        given.chip,
        table,
        home=home,
        config=given.config.absolute(),
        seed=given.seed,
        readout_as_designed=True,
    )
    for name, value in made.environment(home).items():
        print(f"export {name}={value}")


if __name__ == "__main__":
    main()
