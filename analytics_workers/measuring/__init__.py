"""What the measures of several services share: numbers, words and doors, never an axis."""
