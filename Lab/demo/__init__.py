"""The demo: Poise on loopback, without IPVS, beside the same servers with weights set once."""
