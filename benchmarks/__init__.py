"""`make bench`: what Kaiin does beside the least that the same machine can do, in one run."""
