"""What the charts of several services share: axes only, no counting."""
