"""Shared by the measures of several services: numbers, texts and drill-downs, never an axis."""
