"""What the services share: records, model, drift statistics, the bus, telemetry."""
