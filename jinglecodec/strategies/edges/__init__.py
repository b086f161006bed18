"""Inputs at the edges of what is allowed, derived from declarations and tried one after the other, without any chance.

Random inputs find most of what a reader does with a good value and with nonsense. What lies between is unlikely to be
drawn: each word of each line missing, doubled or out of its range; each field of each element; each attribute of STUN
at each length.
"""
