"""What each line of an article's text is on the page, and in which language: plain rules, no model."""
