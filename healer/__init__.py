"""The healer: joins labels, detects drift, makes, gates, publishes and watches adapters."""
