"""Databases of the original system: read, converted, and brought into a store.

From a URL to records: `source` reads the collections, `importing` says in which order, `original_document` reads one
document field by field with `values`, `people`, `chips` and `runs` make records of it, `pulses` leaves out what is
played otherwise here, `known` remembers what documents say of each other, `arrival` writes.
"""
