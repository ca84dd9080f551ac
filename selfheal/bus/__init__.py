"""Kafka: the only package that imports its client.

Topics, messages, readers and writers, exactly-once batches, leadership, dead letters, and an
embedded real broker. Import from the modules by name; this file stays empty so that a service
loads only what it uses.
"""
