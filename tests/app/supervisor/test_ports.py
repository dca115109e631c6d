import pytest

from app.errors import CannotStart
from app.supervisor.ports import answers, free_port, listen


def test_a_port_that_listens_answers_and_is_taken():
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]

        assert answers(port)
        with pytest.raises(CannotStart, match=f"port {port}: Address already in use"):
            listen("127.0.0.1", port)


def test_an_address_of_another_machine_cannot_be_listened_on():
    with pytest.raises(CannotStart, match=r"cannot listen on 192\.0\.2\.1"):
        listen("192.0.2.1", 0)


def test_a_free_port_answers_nobody():
    assert not answers(free_port())
