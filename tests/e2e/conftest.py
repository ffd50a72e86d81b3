"""A real browser on the running site: one chromium for all tests, fresh cookies and rows for each.

Every page is monitored: a script error, a console error or a violation of the content policy fails the test,
wherever it happens.
"""

from tests.support.browser import (  # noqa: F401 - fixtures and a hook
    browse,
    browser_context_args,
    browser_errors,
    browser_type_launch_args,
    enter,
    pytest_runtest_setup,
    site,
)
