"""Answers that come by mail: fetched from a mailbox and put to their messages."""
