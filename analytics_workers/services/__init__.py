"""One folder a service: `card.py` says what it is, `compute.py` measures and draws.

To add an analysis copy one folder; nothing else lists them.
"""
