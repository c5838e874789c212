"""`python -m crawler`: the worker that the daemon starts; settings and wakes on stdin, changes on stdout.

A `__main__` file, because the extraction process does not import such a one again: it stays free of the database.
"""

from crawler.worker import main

raise SystemExit(main())
