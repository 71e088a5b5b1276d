"""Frames of a demo, as crmkit's clients fetch them, and how far the matcher is from the demo's truth."""

from contextlib import contextmanager

import crmkit


@contextmanager
def organisation(seed, people):
    """Five frames by system, and who is who: person_id by system and record id. A record of nobody known is a person of its own."""
    with crmkit.demo.start(seed=seed, people=people) as demo:
        yield fetched(demo), identities(demo)


def fetched(demo):
    beeple, sheepcrm = demo.beeple(), demo.sheepcrm()
    segments = sheepcrm.segments_all()
    [everybody] = segments.loc[segments["name"] == "Alle personen", "uid"]
    return {
        "peepl": demo.peepl().contacts(),
        "beeple": beeple.collaborators(beeple.collaborator_list()["id"]),
        "sheepcrm": sheepcrm.segment_records(everybody),
        "missionhub": demo.missionhub().people(include=["email_addresses", "phone_numbers", "addresses"]),
        "onepagecrm": demo.onepagecrm().contacts(),
    }


def identities(demo):
    table = demo.truth["identities"]
    people = [person if isinstance(person, str) else f"nobody {line}" for line, person in enumerate(table["person_id"])]
    return dict(zip(zip(table["crm"], table["record_id"], strict=True), people, strict=True))


def compared(result, truth):
    """Precision and recall of pairs within a system and across systems, and how many clusters hold several people."""
    table = result.clusters
    table = table.assign(true=[truth[key] for key in zip(table["system"], table["id"], strict=True)])
    within = [_pairs(table, [*names, "system"]) for names in (["person"], ["true"], ["person", "true"])]
    everywhere = [_pairs(table, names) for names in (["person"], ["true"], ["person", "true"])]
    across = [whole - part for whole, part in zip(everywhere, within, strict=True)]
    mixed = table[~table["true"].str.startswith("nobody")].groupby("person")["true"].nunique()
    return {"within": within, "across": across, "mixed": int((mixed > 1).sum())}


def _pairs(table, names):
    sizes = table.groupby(names).size()
    return int((sizes * (sizes - 1) // 2).sum())


def precision(counts):
    found, _, right = counts
    return right / found if found else 1.0


def recall(counts):
    _, true, right = counts
    return right / true if true else 1.0
