"""Every REST call of Kalshi as a value, one file per area; `parts` holds what they share."""
