"""The element engine: declarations, codec and tree. The only package that imports lxml.

A class of your own needs `Element`, `element`, `attribute` and the other kinds of field from `jinglecodec.xml.fields`,
and the lexical types of `jinglecodec.xml.types`.
"""
