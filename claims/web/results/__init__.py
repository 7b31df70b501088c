"""What comes of it: agreement, disputes, reviewers, releases."""
