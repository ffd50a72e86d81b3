"""What the charts of several services share: axes, never a count."""
