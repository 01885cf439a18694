"""The desk for machine clients: what the private socket takes, over the network."""
