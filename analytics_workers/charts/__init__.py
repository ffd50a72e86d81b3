"""Shared by the charts of several services: axes only, no counting."""
