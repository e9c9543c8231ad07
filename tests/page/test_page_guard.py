"""Who is let in: this machine's browser with the printed address, and nobody else."""

import pytest
from page_serving import ORIGIN, PORT, TOKEN, app_of, client_of, question, write_plan
from starlette.testclient import TestClient

COOKIE = f"kla_sim-{PORT}"


@pytest.fixture
def plan(tmp_path):
    return write_plan(tmp_path)


def stranger(plan, **headers):
    return TestClient(app_of(plan), base_url=ORIGIN, headers=headers, follow_redirects=False)


def test_the_token_of_the_address_is_exchanged_for_a_cookie_that_scripts_cannot_read(plan):
    answer = stranger(plan).get(f"/?token={TOKEN}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"{COOKIE}={TOKEN}".lower())
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize(
    "address", ["/", "/?token=", "/?token=kunci", "/static/page.js", "/report/1"]
)
def test_without_the_token_nothing_is_served(plan, address):
    answer = stranger(plan).get(address)
    assert answer.status_code == 403
    assert "ui" in answer.text


def test_a_token_lets_in_at_the_front_door_only(plan):
    assert stranger(plan).get(f"/static/page.js?token={TOKEN}").status_code == 403


def test_a_cookie_of_another_port_opens_nothing(plan):
    client = stranger(plan)
    client.cookies.set("kla_sim-9999", TOKEN)
    assert client.get("/").status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.invalid", f"evil.invalid:{PORT}", "127.0.0.1", "127.0.0.1:80", ""]
)
def test_a_foreign_host_is_refused(plan, host):
    assert client_of(plan).get("/", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}"])
def test_names_of_this_machine_are_let_in(plan, host):
    assert client_of(plan).get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["null", "http://evil.invalid", f"https://127.0.0.1:{PORT}", "http://127.0.0.1:1", ""]
)
@pytest.mark.parametrize("route", ["/", "/odds", "/save", "/run"])
def test_questions_of_other_sites_are_refused(plan, route, origin):
    answer = client_of(plan).post(route, data=question(plan), headers={"origin": origin})
    assert answer.status_code == 403


def test_a_question_without_an_origin_is_refused(plan):
    client = stranger(plan)
    client.cookies.set(COOKIE, TOKEN)
    assert client.post("/odds", data=question(plan)).status_code == 403


def test_every_answer_carries_the_policy_that_runs_nothing_foreign(plan):
    client = client_of(plan)
    for answer in (client.get("/"), client.get("/static/page.js"), stranger(plan).get("/")):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'self';")
        assert "unsafe" not in policy
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_body_beyond_the_cap_is_refused_before_it_is_read(plan):
    answer = client_of(plan).post("/odds", data={**question(plan), "text": "x" * (5 * 1024 * 1024)})
    assert answer.status_code == 413


def test_a_body_without_its_length_is_cut_off_at_the_cap(plan):
    def endless():
        yield b"text="
        for _ in range(80):
            yield b"x" * 100_000

    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = client_of(plan).post("/odds", content=endless(), headers=headers)
    assert answer.status_code == 413


def test_methods_and_roads_that_there_are_not_are_refused(plan):
    client = client_of(plan)
    assert client.get("/odds").status_code == 405
    assert client.get("/nothing").status_code == 404
    assert client.get("/static/../app.py").status_code == 404
    assert client.get("/static/%2e%2e/app.py").status_code == 404


def test_the_script_is_our_own_and_at_most_120_lines(plan):
    client = client_of(plan)
    page = client.get("/").text
    assert page.count("<script") == 1
    assert "style=" not in page
    assert " on" + "click" not in page
    assert len(client.get("/static/page.js").text.splitlines()) <= 120
