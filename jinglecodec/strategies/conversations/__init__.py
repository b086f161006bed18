"""Whole conversations of machines with their peers, which random events alone would hardly ever come to.

Each is played once on the virtual network, and what one machine heard is a script: for another machine of the same
factory it means what it meant for the first. `interruption` makes of it what a network and a hostile peer do.
"""
