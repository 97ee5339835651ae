"""The demo site: a shop for tea and tableware with a circle of members, made up and the same every time."""
