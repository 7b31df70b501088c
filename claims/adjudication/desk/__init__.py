"""The newsroom's desk: one writer, a second editor, a sign-off and a published link, after a newsroom's own way."""
