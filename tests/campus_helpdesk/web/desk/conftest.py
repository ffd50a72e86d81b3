"""The broker of the run, for tests that publish."""

from tests.support.brokers import broker_at, valkey

__all__ = ["broker_at", "valkey"]
