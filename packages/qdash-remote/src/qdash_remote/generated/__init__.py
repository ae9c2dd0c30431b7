"""A client library for accessing QDash"""

from .client import AuthenticatedClient, Client

__all__ = ("AuthenticatedClient", "Client")
