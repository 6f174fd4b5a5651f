"""Not a step: its name says no version."""
