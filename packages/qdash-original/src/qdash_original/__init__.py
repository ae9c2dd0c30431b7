"""Import of databases of the original system into a store.

`source` reads the collections, `original_import` determines their order, and `import_transaction` writes the records.
"""
