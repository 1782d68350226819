"""``python -m sphinx_amts.cli``."""

import sys

from sphinx_amts.cli import main

sys.exit(main())
