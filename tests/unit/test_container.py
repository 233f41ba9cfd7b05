"""Dockerfile and compose.yaml, as far as they can be checked where no container can be built."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from app.config import load_settings

ROOT: Final = Path(__file__).resolve().parents[2]
IMAGE: Final = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
OURS: Final[dict[str, Any]] = COMPOSE["services"]["dutchbook"]
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
WHEEL: Final[dict[str, Any]] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]


def said(word: str) -> list[list[str]]:
    return [line.split() for line in re.findall(rf"^{word} (.+)$", IMAGE, re.MULTILINE)]


def copied() -> set[str]:
    return {name for words in said("COPY") if "--from=build" not in words for name in words[:-1]}


def test_what_is_copied_is_there_and_is_the_whole_program() -> None:
    assert [name for name in copied() if not (ROOT / name).exists()] == []
    needed = {*WHEEL["packages"], *WHEEL["force-include"], PROJECT["project"]["readme"]}
    assert needed | {"pyproject.toml", *PROJECT["project"]["license-files"]} <= copied()


def test_only_what_is_copied_is_shown_to_the_builder() -> None:
    first, *others = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    shown = {line[1:].rstrip("/") for line in others if line.startswith("!")}
    assert first == "*"
    assert shown == {name.split("/")[0] for name in copied()}


def test_its_python_is_that_of_the_locks() -> None:
    (oldest,) = re.findall(r"^>=(\d+\.\d+)$", PROJECT["project"]["requires-python"])
    assert {words[0] for words in said("FROM")} == {f"python:{oldest}-slim"}
    assert f"--python-version $${{for:-{oldest}}}" in (ROOT / "Makefile").read_text("utf-8")
    assert f"{sys.version_info.major}.{sys.version_info.minor}" >= oldest


def test_all_but_our_own_wheel_is_installed_by_its_hash() -> None:
    steps = [step for words in said("RUN") for step in " ".join(words).split("&&")]
    installs = [step for step in steps if " install " in step and "/pip" in step]
    locks = re.findall(r"-r (\S+)", " ".join(installs))
    assert len(installs) == 3
    for step in installs:
        own = "--no-index --no-deps /wheels/" in step
        assert own != ("--require-hashes" in step), step
    for lock in locks:
        text = (ROOT / lock).read_text("utf-8")
        pins = re.findall(r"^[\w.\[\]-]+==\S+.*$", text, re.MULTILINE)
        assert pins
        assert all(pin.endswith("\\") for pin in pins), lock


def test_the_lock_of_the_image_is_the_runtime_and_what_postgresql_needs() -> None:
    def pins(name: str) -> set[str]:
        text = (ROOT / f"requirements/{name}.txt").read_text("utf-8")
        return set(re.findall(r"^[\w.-]+==[\w.]+", text, re.MULTILINE))

    assert pins("runtime") < pins("postgres")
    more = {pin.split("==")[0] for pin in pins("postgres") - pins("runtime")}
    assert more == {"psycopg", "psycopg-binary"}
    assert pins("postgres") - pins("runtime") <= pins("dev")


def test_the_program_is_nobody_in_particular_and_can_write_to_its_volume_alone() -> None:
    (user,) = said("USER")
    assert OURS["user"] == user[0]
    assert f"--uid {user[0].split(':')[0]} " in IMAGE
    assert OURS["read_only"] is True
    assert OURS["cap_drop"] == ["ALL"]
    assert OURS["security_opt"] == ["no-new-privileges:true"]
    written = [each.split(":")[1] for each in OURS["volumes"] if not each.endswith(":ro")]
    assert written == [OURS["environment"]["DUTCHBOOK_DATA_DIR"]] == said("VOLUME")[0]


def test_the_variables_are_settings_that_the_program_takes_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in OURS["environment"].items():
        monkeypatch.setenv(name, value)
    empty = tmp_path / "config.yaml"
    empty.write_text("{}\n")
    settings = load_settings(empty)
    assert settings.mode == "dry_run"
    assert str(settings.folder) == OURS["environment"]["DUTCHBOOK_DATA_DIR"]
    assert settings.web.token_file is not None
    assert f"127.0.0.1:{settings.metrics_port}/metrics" in IMAGE
    assert OURS["ports"] == [f"127.0.0.1:{settings.web.port}:{settings.web.port}"]
    assert settings.web.public_url == f"http://127.0.0.1:{settings.web.port}"


def test_no_secret_stands_in_either_file_and_git_takes_none() -> None:
    texts = IMAGE + (ROOT / "compose.yaml").read_text("utf-8")
    assert not re.search(r"postgres(ql)?://|PRIVATE KEY|hooks\.slack|[0-9a-f]{40}", texts)
    for service in COMPOSE["services"].values():
        for name, value in service["environment"].items():
            if re.search("PASSWORD|TOKEN|KEY|URL_FILE", name):
                assert name.endswith("_FILE"), name
                assert value.startswith(("/keys/", "/run/secrets/")), name
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"database_password", "/keys/", "config.yaml"} <= set(ignored)


def test_both_files_say_that_nobody_built_them() -> None:
    assert IMAGE.startswith("# NOT BUILT HERE: where this was written there is no Docker daemon.")
    assert (ROOT / "compose.yaml").read_text("utf-8").startswith("# NOT RUN HERE")
