"""Targets: qubit and coupling ids, topologies, chips."""
