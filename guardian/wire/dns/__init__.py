"""DNS messages, bytes in and values out; README.md beside this file says which part
does what. Nothing is imported here: the front loads its fast way without the rest.
"""
