"""Where the program keeps what it must remember: a SQLite file or a PostgreSQL database."""
