#!/usr/bin/env python3
"""python3 manage.py up | test | any other Django command. Python 3.11 is all that has to be there."""

import os
import sys


def main() -> None:
    from annotator import bootstrap

    bootstrap.enter(sys.argv)
    if sys.argv[1:2] == ["up"]:  # it loads no Django, so that what it starts has both cores at once
        from annotator.launching import up

        sys.exit(up.main(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
    from annotator import command_line

    command_line.execute(sys.argv)


if __name__ == "__main__":
    main()
