"""Dashboard page: the qubits of a chip with the shortest T1, each with a link to its own page."""

import streamlit as st
from qdash_builtin.metrics import ValuesQuery, chip_values
from qdash_ui_streamlit import Column, table

SHOWN = 10


def render(view):
    """Draw the page for the logged-in user."""
    st.title("Short T1")
    chip_id = view.chip_id()
    if chip_id is None:
        st.info("There is no chip in this project yet.")
        return
    st.write(f"The {SHOWN} qubits of {chip_id} that relax first.")
    values = view.ask(chip_values, chip_id, query=ValuesQuery(metric=["t1"]))
    rows = shortest(values.qubits)
    for row in rows:
        row["page"] = view.link("qubit", chip=chip_id, qubit=row["qubit"])
    columns = [
        Column("qubit", "Qubit", link="page"),
        Column("t1", "T1", "quantity"),
        Column("at", "Measured", "time"),
    ]
    table(view, columns, rows, key="short-t1", label="qubits", empty=f"No T1 is known on {chip_id}.")


def shortest(qubits, shown=SHOWN):
    """Return rows of the qubits with the shortest T1; a qubit without T1 is left out."""
    known = {qubit: values["t1"] for qubit, values in qubits.items() if "t1" in values}
    first = sorted(known, key=lambda qubit: known[qubit]["value"])[:shown]
    return [
        {
            "qubit": qubit,
            "t1": (known[qubit]["value"], known[qubit].get("error"), known[qubit].get("unit", "")),
            "at": known[qubit].get("calibrated_at"),
        }
        for qubit in first
    ]
