"""Fixtures of the scenarios: `services` once a run, `instance` once a test, `new_instance` for settings of one's own."""
import shutil
import tempfile
import pathlib

import pytest

from instance import Instance
from services import Services


@pytest.fixture(scope="session")
def services():
    # A short path outside pytest's own: a socket's name has room for 107 bytes, and the server's user must reach it.
    var = pathlib.Path(tempfile.mkdtemp(prefix="munim-test-"))
    var.chmod(0o755)
    parts = Services(var)
    try:
        parts.start()
        yield parts
    finally:
        parts.stop()
        link = var / "postgres"
        if link.is_symlink():
            shutil.rmtree(link.resolve(), ignore_errors=True)
        shutil.rmtree(var, ignore_errors=True)


@pytest.fixture
def new_instance(services, tmp_path, request):
    """A function that makes an instance with settings of its own; nothing is started yet."""
    made = []

    def make(settings=None):
        path = tmp_path / f"munim{len(made)}"
        path.mkdir()
        made.append(Instance(services, path, settings))
        return made[-1]

    yield make
    for one in made:
        if getattr(request.node, "failed", False):
            for name in one.processes:
                print(f"---- the end of {name}'s log\n{one.tail(name)}")
        one.end()


@pytest.fixture
def instance(new_instance):
    """A whole munim, every process ready."""
    return new_instance().start()


@pytest.fixture(scope="module")
def module_instances(services, tmp_path_factory):
    """As new_instance, for what all tests of a module may share: each test then has customers of its own."""
    made = []

    def make(settings=None):
        made.append(Instance(services, tmp_path_factory.mktemp("munim"), settings))
        return made[-1]

    yield make
    for one in made:
        one.end()


@pytest.fixture
def tails(request):
    """Shows the logs' ends of a shared instance when the test fails: tails(instance) at its beginning."""
    shown = []
    yield shown.append
    if getattr(request.node, "failed", False):
        for one in shown:
            for name in one.processes:
                print(f"---- the end of {name}'s log\n{one.tail(name)}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call" and outcome.get_result().failed:
        item.failed = True
