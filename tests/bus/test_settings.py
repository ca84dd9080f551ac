"""Settings, and the client properties made from them."""

import pytest

from selfheal.bus.errors import BusSettingsError
from selfheal.bus.settings import (
    RESERVED,
    BusSettings,
    admin_properties,
    consumer_properties,
    producer_properties,
    transactional_properties,
)
from selfheal.bus.stream_settings import PartitionProgress, StreamSettings

RAW = {"linger.ms": "20", "fetch.min.bytes": "10", "security.protocol": "SASL_SSL"}


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_a_reserved_property_is_refused_with_its_reason(name):
    with pytest.raises(BusSettingsError) as caught:
        BusSettings("localhost:9092", properties={name: "x"})

    assert str(caught.value) == f"{name} cannot be set: {RESERVED[name]}"


def test_an_empty_bootstrap_is_refused():
    with pytest.raises(BusSettingsError, match="host:port"):
        BusSettings("  ")


def test_raw_properties_win_over_measured_defaults():
    settings = BusSettings("localhost:9092", properties=RAW)

    assert producer_properties(settings)["linger.ms"] == "20"
    assert consumer_properties(settings, "g", "earliest")["fetch.min.bytes"] == "10"


def test_each_client_gets_only_the_raw_properties_of_its_kind():
    settings = BusSettings("localhost:9092", properties=RAW)

    assert "fetch.min.bytes" not in producer_properties(settings)
    assert "linger.ms" not in consumer_properties(settings, "g", "earliest")
    assert admin_properties(settings).keys() & RAW.keys() == {"security.protocol"}


def test_consumers_read_committed_records_and_never_commit_by_themselves():
    properties = consumer_properties(BusSettings("localhost:9092"), "g", "earliest")

    assert properties["isolation.level"] == "read_committed"
    assert properties["enable.auto.commit"] is False
    assert properties["enable.auto.offset.store"] is False


def test_producers_are_idempotent_and_place_keys_as_java_clients_do():
    properties = transactional_properties(BusSettings("localhost:9092"), "t", 10_000)

    assert properties["enable.idempotence"] is True
    assert properties["partitioner"] == "murmur2_random"
    assert (properties["transactional.id"], properties["transaction.timeout.ms"]) == ("t", 10_000)


def test_the_newer_group_protocol_gets_no_session_properties():
    settings = BusSettings("localhost:9092", properties={"group.protocol": "consumer"})

    properties = consumer_properties(settings, "g", "earliest")

    assert properties.keys() & {"session.timeout.ms", "heartbeat.interval.ms"} == set()


def test_printing_settings_shows_no_secret():
    settings = BusSettings("localhost:9092", properties={"sasl.password": "hunter2"})

    assert "hunter2" not in f"{settings} {settings!r}"
    assert "sasl.password" in repr(settings)


@pytest.mark.parametrize("interval_s", [0.0, -1.0, 5.1])
def test_a_commit_interval_that_a_transaction_would_not_survive_is_refused(interval_s):
    with pytest.raises(BusSettingsError, match="interval_s"):
        StreamSettings("transactions", "scorers", interval_s=interval_s, transaction_timeout_s=10.0)


def test_lag_is_zero_while_position_or_end_is_unknown():
    assert PartitionProgress(0, position=-1, end=10).lag_records == 0
    assert PartitionProgress(0, position=3, end=-1).lag_records == 0
    assert PartitionProgress(0, position=3, end=10).lag_records == 7
