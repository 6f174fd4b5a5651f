"""Codes into sentences: what a parent, a child of some age, or a technician reads.

Tables of whole sentences, one for each code and reader; times and durations have one
form each, here and nowhere else.
"""
