"""Measures the claims about speed: `make bench`. Figures are ratios measured in one run."""
