"""Contact forms: forms that the owner builds, an inbox, and leads from every sender."""
