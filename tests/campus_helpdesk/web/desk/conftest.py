"""The broker of the gateway's tests, for pages that ask for analyses."""

from tests.analytics_gateway.conftest import broker_at, valkey

__all__ = ["broker_at", "valkey"]
