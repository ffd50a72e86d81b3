"""The demo campus: two years of made-up reports and conversations."""
