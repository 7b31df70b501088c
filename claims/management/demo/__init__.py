"""The demo: three projects of our own writing, labelled by two invented reviewers through the real actions."""
