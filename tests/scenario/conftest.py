"""Fixtures of the scenarios: `services` once a run, `instance` once a test, `new_instance` for settings of one's own."""
import shutil
import tempfile
import pathlib

import pytest

pytest.register_assert_rewrite("invariants", "play", "topics")

import invariants  # noqa: E402
from instance import Instance  # noqa: E402
from model_stub import running  # noqa: E402
from services import Services  # noqa: E402


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


@pytest.fixture
def model():
    """A language model that does as it is told, well or badly."""
    yield from running()


@pytest.fixture(scope="module")
def keeper(services, tmp_path_factory):
    """Keeps the module's shared instance from test to test: [] or [it]."""
    kept = []
    yield kept
    for one in kept:
        one.end()


@pytest.fixture
def shared(services, tmp_path_factory, keeper, request):
    """A whole munim that the module's tests share, each with customers of its own; invariants are checked after each.
    The module may have SETTINGS, and prepare(instance), called before the processes start. A test that fails takes the
    instance with it: the next one gets a new one.
    """
    sound = False
    try:
        if not keeper:
            made = Instance(services, tmp_path_factory.mktemp("munim"), getattr(request.module, "SETTINGS", None))
            keeper.append(made)
            getattr(request.module, "prepare", lambda _: None)(made)
            made.start()
        yield keeper[0]
        if not getattr(request.node, "failed", False):
            invariants.check(keeper[0])
            sound = True
    finally:
        while keeper and not sound:
            one = keeper.pop()
            for name in one.processes:
                print(f"---- the end of {name}'s log\n{one.tail(name)}")
            one.end()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call" and outcome.get_result().failed:
        item.failed = True
