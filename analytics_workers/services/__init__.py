"""One folder per service: `card.py` describes it, `compute.py` measures and draws.

To add an analysis copy one folder; nothing else lists them.
"""
