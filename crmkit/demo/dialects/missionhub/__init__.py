"""MissionHub, written from the page on its people index and from what its public clients call."""

from crmkit.demo.dialects.missionhub.app import MissionHub

__all__ = ["MissionHub"]
