"""The store: primitives, their implementations, and the repositories written over them."""
