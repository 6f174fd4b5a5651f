"""The pages: what parents, children and technicians see, served by a process of its own.

It holds no rights and no file of the household: all it knows comes from the daemon over
one socket, and all it changes goes there. Pages are sent whole and work without script.
"""
