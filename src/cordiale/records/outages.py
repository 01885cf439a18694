"""What was done on paper while the node was down, as it stands in the books."""

from typing import Final

OUTAGE_ENTRY: Final = "outage-entry"
