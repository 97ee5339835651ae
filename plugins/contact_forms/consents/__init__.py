"""The ledger of consents."""
