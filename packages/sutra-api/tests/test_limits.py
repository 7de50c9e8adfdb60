"""Limits: as many a minute as are allowed, for each client by itself, and told in headers."""

from __future__ import annotations

import pytest
from serving import Serve

from sutra_api.limits import Limits, RateLimitedError

TEXT = {"text": "Oaks are old."}


def test_each_client_and_each_kind_is_counted_by_itself() -> None:
    limits = Limits({"learn": 2, "reason": 1, "free": 0})
    standings = [limits.count("learn", "a") for _ in range(2)]
    assert [each and each.remaining for each in standings] == [1, 0]
    with pytest.raises(RateLimitedError) as error:
        limits.count("learn", "a")
    assert error.value.standing.limit == 2 and 0 < error.value.standing.reset <= 60
    assert limits.count("learn", "b") and limits.count("reason", "a")
    assert limits.count("free", "a") is None and limits.count("other", "a") is None
    limits.set({"learn": 3})
    assert limits.count("learn", "a") and limits.count("reason", "a") is None


def test_who_asks_too_often_is_told_when_to_come_again(serve: Serve) -> None:
    served = serve(rate_limit_learn=2, rate_limit_reason=1)
    answers = [served.client.post("/v1/learn", json=TEXT) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"learn";q=2;w=60'
    assert answers[0].headers["ratelimit"].startswith('"learn";r=1;t=')
    assert answers[2].json()["code"] == "rate_limited" and 0 < int(answers[2].headers["retry-after"]) <= 60
    assert answers[2].headers["ratelimit"].startswith('"learn";r=0;t=')
    assert served.client.post("/v1/search", json={"query": "oaks", "mode": "words"}).status_code == 200
    assert served.as_role("writer").post("/v1/learn", json=TEXT).status_code == 200


def test_no_header_makes_another_client_of_one(serve: Serve) -> None:
    served = serve(rate_limit_learn=1, api_authentication="off")
    assert served.raw.post("/v1/learn", json=TEXT).status_code == 201
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP"):
        answer = served.raw.post("/v1/learn", json=TEXT, headers={name: "203.0.113.9"})
        assert answer.status_code == 429


def test_limits_are_read_anew(serve: Serve) -> None:
    served = serve(rate_limit_learn=1)
    assert served.client.post("/v1/learn", json=TEXT).status_code == 201
    assert served.client.post("/v1/learn", json=TEXT).status_code == 429
    served.service.reload(served.service.config.model_copy(update={"rate_limit_learn": 0}))
    assert served.client.post("/v1/learn", json=TEXT).status_code == 200
