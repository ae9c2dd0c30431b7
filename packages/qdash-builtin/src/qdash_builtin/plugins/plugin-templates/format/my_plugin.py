"""Format of files: a table with the relaxation times of a chip, which `qdash import` and `qdash export` use."""

import csv

from qdash_core import Format, ImportedData, InitialValue, InvalidInputError, Parameter, hookimpl


class MyPluginFormat(Format):
    """Table with the columns qubit and t1_us."""

    name = "my-plugin"
    title = "T1 by qubit, in us"
    one_file = True

    def reads(self, path):
        """Return whether a file is of this format."""
        return path.name.endswith(".my-plugin.csv")

    def read(self, path, chip):
        """Return the values of a file."""
        try:
            rows = list(csv.DictReader(path.read_text().splitlines(), strict=True))
            times = {row["qubit"]: float(row["t1_us"]) for row in rows}
        except (KeyError, ValueError, csv.Error) as error:
            raise InvalidInputError(
                f"{path.name}: {error!r}: it takes the columns qubit and t1_us"
            ) from error
        return ImportedData(
            seeds={
                qubit: {"t1": InitialValue(Parameter(t1_us, unit="us"), path.name, f"qubit {qubit}")}
                for qubit, t1_us in times.items()
            }
        )

    def write(self, chip, folder):
        """Write the values of a chip into an empty folder."""
        file = folder / f"{chip.header.chip_id}.my-plugin.csv"
        with file.open("w", newline="") as table:
            writer = csv.writer(table)
            writer.writerow(("qubit", "t1_us"))
            writer.writerows(
                (qid, one.data["t1"].value) for qid, one in chip.qubits.items() if "t1" in one.data
            )
        return [file]


@hookimpl
def qdash_formats():
    return [MyPluginFormat()]
