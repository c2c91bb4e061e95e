"""``python -m sim`` does what ``etablera`` does."""

from sim.cli import main

if __name__ == "__main__":
    main()
