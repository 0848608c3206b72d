"""The takes index: `index.db`, a pure fold of events into rows, and what can be asked of it."""
