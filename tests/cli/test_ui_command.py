"""The command `ui`: it opens a port of this machine alone, and says what keeps it from doing so."""

import re
import signal
import socket
import subprocess
import sys
import urllib.request

from programs import ENVIRONMENT, PATIENCE, PROGRAM, started

WITHOUT_PAGE = """
import sys
sys.modules["starlette"] = None
from kla_sim.cli import main
main(["ui", "--port", "0"])
"""


def run_ui(*words, folder):
    return subprocess.run(
        [*PROGRAM, "ui", *words], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )  # fmt: skip


def test_a_busy_port_ends_with_code_2_and_another_is_offered(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run_ui("--port", str(port), folder=tmp_path)
    assert ended.returncode == 2
    assert str(port) in ended.stderr
    assert f"--port {port + 1}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_scenario_that_is_not_there_ends_with_code_2(tmp_path):
    ended = run_ui("tidak_ada.yaml", folder=tmp_path)
    assert ended.returncode == 2
    assert "tidak_ada.yaml" in ended.stderr


def test_without_its_extra_the_command_says_how_to_install_it(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_PAGE], cwd=tmp_path, env=ENVIRONMENT, capture_output=True,
        text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert "pip install 'kla_sim[page]'" in ended.stderr


def test_it_listens_on_this_machine_alone_and_stops_with_ctrl_c(tmp_path):
    with started("ui", "--port", "0", "--language", "en", cwd=tmp_path) as process:
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:(\d+)/\?token=[\w-]{30,}", line)
        assert address, line
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(address[0], timeout=PATIENCE) as answer:
            assert 'lang="en"' in answer.read().decode()
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert "Traceback" not in process.stderr.read()
