"""Typed models of the Jingle family, one module per specification."""
