"""Where the program keeps what it must remember: one SQLite file in the data folder."""
