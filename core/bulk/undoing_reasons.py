"""Why an undoing leaves a customer as it is; the names are kept in the table."""

CHANGED_SINCE, GONE = "changed", "gone"
