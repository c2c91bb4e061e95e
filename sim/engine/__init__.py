"""Two engines, one meaning: `process` is read and explained, `kernel` is fast."""
