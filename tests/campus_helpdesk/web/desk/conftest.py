"""The broker of the gateway's tests, for pages that request analyses."""

from tests.support.brokers import broker_at, valkey

__all__ = ["broker_at", "valkey"]
