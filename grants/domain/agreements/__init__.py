"""Agreements over several years (CPO), and the dossiers that are made from them."""
