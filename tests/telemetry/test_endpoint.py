import socket
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from selfheal.telemetry.endpoint import MetricsServer
from selfheal.telemetry.errors import EndpointError
from selfheal.telemetry.meters import Meters
from selfheal.telemetry.metrics import SCORED


def fine() -> str:
    return ""


def get(server: MetricsServer, path: str, accept: str = "") -> tuple[int, str, str]:
    request = Request(f"http://127.0.0.1:{server.address[1]}{path}", headers={"Accept": accept})
    try:
        with urlopen(request, timeout=5) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except HTTPError as refused:
        return refused.code, refused.headers["Content-Type"], refused.read().decode()


def test_metrics_are_scraped():
    meters = Meters("scorer")

    with MetricsServer(meters, live=fine, ready=fine) as server:
        meters.add(SCORED, 500)
        status, content_type, body = get(server, "/metrics?name=x")

    counts = {
        sample.name: sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }
    assert status == 200
    assert content_type.startswith("text/plain; version=")
    assert counts["selfheal_transactions_scored_total"] == 500.0
    assert counts["process_resident_memory_bytes"] > 0


def test_a_scraper_that_asks_for_openmetrics_gets_it():
    with MetricsServer(Meters("healer"), live=fine, ready=fine) as server:
        _, content_type, body = get(
            server, "/metrics", "application/openmetrics-text;version=1.0.0"
        )

    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith("# EOF\n")


def test_readiness_follows_its_check_and_says_why_not():
    waits = ["the newest version is not loaded yet"]

    with MetricsServer(Meters("scorer"), live=fine, ready=lambda: " ".join(waits)) as server:
        before = get(server, "/ready")
        waits.clear()
        after = get(server, "/ready")
        alive = get(server, "/live")

    assert (before[0], before[2]) == (503, "the newest version is not loaded yet\n")
    assert (after[0], after[2]) == (200, "ok\n")
    assert alive[0] == 200


def test_a_check_that_fails_is_a_fault_that_shows_no_values():
    def broken() -> str:
        raise KeyError("account 4711")

    with MetricsServer(Meters("scorer"), live=broken, ready=fine) as server:
        status, _, body = get(server, "/live")

    assert (status, body) == (503, "the check itself failed: KeyError\n")


def test_another_path_is_not_found():
    with MetricsServer(Meters("scorer"), live=fine, ready=fine) as server:
        assert get(server, "/")[0] == 404


def test_it_listens_on_loopback_unless_told_otherwise():
    with MetricsServer(Meters("scorer"), live=fine, ready=fine) as server:
        assert server.address[0] == "127.0.0.1"


def test_two_servers_get_two_free_ports():
    with (
        MetricsServer(Meters("scorer"), live=fine, ready=fine) as first,
        MetricsServer(Meters("healer"), live=fine, ready=fine) as second,
    ):
        assert first.address != second.address


def test_a_taken_port_is_refused_with_advice():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(EndpointError, match=rf"127\.0\.0\.1:{port}: .*in use.*or 0 for any"):
            MetricsServer(Meters("scorer"), live=fine, ready=fine, port=port).start()


def test_closing_frees_the_port_and_may_be_done_twice():
    server = MetricsServer(Meters("scorer"), live=fine, ready=fine).start()
    port = server.address[1]

    server.close()
    server.close()

    with MetricsServer(Meters("scorer"), live=fine, ready=fine, port=port) as again:
        assert again.address[1] == port
    with pytest.raises(EndpointError):
        _ = server.address
