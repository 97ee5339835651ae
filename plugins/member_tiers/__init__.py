"""Member tiers: dated memberships, the points ledger, and the pages that they open."""
