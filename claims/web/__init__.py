"""Pages. One module a page, grouped as people meet them: account, corpus, work, results. Views read querysets and
call actions; they write nothing themselves."""
