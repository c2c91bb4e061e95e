"""How long activities have taken, from records: durations fitted to finished and unfinished cases alike."""
