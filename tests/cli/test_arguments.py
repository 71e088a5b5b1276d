import pytest

from crmkit.arguments import arguments
from crmkit.crms.peepl import Peepl
from crmkit.endpoint import Endpoint
from crmkit.errors import ParameterError
from crmkit.params import Param

ODD = Endpoint(
    "/odd/{bucket}/{name}",
    "A row with every kind of parameter.",
    (),
    "a test",
    path_params=(Param("bucket", "Filled by the client."), Param("name", "A name.")),
    params=(
        Param("size", "A number.", kind="integer"),
        Param("price", "A number.", kind="number"),
        Param("open", "A flag.", kind="flag"),
        Param("tags", "Several.", several="repeat"),
        Param("shape", "JSON.", kind="json"),
        Param("fields", "A map.", kind="integer", several="map", wire="fields[{}]"),
    ),
)


@pytest.mark.parametrize(
    ("words", "args", "kwargs"),
    [
        (["Jansen"], ["Jansen"], {}),
        (["007"], ["007"], {}),
        (["a", "size=7", "price=1.5"], ["a"], {"size": 7, "price": 1.5}),
        (["open=TRUE"], [], {"open": True}),
        (["open=perhaps", "size=big"], [], {"open": "perhaps", "size": "big"}),
        (["tags=a", "tags=b"], [], {"tags": ["a", "b"]}),
        (["tags=a=b"], [], {"tags": "a=b"}),
        (["tags="], [], {"tags": ""}),
        (['shape={"a": [1]}'], [], {"shape": {"a": [1]}}),
        (["fields.x=1", "fields.y=2"], [], {"fields": {"x": 1, "y": 2}}),
        (["name=x", "name=y"], [], {"name": ["x", "y"]}),
        (["unheard=1"], [], {"unheard": "1"}),
        (["size=7", "a"], ["a"], {"size": 7}),
    ],
)
def test_words_become_arguments(words: list[str], args: list[object], kwargs: dict[str, object]) -> None:
    assert arguments(ODD, {"bucket": "b"}, words) == (args, kwargs)


def test_ids_become_whole_numbers_and_variants_are_known() -> None:
    assert arguments(Peepl.attendance, {}, ["7404", "status=A"]) == ([7404], {"status": "A"})
    assert arguments(Peepl.activities, {}, ["start=2024-01-01"]) == ([], {"start": "2024-01-01"})


@pytest.mark.parametrize(("word", "option"), [("limit=5", "--limit"), ("allow_partial=true", "--allow-partial")])
def test_common_arguments_are_options(word: str, option: str) -> None:
    with pytest.raises(ParameterError, match=option):
        arguments(ODD, {}, [word])
