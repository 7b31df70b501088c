"""Projects, memberships, invitations, reviewers, tokens: who is who."""
