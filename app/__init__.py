"""Where a person meets the house: command line, configuration, demo."""
