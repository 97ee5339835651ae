"""Kaiin's plugins, one folder each. See plugins/README.md for how to write one."""
