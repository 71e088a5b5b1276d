"""One file per CRM: rows, and what the system's sheet says about its transport."""
