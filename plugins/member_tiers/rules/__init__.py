"""Who may read what: rules, the gate's answer, and the tags of parts."""
