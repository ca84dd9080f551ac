"""`selfheal demo`: the whole system on a real Kafka, from an empty machine to a judged result."""
