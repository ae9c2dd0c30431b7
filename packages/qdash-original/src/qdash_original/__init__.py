"""Import of databases of the original system into a store.

From a URL to records: `source` reads the collections, `original_import` determines their order, `original_document`
reads one document field by field with `values`, `users_and_projects`, `chips` and `runs` convert it to records, `pulses`
omits values of pulses that QDash plays differently, `conversion_state` holds data of other documents, and
`import_transaction` writes the records.
"""
