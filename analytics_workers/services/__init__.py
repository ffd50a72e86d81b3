"""One folder per service: `definition.py` describes it, `compute.py` measures and draws.

To add an analysis copy one folder; nothing else lists them.
"""
