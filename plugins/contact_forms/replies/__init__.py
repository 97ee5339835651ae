"""Answers to messages, by mail."""
