"""Settings of the baseline list: the product's database and processes, without its middleware and URLs."""

from campus_helpdesk.settings import *  # noqa: F403

MIDDLEWARE = []
ROOT_URLCONF = "benchmarks.baseline_list"
