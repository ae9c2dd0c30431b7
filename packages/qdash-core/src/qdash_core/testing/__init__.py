"""The conformance kit: abstract pytest classes that a plugin author subclasses."""
