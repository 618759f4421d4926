"""The host's side of the lab: builds its programs, boots machines, runs scenarios in them."""
