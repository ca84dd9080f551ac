"""The project's own figures, measured on a real Kafka broker: each module one measurement."""
