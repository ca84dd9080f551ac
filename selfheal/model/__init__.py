"""The model: schema, network, adapters, their compiled form, training, metrics, rules, weights."""
