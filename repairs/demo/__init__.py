"""The demo town: invented estates, organisations and people on Licheng's real streets, and a year of their repairs.

Made from a fixed seed; its "today" is the day it is loaded. It writes a finished past in bulk, which is why it does
not go through the verbs: what it writes obeys the same table of moves, constraints and messages (`test_demo.py`).
"""
