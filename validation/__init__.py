"""Cases whose answer is known from outside, run through the program; ``docs/validation.md`` is written from them."""
