"""What a program took, read from the kernel's books."""

import os

import pytest

from derender.render.worker.accounts import FILES, Accounts

TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture
def books(tmp_path):
    """Makes accounts of books with the given entries."""
    opened = []

    def make(waited_s, ran_s, threads=1, name="python"):
        texts = {
            "schedstat": f"5 {round(waited_s * 1e9)} 7\n",
            "status": f"Name:\t{name}\nThreads:\t{threads}\nSigQ:\t0/1\n",
            "stat": f"1 ({name}) R {'0 ' * 10}{round(ran_s * TICKS) - 100} 100 0 0",
        }
        for each in FILES:
            (tmp_path / each).write_text(texts[each])
        opened.append(Accounts(*(os.open(tmp_path / each, os.O_RDONLY) for each in FILES)))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def test_what_the_machine_kept_waiting_counts_as_waiting(books):
    assert books(waited_s=3, ran_s=2).times(10) == (2, 3)


def test_what_its_own_threads_kept_waiting_does_not(books):
    assert books(waited_s=9, ran_s=10).times(10) == (10, 0)
    assert books(waited_s=9, ran_s=4).times(10) == (4, 6)
    assert books(waited_s=9, ran_s=20).times(10) == (20, 0)


def test_a_name_does_not_falsify_the_books(books):
    assert books(waited_s=1, ran_s=3, threads=9, name="a) R 1 1 (").times(9) == (3, 1)
    assert books(waited_s=1, ran_s=3, threads=9, name="Threads:\t1").threads() == 9


def test_a_process_that_is_gone_took_nothing():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    accounts = Accounts(*(os.open(f"/proc/{pid}/{each}", os.O_RDONLY) for each in FILES))
    os.waitpid(pid, 0)
    assert (accounts.times(1), accounts.threads()) == ((0, 0), 0)
    accounts.close()
