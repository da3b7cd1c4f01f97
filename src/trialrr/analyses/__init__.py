"""Kinds of analysis in folders by family, each declared once in the `__init__` of its family.

`base` says what a declaration is, `registry` finds all of them, `stages` carries out what a plan
asks for, `procedure` has what kinds share.
"""
