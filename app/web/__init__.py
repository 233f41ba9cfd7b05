"""The page: what a person sees of a running dutchbook, and the few things to do there."""
