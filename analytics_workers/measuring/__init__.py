"""What the measures of several services share: numbers, texts and drill-downs, never an axis."""
