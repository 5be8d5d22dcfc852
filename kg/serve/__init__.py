"""A release over HTTP: the same bytes as on a static host, with content negotiation and a SPARQL endpoint."""
