"""Kafka: topics, clients, exactly-once batches, dead letters, the embedded broker."""
