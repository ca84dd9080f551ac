"""Topics on a real broker."""

import pytest

from selfheal.bus.errors import BrokerUnreachable, TopicMissing
from selfheal.bus.settings import BusSettings
from selfheal.bus.topic_admin import create_topics, describe_topics, require_topics
from selfheal.bus.topics import Topics, TopicSpec


def test_created_topics_are_described_without_problems(bus):
    specs = Topics(bus.prefix).specs()

    made = create_topics(bus, specs)

    assert sorted(made) == sorted(spec.name for spec in specs)
    assert [report.problems for report in describe_topics(bus, specs)] == [()] * len(specs)
    assert [report.partitions for report in describe_topics(bus, specs)] == [
        spec.partitions for spec in specs
    ]


def test_creating_topics_twice_makes_nothing_the_second_time(bus):
    specs = Topics(bus.prefix).specs()
    create_topics(bus, specs)

    assert create_topics(bus, specs) == []


def test_the_registry_topic_is_compacted_and_takes_large_records(bus, topics):
    reports = {report.spec.name: report for report in describe_topics(bus, topics.specs())}

    registry = reports[topics.adapters]
    assert registry.partitions == 1
    assert registry.config["cleanup.policy"] == "compact"
    assert registry.config["max.message.bytes"] == str(16 * 1024 * 1024)


def test_describing_names_missing_wrongly_partitioned_and_uncompacted_topics(bus):
    names = Topics(bus.prefix)
    create_topics(bus, [TopicSpec(names.transactions, 3), TopicSpec(names.adapters, 1)])

    reports = {r.spec.name: r for r in describe_topics(bus, names.specs(partitions=6))}

    assert "selfheal topics create" in reports[names.predictions].problems[0]
    assert "3 partition(s), expected 6" in reports[names.transactions].problems[0]
    assert "not compacted" in reports[names.adapters].problems[0]
    assert "max.message.bytes=16777216" in reports[names.adapters].problems[1]


def test_a_missing_topic_is_named_with_the_command_that_makes_it(bus, topics):
    with pytest.raises(TopicMissing, match=r"other.*`selfheal topics create`"):
        require_topics(bus, [topics.transactions, f"{bus.prefix}other"])


def test_an_unreachable_broker_is_reported_in_one_line_within_the_time_allowed():
    nowhere = BusSettings("127.0.0.1:1", timeout_s=1.0)

    with pytest.raises(BrokerUnreachable, match=r"127.0.0.1:1 within 1 s") as caught:
        require_topics(nowhere, ["transactions"])

    assert "\n" not in str(caught.value)
