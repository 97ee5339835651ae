"""Kaiin's core. `__version__` is what a plugin's `requires_core` is compared with."""

__version__ = "0.1.0"
