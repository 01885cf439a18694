"""The signed messages between nodes, one type per act of the treaty."""
