"""Automatic machine translation and synchronisation (AMTS) for Sphinx books."""
