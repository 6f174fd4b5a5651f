"""Stand-ins for what lies outside a part under test."""
