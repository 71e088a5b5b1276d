"""Paths that the document names for writing, or for starting a job although they are read: all of these are refused."""

from __future__ import annotations

_EVENT, _SEGMENT = "/events/v2/<bucket>/booking/<uid>", "/segments/v2/<bucket>/segment/<uid>"
_EXTRAS, _POLICY = "/internal/v2/<bucket>/membership_type/<uid>/extras", "/internal/v2/<bucket>/user_policy"
WRITE_ONLY = (
    f"{_EXTRAS}/<any(additional_field,condition):part>",
    f"{_EVENT}/rebase/<any(tickets,questions):part>",
    "/internal/v2/<bucket>/sync/<partner>/<action>/<data_type>",
    "/internal/v2/system/build/warehouse/<facet>",
    f"{_POLICY}/standard",
    f"{_POLICY}/<uid>/<any(groups,leaders,single):part>",
    "/notifications/v2/<bucket>/task/<uid>/<any(complete,snooze,uncomplete):action>",
    "/segments/v2/<bucket>/create",
    f"{_SEGMENT}/all/<any(pdf,xlsx,sync_mailchimp):job>",
)
