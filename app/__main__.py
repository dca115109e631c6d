"""`python -m app`: the Procfile's `web`."""

import sys

from app.supervisor import main

if __name__ == "__main__":
    sys.exit(main())
