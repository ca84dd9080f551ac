"""What people and dashboards see: logs, events, metrics, the monitoring export, plots."""
