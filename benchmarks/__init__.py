"""What is claimed about speed, to be run again: `make bench`. Figures are ratios measured in one run."""
