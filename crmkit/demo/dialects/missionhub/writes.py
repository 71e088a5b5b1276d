"""Paths that are documented for writing only; they answer that the method is not allowed."""

WRITE_ONLY = (
    "/auth/thekey",
    "/auth/facebook",
    "/auth/client_token",
    "/organizational_labels/<number>",
    "/answer_sheets/<number>",
    "/interactions",
    "/person_notes",
    "/person_notes/<number>",
    "/contact_assignments",
    "/contact_assignments/<number>",
    "/bulk_people_changes",
)
