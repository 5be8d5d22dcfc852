"""The page on deployment: what it shows is run, as far as it says."""

from __future__ import annotations

import http.client
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

import kg
from kg.serve.limits import Limits
from tests.conftest import ROOT
from tests.engines import free_port
from tests.serving import Answer, Server, serving
from tests.test_hosts import _place, _running

TEXT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
_AROUND = """
user root;
daemon off;
pid {place}/pid;
error_log {place}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi;
    uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
{block}
}}
"""
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def _block(name: str) -> str:
    [found] = re.findall(rf"<!-- {name} -->\n```\w+\n(.*?)```", TEXT, re.DOTALL)
    assert isinstance(found, str)
    return found


@contextmanager
def _behind_nginx(server: Server) -> Iterator[int]:
    """The page's nginx in front of a server; its port."""
    binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if binary is None:
        pytest.skip("nginx is not installed (Debian: nginx)")
    port = free_port()
    block = _block("nginx").replace("listen 80;", f"listen 127.0.0.1:{port};").replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")
    assert f":{port};" in block and f":{server.port};" in block
    with _place() as place:
        config = place / "nginx.conf"
        config.write_text(_AROUND.format(place=place, block=block), encoding="utf-8")
        with _running([binary, "-p", str(place), "-c", str(config), "-e", str(place / "error.log")], port, place / "out.log"):
            yield port


def _ask(port: int, path: str, client: str = "127.0.0.1", body: str | None = None, **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(client, 0))
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("POST" if body is not None else "GET", path, body.encode() if body is not None else None, sent)
        response = connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    finally:
        connection.close()


def test_nginx_passes_on_what_is_answered(release: kg.Release) -> None:
    """Status, headers and bytes are the server's, also of a 304 and of a large form; health is not for the world."""
    with serving(release.path, "--workers", "1", "--proxy", "127.0.0.1") as server, _behind_nginx(server) as port:
        for path in ("/", "/disease/MONDO_0010626", "/disease/MONDO_0010626.ttl", "/rarefacts.nq", "/nothing", "/sparql"):
            for encoding in ("identity", "gzip"):
                direct, through = server.ask(path, Accept_Encoding=encoding), _ask(port, path, Accept_Encoding=encoding)
                assert (through.status, through.body) == (direct.status, direct.body)
                dropped = {"date", "server", "connection"}
                assert {k: v for k, v in through.headers.items() if k not in dropped} == {
                    k: v for k, v in direct.headers.items() if k not in dropped
                }
        etag = server.ask("/rarefacts.nq").headers["etag"]
        assert _ask(port, "/rarefacts.nq", If_None_Match=etag).status == 304
        form = "query=" + quote("ASK {} #" + "é" * (Limits().query_bytes // 2 - 10))
        assert len(form) > 150_000
        assert _ask(port, "/sparql", body=form, Content_Type="application/x-www-form-urlencoded").status == 200
        assert _ask(port, "/-/health").status == 200 and _ask(port, "/-/health", "127.0.0.9").status == 403


def test_clients_are_told_apart_behind_a_proxy(release: kg.Release) -> None:
    """Each client behind the proxy has a budget of its own, whoever it says it is; in the log stands its address."""
    options = ("--workers", "1", "--timeout", "1", "--budget", "0.5", "--proxy", "127.0.0.1")
    with serving(release.path, *options) as server, _behind_nginx(server) as port:
        direct = {"Content_Type": "application/sparql-query"}
        assert _ask(port, "/sparql", "127.0.0.2", RUNAWAY, **direct).status == 503
        assert _ask(port, "/sparql", "127.0.0.2", "ASK {?s ?p 1}", **direct).status == 429
        assert _ask(port, "/sparql", "127.0.0.2", "ASK {?s ?p 2}", X_Forwarded_For="192.0.2.7", **direct).status == 429
        assert _ask(port, "/sparql", "127.0.0.3", "ASK {?s ?p 3}", **direct).status == 200
    assert [json.loads(line)["client"] for line in server.log] == ["127.0.0.2"] * 3 + ["127.0.0.3"]


@pytest.mark.parametrize(("proxy", "believed"), [(("--proxy", "127.0.0.1"), True), (("--proxy", "192.0.2.1"), False), ((), False)])
def test_only_the_proxy_is_believed(proxy: tuple[str, ...], believed: bool, release: kg.Release) -> None:
    """X-Forwarded-For and X-Forwarded-Proto count where they come from the proxy that is named, and from nobody else."""
    with serving(release.path, "--workers", "1", *proxy) as server:
        answer = server.ask("/reconcile", X_Forwarded_For="192.0.2.7", X_Forwarded_Proto="https")
        other = server.ask("/reconcile", client="127.0.0.2", X_Forwarded_For="192.0.2.7", X_Forwarded_Proto="https")
    urls = [json.loads(each.body)["view"]["url"] for each in (answer, other)]
    assert [url.partition(":")[0] for url in urls] == ["https" if believed else "http", "http"]
    assert [json.loads(line)["client"] for line in server.log] == ["192.0.2.7" if believed else "127.0.0.1", "127.0.0.2"]


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    """systemd finds nothing wrong with the unit, and little that it could do to the machine; its command is one that we have."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed (Debian: systemd)")
    text = _block("systemd")
    [command] = re.findall("(?m)^ExecStart=(.*)$", text)
    _known(shlex.split(command)[1:])
    unit = tmp_path / "rarefacts.service"
    unit.write_text(text.replace("/opt/rarefacts/.venv/bin/kg", sys.executable).replace("User=rarefacts\n", ""), encoding="utf-8")
    said = subprocess.run([analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)
    assert said.returncode == 0 and unit.name not in said.stderr, said.stderr
    rate = [analyze, "security", "--offline=yes", "--threshold=20", "--no-pager", str(unit)]
    rating = subprocess.run(rate, capture_output=True, text=True, check=False)
    assert rating.returncode == 0, rating.stdout
    unit.write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
    assert subprocess.run(rate, capture_output=True, check=False).returncode != 0, "a unit without any of this is told apart"


def test_the_containers_commands_run(data: Path, tmp_path: Path) -> None:
    """Its Python is one that we support, its build makes a release, and its command is one that we have."""
    lines = [line.partition(" ") for line in _block("containerfile").splitlines()]
    assert [word for word, _, _ in lines] == ["FROM", "COPY", "RUN", "RUN", "USER", "RUN", "EXPOSE", "STOPSIGNAL", "CMD"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [wanted] = re.findall(r">=(3\.\d+)", project["requires-python"])
    assert f"python:{wanted}-slim" in lines[0][2]
    install, _, build = (rest for word, _, rest in lines if word == "RUN")
    assert install == "pip install --no-cache-dir -c /src/requirements.lock /src" and (ROOT / "requirements.lock").is_file()
    command = build.replace("/src/data", str(data)).replace("/srv/rarefacts", str(tmp_path))
    done = subprocess.run(_kg(shlex.split(command)[1:]), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    served = [each.replace("/srv/rarefacts", str(tmp_path)) for each in json.loads(lines[-1][2])]
    assert Path(served[2]).resolve().is_dir()
    _known(served[1:])


def _kg(arguments: list[str]) -> list[str]:
    return [sys.executable, "-c", "from kg.cli import main; main(prog_name='kg')", *arguments]


def _known(arguments: list[str]) -> None:
    """That kg has the sub-command with these options."""
    said = subprocess.run(_kg([arguments[0], "--help"]), capture_output=True, text=True, check=True).stdout
    assert all(option in said for option in arguments if option.startswith("--"))
