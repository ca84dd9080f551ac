"""Names and set-up of the topics."""

from selfheal.bus.topics import Topics


def test_every_topic_carries_the_prefix():
    assert all(spec.name.startswith("cards.") for spec in Topics("cards.").specs())


def test_the_registry_and_the_commands_have_one_partition_whatever_the_rest_has():
    partitions = {spec.name: spec.partitions for spec in Topics().specs(partitions=12)}

    assert partitions["transactions"] == partitions["predictions"] == partitions["feedback"] == 12
    assert partitions["adapters"] == partitions["control"] == 1


def test_only_the_registry_is_compacted():
    assert [spec.name for spec in Topics().specs() if spec.is_compacted] == ["adapters"]


def test_a_dead_letter_may_be_larger_than_its_original():
    limits = {spec.name: int(spec.config.get("max.message.bytes", 0)) for spec in Topics().specs()}

    assert limits["transactions.dlq"] > 1_048_588  # what Kafka takes in a topic by default
    assert limits["feedback.dlq"] > 1_048_588
