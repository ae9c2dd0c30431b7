"""A client of the HTTP host, generated from its OpenAPI document."""
