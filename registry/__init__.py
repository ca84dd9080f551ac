"""Signed, immutable adapter versions: snapshot, signature, lineage, rollback choice, view."""
