"""`manage.py up`: a whole installation on one machine, until Ctrl-C. It loads no Django, so it is up at once itself.

up.py          the command: prepare, start web server, worker and beat, wait until they are well, say so
preparing.py   runs `manage.py prepare`, and remembers for what state of the code that was done
addresses.py   where it listens, and how others reach it
"""
