"""What each role may do with the messages of which form, and what it sees of the senders."""
