"""Fixtures of the browser, as the page tests use them."""

from tests.support.browser import (  # noqa: F401 - fixtures and a hook
    browse,
    browser_context_args,
    browser_errors,
    browser_type_launch_args,
    enter,
    pytest_runtest_setup,
    site,
)
