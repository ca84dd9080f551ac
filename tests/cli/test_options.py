import pytest

from cli.options import bus_settings
from selfheal.bus.errors import BusSettingsError


def test_properties_come_from_the_file_and_the_flag_wins(tmp_path):
    file = tmp_path / "client.properties"
    file.write_text("# secrets\nsasl.password=a=b\nlinger.ms = 5\n\n")

    settings = bus_settings("broker:9092", "cards.", ["linger.ms=7"], file)

    assert settings.properties == {"sasl.password": "a=b", "linger.ms": "7"}
    assert (settings.bootstrap, settings.prefix) == ("broker:9092", "cards.")


def test_property_without_a_value_is_refused_without_repeating_it(tmp_path):
    file = tmp_path / "client.properties"
    file.write_text("linger.ms=5\nhunter2\n")

    with pytest.raises(BusSettingsError, match=r"client\.properties: no\. 2 is not") as refused:
        bus_settings("broker:9092", "", None, file)

    assert "hunter2" not in str(refused.value)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(BusSettingsError, match=r"nowhere: cannot be read"):
        bus_settings("broker:9092", "", None, tmp_path / "nowhere")
