"""When to speak, and what to say."""
