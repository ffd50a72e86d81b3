import json

from analytics_gateway.services import describe_services
from analytics_workers.catalogue import SERVICES


def test_services_are_described_as_plain_data():
    services = {service["name"]: service for service in describe_services()}
    assert set(services) == set(SERVICES)
    assert json.loads(json.dumps(services)) == json.loads(json.dumps(services, default=str))
    (period,) = services["unresolved"]["parameters"]
    assert (period["name"], period["kind"], period["default"]) == ("period", "period", "7d")
    kinds = [parameter["kind"] for parameter in services["resolution-time"]["parameters"]]
    assert kinds == ["month", "month", "count"]
    assert services["active-by-category"]["queue"] == "analytics.active-by-category"


def test_each_sentence_names_each_parameter_once():
    for service in describe_services():
        words = service["sentence"] + (service["advanced"]["sentence"] if service["advanced"] else "")
        assert all(words.count(f"{{{parameter['name']}}}") == 1 for parameter in service["parameters"])
