"""Each server answers real PyMongo, shared or not, and stops when the last user has gone."""

from typing import Any

from pymongo import AsyncMongoClient, MongoClient

from tests.mongodb_servers.server import MongoServer


def test_what_was_inserted_is_found(mongodb_url: str) -> None:
    with MongoClient[dict[str, Any]](mongodb_url) as client:
        people = client.get_default_database()["people"]
        people.insert_many([{"_id": n, "name": f"name {n}"} for n in range(3)])
        assert people.find_one({"_id": 1}) == {"_id": 1, "name": "name 1"}
        assert people.count_documents({"_id": {"$gt": 0}}) == 2


async def test_the_asynchronous_client_is_answered_too(mongodb_url: str) -> None:
    async with AsyncMongoClient[dict[str, Any]](mongodb_url) as client:
        people = client.get_default_database()["people"]
        await people.insert_one({"_id": 1})
        assert await people.find({}).to_list() == [{"_id": 1}]


def test_each_test_has_a_database_of_its_own(mongodb_server: MongoServer, mongodb_url: str) -> None:
    with MongoClient[dict[str, Any]](mongodb_url) as client:
        assert client.get_default_database()["people"].find_one() is None
    assert mongodb_url.startswith(mongodb_server.uri.partition("/?")[0].rstrip("/"))
