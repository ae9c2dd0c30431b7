"""Import of databases of the original system into a store.

From a URL to records: `source` reads the collections, `collections` has their destinations, `original_import` determines their order,
`original_document` reads one document field by field with `values`, `task_units` and `unread_fields`; `users_and_projects`,
`runs`, `lineage`, `scoped_notes` and `chips` convert it to records, `directions` merges couplings in two directions, `pulses` omits
values of pulses that QDash plays differently, `conversion_state` holds data of other documents, `import_transaction` writes the
records, and `omission_kinds` groups the omissions.
"""
