"""The claims about speed, to be measured again: `make bench`. Figures are ratios measured in one run."""
