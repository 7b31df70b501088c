"""The shapes of requests and answers. They name fields and types; what may be done is decided by the actions."""
