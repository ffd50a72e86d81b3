"""The browser of the page tests, for hostile texts."""

from tests.support.browser import (  # noqa: F401 - fixtures and a hook
    browse,
    browser_context_args,
    browser_errors,
    browser_type_launch_args,
    enter,
    pytest_runtest_setup,
    site,
)
