"""Four questions answered on any CRM that can answer them: segments, attendance, pipelines, coverage."""
