"""The plugin's part of `kaiin demo`: three forms, their messages, and the work on them."""
