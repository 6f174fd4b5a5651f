"""The pages under attack: every route, by every role, with every trick in the book."""
