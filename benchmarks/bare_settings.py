"""The bare list's site: the product's database and processes, without its middleware and its addresses."""

from campus_helpdesk.settings import *  # noqa: F403

MIDDLEWARE = []
ROOT_URLCONF = "benchmarks.bare_list"
